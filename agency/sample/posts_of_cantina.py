"""The winery's posts: what is out, what waits, what went wrong, what is still being written."""

from agency.sample.plans import Correction, Fate, Picture, PostPlan, Remark
from approvals.models import Audience

PAGE, PHOTOS, SHOP = "cantina-roero", "cantina-roero-foto", "cantina-roero-bottega"

POSTS = (
    PostPlan(
        title="Il filare del nonno",
        pillar="Vigna",
        objective="Chi ci vede da vicino",
        text=(
            "Il filare in fondo alla collina lo piantò il nonno nel 1961. Rende poco, e ogni anno qualcuno ci chiede perché non "
            "lo togliamo.\n\nPerché quel poco è buono. E perché da lassù, la sera, si vede dove finisce il Roero e cominciano le "
            "Langhe."
        ),
        channels=(PAGE, PHOTOS),
        day=-14,
        at="09:00",
        fate=Fate.READY,
        pictures=(
            Picture(
                scene="hills",
                palette=0,
                alt_text="Colline al tramonto, in toni di rosa e di viola, con il sole ancora alto.",
            ),
        ),
        elsewhere={PHOTOS: "Da lassù si vede dove finisce il Roero e cominciano le Langhe.\n\n#roero #vigna"},
        remarks=(Remark("elena", "Copy bello. Ho tolto «da generazioni»: lo dicono tutti.", after=1),),
    ),
    PostPlan(
        title="Gli orari della sala",
        pillar="Bottega",
        objective="Degustazioni nei giorni feriali",
        labels=("degustazioni",),
        text=(
            "La sala di degustazione è aperta dal giovedì alla domenica, dalle 10 alle 18. Per i gruppi, meglio una telefonata "
            "il giorno prima: così troviamo il tavolo lungo e qualcosa da mettere nel piatto."
        ),
        channels=(PAGE,),
        day=-12,
        at="10:30",
        fate=Fate.READY,
        readers=48,
        correction=Correction(
            text=(
                "La sala di degustazione è aperta dal giovedì alla domenica, dalle 10 alle 19. Per i gruppi, meglio una "
                "telefonata il giorno prima: così troviamo il tavolo lungo e qualcosa da mettere nel piatto."
            ),
            because="L’orario di chiusura era sbagliato: la sala chiude alle 19, non alle 18.",
        ),
    ),
    PostPlan(
        title="Che cosa fa un tappo",
        pillar="Cantina",
        text=(
            "Un tappo buono non si sente. Ne scartiamo uno su trenta, a naso, prima che tocchi una bottiglia. È il lavoro più "
            "noioso della cantina, e lo fa sempre Lucia."
        ),
        channels=(PHOTOS,),
        day=-10,
        at="12:00",
        fate=Fate.READY,
        pictures=(
            Picture(
                scene="bottles",
                palette=2,
                alt_text="Tre bottiglie scure con l’etichetta chiara, in fila su un ripiano.",
            ),
        ),
    ),
    PostPlan(
        title="Erba tra i filari",
        pillar="Vigna",
        text=(
            "Tra un filare e l’altro lasciamo crescere l’erba. Tiene ferma la terra quando piove forte e dà da fare agli insetti, "
            "che così non pensano all’uva."
        ),
        channels=(PAGE, PHOTOS),
        day=-8,
        at="09:00",
        fate=Fate.READY,
        pictures=(
            Picture(
                scene="rows", palette=1, alt_text="Filari di vite che corrono verso l’orizzonte, in una mattina chiara."
            ),
        ),
    ),
    PostPlan(
        title="Quanto riposa il Nebbiolo",
        pillar="Cantina",
        objective="Degustazioni nei giorni feriali",
        labels=("degustazioni",),
        text=(
            "Trentadue mesi in botte grande, poi la bottiglia. Non è pazienza: è che prima non è pronto, e si sente."
        ),
        parts=(
            "Il primo anno il Nebbiolo non dà retta a nessuno: spigoloso, scorbutico. Si assaggia, si sputa e si aspetta.",
            "Il secondo comincia a raccontare. Il terzo lo si ascolta. E poi c’è la bottiglia, che è un’altra storia.",
        ),
        comment="Chi vuole assaggiarlo dalla botte ci scriva: ne apriamo una ogni mese.",
        channels=(PAGE,),
        day=-5,
        at="18:30",
        fate=Fate.BROKEN,
        pictures=(
            Picture(scene="barrels", palette=0, alt_text="Cinque botti accatastate sotto una volta di mattoni."),
        ),
        remarks=(
            Remark("marta", "Trentadue o trentasei? Sul sito c’è scritto trentasei.", after=1),
            Remark("cliente", "Trentadue. Il sito è da correggere, lo dico a chi lo segue.", Audience.CLIENT, after=2),
        ),
    ),
    PostPlan(
        title="Promozione tre per due",
        labels=("prezzi",),
        text="Tre bottiglie al prezzo di due, fino a esaurimento.",
        channels=(PAGE, SHOP),
        day=-4,
        at="10:00",
        fate=Fate.CANCELLED,
        passed=1,
        remarks=(Remark("marta", "Sentito Piero al telefono: niente sconti sul Nebbiolo, mai. Annulliamo.", after=1),),
    ),
    PostPlan(
        title="Pacchi per i regali",
        pillar="Bottega",
        objective="Bottiglie vendute senza intermediari",
        text="Prepariamo i pacchi su misura: due, tre o sei bottiglie, con un biglietto scritto a mano. Da noi o per corriere.",
        channels=(PAGE,),
        day=-3,
        at="17:00",
        fate=Fate.REVIEW,
        passed=2,
        remarks=(
            Remark(
                "marta",
                "Il cliente non ha risposto in tempo. Lo richiamo e scegliamo un’altra uscita.",
                afterwards=True,
            ),
        ),
    ),
    PostPlan(
        title="Chi c’è prima di noi",
        pillar="Vigna",
        text=(
            "Alle sei, in vigna, siamo in ritardo: la volpe è già passata, il merlo ha già detto la sua. Noi arriviamo con il "
            "caffè nel termos e facciamo finta di comandare."
        ),
        channels=(PAGE, PHOTOS),
        day=-2,
        at="09:00",
        fate=Fate.READY,
        pictures=(
            Picture(
                scene="path", palette=1, alt_text="Un sentiero chiaro sale tra le colline, con tre alberi ai lati."
            ),
        ),
        remarks=(
            Remark(
                "elena",
                "Così il merlo ha l’ultima parola prima del caffè.",
                quote="il merlo ha già detto la sua",
                suggestion="il merlo ha già detto tutto quello che pensa",
                taken=True,
            ),
        ),
    ),
    PostPlan(
        title="Spedizioni ferme un giorno",
        pillar="Bottega",
        objective="Bottiglie vendute senza intermediari",
        text="Il corriere oggi non passa. Gli ordini della bottega partono domattina, senza spese in più.",
        channels=(SHOP,),
        in_minutes=0,
        fate=Fate.BEGUN,
    ),
    PostPlan(
        title="La domanda della settimana",
        pillar="Cantina",
        text="Il vino rosso va aperto prima? Il nostro sì, mezz’ora basta. La caraffa serve a chi ha fretta.",
        channels=(PAGE,),
        in_minutes=6,
        fate=Fate.READY,
    ),
    PostPlan(
        title="L’Arneis nel bicchiere giusto",
        pillar="Cantina",
        objective="Chi ci vede da vicino",
        text=(
            "L’Arneis si beve fresco, non gelato: otto, dieci gradi. Il bicchiere è quello che avete in casa, purché non sia "
            "quello del tavolino da campeggio.\n\nChi prova e ci racconta con che cosa l’ha bevuto?"
        ),
        channels=(PAGE, PHOTOS),
        day=1,
        at="18:00",
        fate=Fate.REVIEW,
        passed=2,
        pictures=(
            Picture(scene="glass", palette=3, alt_text="Due calici di vino su un tavolo di legno, in luce calda."),
        ),
        elsewhere={PHOTOS: "Fresco, non gelato. Con che cosa lo bevete?\n\n#arneis #roero"},
        remarks=(
            Remark("elena", "La domanda alla fine funziona. Teniamo la call to action su un canale solo.", after=0),
            Remark("marta", "Il tavolino da campeggio può restare: è il loro tono di voce.", after=1),
            Remark(
                "marta",
                "Piero, ti torna «otto, dieci gradi»? Il resto è come ne avevamo parlato.",
                Audience.CLIENT,
                after=2,
            ),
            Remark(
                "cliente", "I gradi vanno bene. Lo guardo con calma stasera dal telefono.", Audience.CLIENT, after=2
            ),
        ),
    ),
    PostPlan(
        title="Sabato in cantina",
        pillar="Bottega",
        objective="Degustazioni nei giorni feriali",
        occasion="Sabato in cantina",
        labels=("degustazioni", "prezzi"),
        text=(
            "Sabato la cantina resta aperta fino alle 21. Si assaggiano quattro vini, si mangia pane e salame, si sta in piedi. "
            "Dodici euro, il calice resta a voi."
        ),
        channels=(PAGE,),
        day=2,
        at="09:00",
        fate=Fate.READY,
        pictures=(Picture(scene="glass", palette=0, alt_text="Due calici su un tavolo scuro, al tramonto."),),
    ),
    PostPlan(
        title="Lunedì chiusi",
        pillar="Bottega",
        labels=("avviso",),
        text="Lunedì la bottega resta chiusa: facciamo l’inventario, e contiamo anche le bottiglie che non ci sono più.",
        channels=(PAGE, SHOP),
        day=-6,
        at="12:00",
        fate=Fate.READY,
    ),
    PostPlan(
        title="Il numero nuovo",
        pillar="Bottega",
        labels=("avviso",),
        text="Da lunedì la bottega ha un altro numero di telefono. È sul cartello e sul sito; il vecchio squilla ancora un mese.",
        channels=(PAGE,),
        day=4,
        at="12:00",
        fate=Fate.REVIEW,
    ),
    PostPlan(
        title="La potatura spiegata a chi passa",
        pillar="Vigna",
        text="Chi passa sulla strada ci chiede perché tagliamo tanto. Perché la vite, come i bambini, va aiutata a scegliere.",
        channels=(PAGE,),
        day=3,
        at="12:30",
        fate=Fate.REVIEW,
        passed=1,
        remarks=(
            Remark(
                "elena",
                "Marta, «come i bambini» secondo te passa? A me piace.",
                after=1,
                quote="come i bambini",
                answers=(Remark("marta", "Piace anche a me. Se a Piero non va, lo dice lui."),),
            ),
        ),
    ),
    PostPlan(
        title="Una mattina di imbottigliamento",
        pillar="Cantina",
        text="Tremila bottiglie in una mattina, a quattro mani e una macchina del 1988. Il rumore è quello che è, e non lo cambieremmo.",
        channels=(PAGE, PHOTOS),
        day=5,
        at="09:00",
        fate=Fate.REVIEW,
        pictures=(Picture(scene="bottles", palette=3, alt_text="Bottiglie appena riempite, in fila sul banco."),),
    ),
    PostPlan(
        title="I premi",
        pillar="Vigna",
        text="Una guida ci ha dato un premio. Lo diciamo piano, perché il vino è lo stesso di prima.",
        channels=(PAGE,),
        day=6,
        at="18:30",
        fate=Fate.CHANGES,
        passed=2,
        wish="Manca il nome del vino premiato. E il nome di Lucia: il premio è suo.",
        remarks=(Remark("vito", "Aggiungo il vino e Lucia e la ripropongo entro domani.", Audience.CLIENT, after=3),),
    ),
    PostPlan(
        title="Buoni regalo",
        pillar="Bottega",
        objective="Bottiglie vendute senza intermediari",
        text="Chi non sa che vino scegliere può regalare la scelta: i buoni della bottega valgono un anno.",
        channels=(SHOP, PAGE),
        day=8,
        at="10:00",
        fate=Fate.DRAFT,
    ),
    PostPlan(
        title="Perché la chiamiamo Bricco",
        pillar="Vigna",
        text="Bricco vuol dire cima. Da noi ce ne sono sette, e ogni famiglia giura che la più alta è la sua.",
        channels=(PAGE,),
        fate=Fate.READY,
        pictures=(Picture(scene="hills", palette=3, alt_text="Colline dorate a mezzogiorno."),),
    ),
    PostPlan(
        title="Il vino della domenica",
        pillar="Cantina",
        text="La domenica si apre la bottiglia tenuta da parte.",
        rewritten="La domenica si apre la bottiglia tenuta da parte. La nostra è la magnum del 2016: la vostra?",
        channels=(PAGE,),
        day=9,
        at="11:00",
        fate=Fate.EDITED,
    ),
    PostPlan(
        title="Da scrivere: la neve",
        pillar="Vigna",
        text="Quando nevica la vigna dorme. Appunti: chiedere a Piero le foto vecchie, sentire se il vino sotto la neve lo fanno ancora.",
        channels=(PAGE, PHOTOS),
        day=13,
        at="09:00",
        fate=Fate.DRAFT,
    ),
    PostPlan(
        title="Le ultime magnum",
        pillar="Bottega",
        objective="Bottiglie vendute senza intermediari",
        text="Di magnum ne restano undici. Poi si aspetta la prossima vendemmia, e tre anni.",
        channels=(SHOP,),
        fate=Fate.DRAFT,
    ),
    PostPlan(
        title="Quanto dura una bottiglia aperta",
        pillar="Cantina",
        text=(
            "Una bottiglia aperta, con il suo tappo e in frigorifero, regge tre giorni. Il Nebbiolo quattro, e il secondo giorno è "
            "più buono del primo. Quel che resta va nel brasato, e nessuno si offende."
        ),
        channels=(SHOP,),
        day=-190,
        at="18:30",
        fate=Fate.READY,
        readers=64,
        pictures=(Picture(scene="glass", palette=2, alt_text="Due calici su un tavolo, con la luce della sera."),),
    ),
)
