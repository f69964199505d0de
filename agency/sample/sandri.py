"""A regional councillor's page: four steps, addressed with Lei, once stopped as a whole; one channel's outcome is uncertain."""

from agency.sample.plans import ChannelPlan, ClientPlan, Fate, Person, Picture, PostPlan, Remark, StepOf, StopPlan
from approvals.models import Audience

PAGE, VALLEY, LIVE = "laura-sandri", "sandri-in-valle", "sandri-in-diretta"

POSTS = (
    PostPlan(
        title="Filone Treni · La linea della valle",
        text=(
            "La linea della valle trasporta duemila persone al giorno, e in due anni ha perso quattro corse. Ho chiesto "
            "all’assessore di dirci quando tornano: la risposta è attesa in aula entro il mese."
        ),
        channels=(PAGE, VALLEY),
        day=-13,
        at="08:00",
        fate=Fate.READY,
        pictures=(
            Picture(
                scene="train", palette=2, alt_text="Un treno con i finestrini accesi attraversa la valle di notte."
            ),
        ),
        remarks=(
            Remark("marta", "Le quattro corse sono nell’orario pubblicato: fonte in cartella.", after=1),
            Remark("davide", "Confermo i numeri. Va bene così.", Audience.CLIENT, after=2),
        ),
    ),
    PostPlan(
        title="Filone Sanità · Le liste d’attesa",
        text=(
            "Undici mesi per una visita oculistica: lo dicono i dati dell’azienda sanitaria, non io. Chi ha una data lontana può "
            "chiedere il percorso di tutela: al mio ufficio spieghiamo come si fa."
        ),
        channels=(PAGE,),
        day=-11,
        at="12:30",
        fate=Fate.READY,
    ),
    PostPlan(
        title="Filone Territorio · Il ponte sul torrente",
        text="Il ponte riapre a senso unico alternato. I lavori finiscono entro due mesi, e li seguiremo settimana per settimana.",
        channels=(PAGE, VALLEY),
        day=-9,
        at="18:00",
        fate=Fate.READY,
        pictures=(Picture(scene="bridge", palette=1, alt_text="Un ponte di pietra a tre arcate sopra un torrente."),),
    ),
    PostPlan(
        title="Filone Territorio · Festa di paese",
        text="Ci vediamo domenica alla festa di San Rocco: il banco dei libri usati è quello di fianco alla banda.",
        channels=(PAGE,),
        day=-8,
        at="11:00",
        fate=Fate.STOPPED,
        remarks=(
            Remark(
                "davide",
                "Dopo la notizia di oggi non si può uscire con la festa. Grazie di avere fermato.",
                Audience.CLIENT,
                afterwards=True,
            ),
        ),
    ),
    PostPlan(
        title="Filone Territorio · Dopo la frana",
        text=(
            "La strada della borgata alta è chiusa. La Protezione civile risponde al numero verde, a ogni ora. Chi è rimasto senza "
            "acqua trova la cisterna in piazza, da stamattina."
        ),
        channels=(PAGE, VALLEY),
        day=-6,
        at="07:30",
        fate=Fate.READY,
    ),
    PostPlan(
        title="Replica al quotidiano",
        text="L’articolo riporta una frase che non ho detto. La registrazione della seduta è pubblica.",
        channels=(PAGE,),
        day=-5,
        at="15:00",
        fate=Fate.CANCELLED,
        passed=2,
        remarks=(Remark("davide", "La redazione ha già rettificato. Non rispondiamo.", Audience.CLIENT, after=2),),
    ),
    PostPlan(
        title="Filone Sanità · La casa della salute",
        text="La casa della salute apre con quattro ambulatori su sei. Ho chiesto un calendario per gli altri due: lo pubblicherò qui.",
        channels=(PAGE,),
        day=-3,
        at="09:00",
        fate=Fate.READY,
        pictures=(Picture(scene="square", palette=3, alt_text="Una piazza con i portici, in pieno giorno."),),
    ),
    PostPlan(
        title="Filone Diretta · Dopo la seduta",
        text="La seduta è finita. Fra poco rispondo qui alle domande arrivate in settimana.",
        channels=(LIVE,),
        day=-1,
        at="18:30",
        fate=Fate.DROPPED,
        remarks=(
            Remark(
                "vito", "Qui non si capisce se è uscito: la rete ha preso il testo e poi è caduta.", afterwards=True
            ),
        ),
    ),
    PostPlan(
        title="Filone Treni · Incontro con i pendolari",
        text=(
            "Mercoledì alle 18, in sala consiliare, incontro i pendolari della linea della valle. Porto le risposte che ho, e anche "
            "le domande a cui nessuno ha ancora risposto."
        ),
        channels=(PAGE, VALLEY),
        day=1,
        at="08:00",
        fate=Fate.REVIEW,
        passed=3,
        pictures=(Picture(scene="square", palette=0, alt_text="La piazza davanti al municipio, al tramonto."),),
        remarks=(
            Remark("elena", "«Nessuno ha ancora risposto» è forte: la teniamo?", after=0),
            Remark("marta", "La tiene il portavoce. Se Davide approva, per noi va bene.", after=1),
            Remark("davide", "La tengo. Consigliera, a Lei l’ultima parola.", Audience.CLIENT, after=3),
        ),
    ),
    PostPlan(
        title="Filone Sanità · Il percorso di tutela, passo per passo",
        text="Come si chiede una visita quando la data è troppo lontana: tre passi, un modulo, trenta giorni per la risposta.",
        channels=(PAGE,),
        day=2,
        at="12:30",
        fate=Fate.REVIEW,
        passed=2,
    ),
    PostPlan(
        title="Filone Territorio · Il ponte, seconda settimana",
        text="Seconda settimana di lavori sul ponte: gettate le due spalle, si comincia con l’impalcato. Il cantiere è nei tempi.",
        channels=(PAGE, VALLEY),
        day=3,
        at="18:00",
        fate=Fate.READY,
        pictures=(Picture(scene="bridge", palette=0, alt_text="Il ponte al tramonto, con l’acqua bassa."),),
    ),
    PostPlan(
        title="Filone Territorio · Le scuole di montagna",
        text="Con diciannove iscritti una scuola chiude, con venti resta. In valle ne mancano due: ne parliamo giovedì con le famiglie.",
        channels=(VALLEY,),
        day=4,
        at="09:00",
        fate=Fate.REVIEW,
        passed=1,
        remarks=(
            Remark("marta", "Verifico il numero minimo con l’ufficio scolastico prima di passarla a Davide.", after=1),
        ),
    ),
    PostPlan(
        title="Filone Treni · I numeri del mese",
        text="Corse previste, corse fatte, minuti di ritardo: i numeri del mese in una tabella sola.",
        channels=(PAGE,),
        day=5,
        at="08:00",
        fate=Fate.REVIEW,
    ),
    PostPlan(
        title="Filone Diretta · Le domande raccolte",
        text="Ho letto tutte le vostre domande. Rispondo alle dieci più frequenti, anche a quelle scomode.",
        channels=(PAGE,),
        day=7,
        at="18:30",
        fate=Fate.CHANGES,
        passed=2,
        wish="«Tutte» non è vero: sono trecento. Scriverei «le ho lette quasi tutte», oppure togliamo la frase.",
    ),
    PostPlan(
        title="Filone Territorio · Auguri ai volontari",
        text="Grazie ai volontari dell’ambulanza, che da quarant’anni rispondono prima che qualcuno debba ringraziarli.",
        channels=(PAGE,),
        fate=Fate.READY,
    ),
    PostPlan(
        title="Filone Sanità · Da verificare: i medici di base",
        text="Quanti medici di base mancano in valle? Appunti: chiedere il dato aggiornato all’ordine, non usare quello dell’anno scorso.",
        channels=(PAGE,),
        day=10,
        at="12:30",
        fate=Fate.DRAFT,
    ),
)

SANDRI = ClientPlan(
    name="Laura Sandri, consigliera regionale",
    slug="laura-sandri",
    colour="#2F5D3A",
    formal=True,
    author="vito",
    manager="marta",
    people=(
        Person(key="marta", name="Marta Gallo", role="manager"),
        Person(key="elena", name="Elena Riva", role="editor"),
        Person(key="vito", name="Vito Serra", role="author"),
        Person(key="davide", name="Davide Prato", role="approver", domain="laurasandri.example"),
        Person(key="laura", name="Laura Sandri", role="approver", domain="laurasandri.example"),
    ),
    channels=(
        ChannelPlan(handle=PAGE, name="Laura Sandri · pagina", cadence="4"),
        ChannelPlan(handle=VALLEY, name="Laura Sandri · in valle", cadence="1"),
        ChannelPlan(
            handle=LIVE,
            name="Laura Sandri · in diretta",
            cadence="1",
            behaviour="drop_after_accept",
            later={"behaviour": "unavailable"},
        ),
    ),
    chain="Redazione, account, portavoce, consigliera",
    steps=(
        StepOf(name="Redazione", role="editor"),
        StepOf(name="Account", people=("marta",)),
        StepOf(name="Portavoce", people=("davide",)),
        StepOf(name="Consigliera", people=("laura",), rule="all"),
    ),
    stop=StopPlan(
        day=-8, at="09:40", hours=6, who="marta", reason="Frana in valle: niente leggerezze finché non si sa di più."
    ),
    posts=POSTS,
)
