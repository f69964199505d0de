"""A regional councillor's page: four steps, a lawyer among them where it matters, addressed with Lei, once stopped as a whole; one channel's outcome is uncertain."""

from agency.sample.plans import (
    ChainPlan,
    ChannelPlan,
    ClientPlan,
    ClosingPlan,
    DeputyPlan,
    Fate,
    Person,
    Picture,
    PillarPlan,
    PostPlan,
    Remark,
    StepOf,
    StopPlan,
)
from approvals.models import Audience, Restart, Rule

PAGE, VALLEY, LIVE = "laura-sandri", "sandri-in-valle", "sandri-in-diretta"

POSTS = (
    PostPlan(
        title="La linea della valle",
        pillar="Treni",
        labels=("numeri",),
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
        title="Le liste d’attesa",
        pillar="Sanità",
        labels=("numeri",),
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
        title="Il ponte sul torrente",
        pillar="Territorio",
        text="Il ponte riapre a senso unico alternato. I lavori finiscono entro due mesi, e li seguiremo settimana per settimana.",
        channels=(PAGE, VALLEY),
        day=-9,
        at="18:00",
        fate=Fate.READY,
        pictures=(Picture(scene="bridge", palette=1, alt_text="Un ponte di pietra a tre arcate sopra un torrente."),),
    ),
    PostPlan(
        title="Festa di paese",
        pillar="Territorio",
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
        title="Dopo la frana",
        pillar="Territorio",
        labels=("emergenza",),
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
        labels=("Legale",),
        text="L’articolo riporta una frase che non ho detto. La registrazione della seduta è pubblica.",
        channels=(PAGE,),
        day=-5,
        at="15:00",
        fate=Fate.CANCELLED,
        passed=2,
        remarks=(Remark("davide", "La redazione ha già rettificato. Non rispondiamo.", Audience.CLIENT, after=2),),
    ),
    PostPlan(
        title="La casa della salute",
        pillar="Sanità",
        text="La casa della salute apre con quattro ambulatori su sei. Ho chiesto un calendario per gli altri due: lo pubblicherò qui.",
        channels=(PAGE,),
        day=-3,
        at="09:00",
        fate=Fate.READY,
        pictures=(Picture(scene="square", palette=3, alt_text="Una piazza con i portici, in pieno giorno."),),
    ),
    PostPlan(
        title="Dopo la seduta",
        pillar="Diretta",
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
        title="Incontro con i pendolari",
        pillar="Treni",
        text=(
            "Mercoledì alle 18, in sala consiliare, incontro i pendolari della linea della valle. Porto le risposte che ho, e anche "
            "le domande a cui nessuno ha ancora risposto."
        ),
        channels=(PAGE, VALLEY),
        day=1,
        at="08:00",
        fate=Fate.REVIEW,
        passed=2,
        pictures=(Picture(scene="square", palette=0, alt_text="La piazza davanti al municipio, al tramonto."),),
        remarks=(
            Remark(
                "elena",
                "«Nessuno ha ancora risposto» è forte: la teniamo?",
                quote="le domande a cui nessuno ha ancora risposto",
                answers=(Remark("marta", "La tiene il portavoce. Se approva lui, per noi va bene."),),
                settled=True,
            ),
            Remark(
                "irene", "La teniamo, anche per Davide. Consigliera, a Lei l’ultima parola.", Audience.CLIENT, after=2
            ),
        ),
    ),
    PostPlan(
        title="Il percorso di tutela, passo per passo",
        pillar="Sanità",
        text="Come si chiede una visita quando la data è troppo lontana: tre passi, un modulo, trenta giorni per la risposta.",
        channels=(PAGE,),
        day=2,
        at="12:30",
        fate=Fate.REVIEW,
        passed=1,
    ),
    PostPlan(
        title="Il ponte, seconda settimana",
        pillar="Territorio",
        text="Seconda settimana di lavori sul ponte: gettate le due spalle, si comincia con l’impalcato. Il cantiere è nei tempi.",
        channels=(PAGE, VALLEY),
        day=3,
        at="18:00",
        fate=Fate.READY,
        pictures=(Picture(scene="bridge", palette=0, alt_text="Il ponte al tramonto, con l’acqua bassa."),),
    ),
    PostPlan(
        title="Le scuole di montagna",
        pillar="Territorio",
        labels=("numeri",),
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
        title="Quanto costa un ritardo",
        pillar="Treni",
        labels=("numeri",),
        text="Un’ora persa al giorno, a 9,50 euro l’ora, fa duemila euro l’anno. Li paga chi lavora, non chi fa gli orari.",
        channels=(PAGE,),
        day=5,
        at="18:00",
        fate=Fate.REVIEW,
        passed=1,
        remarks=(Remark("marta", "C’è una cifra in euro: prima di Davide la vede l’avvocata.", after=1),),
    ),
    PostPlan(
        title="I posti letto dell’ospedale",
        pillar="Sanità",
        text="L’ospedale di valle perde dodici posti letto. Ho chiesto perché, e la risposta la pubblico appena arriva.",
        rewritten="L’ospedale di valle perde dodici posti letto su novanta. Ho chiesto perché: pubblico la risposta appena arriva.",
        channels=(PAGE, VALLEY),
        day=6,
        at="12:30",
        lead=5,
        fate=Fate.AGAIN,
        passed=2,
        wish="Dodici su quanti? Senza il totale il numero non dice niente.",
    ),
    PostPlan(
        title="I numeri del mese",
        pillar="Treni",
        labels=("numeri",),
        text="Corse previste, corse fatte, minuti di ritardo: i numeri del mese in una tabella sola.",
        channels=(PAGE,),
        day=5,
        at="08:00",
        fate=Fate.REVIEW,
    ),
    PostPlan(
        title="Le domande raccolte",
        pillar="Diretta",
        text="Ho letto tutte le vostre domande. Rispondo alle dieci più frequenti, anche a quelle scomode.",
        channels=(PAGE,),
        day=7,
        at="18:30",
        fate=Fate.CHANGES,
        passed=1,
        wish="«Tutte» non è vero: sono trecento. Scriverei «le ho lette quasi tutte», oppure togliamo la frase.",
    ),
    PostPlan(
        title="Auguri ai volontari",
        pillar="Territorio",
        text="Grazie ai volontari dell’ambulanza, che da quarant’anni rispondono prima che qualcuno debba ringraziarli.",
        channels=(PAGE,),
        fate=Fate.READY,
    ),
    PostPlan(
        title="Da verificare: i medici di base",
        pillar="Sanità",
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
    link_code=True,
    author="vito",
    manager="marta",
    people=(
        Person(key="marta", name="Marta Gallo", role="manager"),
        Person(key="elena", name="Elena Riva", role="editor"),
        Person(key="vito", name="Vito Serra", role="author", manager="elena"),
        Person(key="davide", name="Davide Prato", role="approver", domain="laurasandri.example"),
        Person(key="irene", name="Irene Sala", role="approver", domain="laurasandri.example"),
        Person(key="chiara", name="Chiara Monti", role="approver", domain="studiomonti.example"),
        Person(key="laura", name="Laura Sandri", role="approver", domain="laurasandri.example"),
    ),
    pillars=(
        PillarPlan(
            name="Treni",
            why="È l’impegno su cui è stata eletta: ogni mese si deve poter vedere a che punto è.",
        ),
        PillarPlan(
            name="Sanità",
            why="È quello che le chiedono di più. Si spiega come fare, prima di dire di chi è la colpa.",
        ),
        PillarPlan(
            name="Territorio",
            why="Chi abita in valle la incontra di persona: la pagina dice le stesse cose, a chi quel giorno non c’era.",
        ),
        PillarPlan(
            name="Diretta",
            why="Alle domande si risponde in pubblico, anche a quelle scomode.",
        ),
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
    chains=(
        ChainPlan(
            name="Redazione, legale, portavoce, consigliera",
            restart=Restart.REFUSED,
            steps=(
                StepOf(name="Redazione", people=("elena",)),
                StepOf(
                    name="Legale",
                    people=("chiara",),
                    only={"text": ("price", "name"), "labels": ("Legale",)},
                    due_after_hours=8,
                    never_tacit=True,
                ),
                StepOf(name="Portavoce", people=("davide",), due_before_hours=12),
                StepOf(name="Consigliera", people=("laura",), rule=Rule.ALL, four_eyes=True, never_tacit=True),
            ),
        ),
    ),
    hours=("0-4 09:00-19:00", "5-5 09:00-13:00"),
    closings=(ClosingPlan(name="Ferie dell’ufficio", first=21, last=26),),
    watched=("Renzo Bassi", "Ottavia Ferri", "Corriere della Valle"),
    deputies=(DeputyPlan(who="davide", deputy="irene", first=-4, last=5),),
    stop=StopPlan(
        day=-8, at="09:40", hours=6, who="marta", reason="Frana in valle: niente leggerezze finché non si sa di più."
    ),
    posts=POSTS,
)
