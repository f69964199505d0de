"""What the winery wants of its posts, and why: agreed with Piero and Lucia, and changed once where it changes fast."""

from datetime import time

from agency.sample.cantina import PAGE, PHOTOS, SHOP
from agency.sample.letters_of_cantina import HANDLE as LETTER
from agency.sample.plans import Picture
from agency.sample.strategy_plans import (
    CadenceOf,
    ObjectiveOf,
    OccasionOf,
    RemarkOf,
    RoundOf,
    SavingOf,
    SectionOf,
    StrategyPlan,
    SuggestionOf,
    When,
)
from approvals.models import Audience

EVERGREEN, SEASONAL, VOLATILE = "evergreen", "seasonal", "volatile"

SECTIONS = (
    SectionOf(
        kind="audience",
        title="Chi siamo e a chi parliamo",
        body="""
Una famiglia, sette ettari, una bottega. Facciamo Arneis e Nebbiolo, trentamila bottiglie l’anno, e più della metà le vendiamo noi: al banco, al telefono, dal modulo d’ordine.

![Colline del Roero al tramonto](media:{picture})

Parliamo a tre persone, che in bottega conosciamo per nome:

- **Chi torna.** Viene due o tre volte l’anno, riempie il bagagliaio, porta un amico. Vuole sapere che cosa c’è di nuovo.
- **Chi passa.** È da queste parti per un fine settimana e decide dove fermarsi la sera prima, dal telefono.
- **Chi regala.** Compra due volte l’anno, di vino sa poco e ha paura di sbagliare. Va rassicurato, non istruito.

Non parliamo ai collezionisti, né a chi cerca l’etichetta per la fotografia: c’è chi lo fa meglio di noi.
""",
        why="Chi parla a tutti non parla a nessuno. Le persone che già entrano in bottega dicono a chi somigliano quelle che ancora non entrano.",
        source="Registro della bottega, ultimi due anni; dodici telefonate a clienti che tornano.",
        horizon=EVERGREEN,
        owner="elena",
    ),
    SectionOf(
        kind="goals",
        title="Obiettivi d’impresa",
        body="""
1. **Vendere di più senza intermediari.** Su una bottiglia venduta in bottega restano sei euro in più che su una data al distributore.
2. **Riempire la sala di degustazione nei giorni feriali.** Il sabato è pieno da solo; giovedì e venerdì no.
3. **Far conoscere il Nebbiolo a chi compra l’Arneis.** L’Arneis si vende quasi da solo. Il Nebbiolo va raccontato.

Non vogliamo crescere di ettari, né entrare nella grande distribuzione.
""",
        why="I social servono alla cantina, non la cantina ai social. Se non si sa che cosa deve cambiare alla cassa, nessun numero vuol dire qualcosa.",
        source="Incontro con Piero e Lucia in cantina, con i conti dell’ultimo anno sul tavolo.",
        horizon=SEASONAL,
        owner="marta",
    ),
    SectionOf(
        kind="objectives",
        title="Obiettivi",
        body="""
Contiamo prima quello che arriva in cassa, poi chi ci vede, per ultimo chi ci segue.

Le prenotazioni arrivate dai social oggi non le sa nessuno: da questo mese Lucia chiede «come ci ha trovati?» e lo segna sul registro. Il primo numero vero è quello del secondo mese.
""",
        why="Un obiettivo senza misura è un augurio. Dove il punto di partenza non si conosce, lo scriviamo: inventarlo costa di più.",
        horizon=SEASONAL,
        owner="marta",
    ),
    SectionOf(
        kind="tone",
        title="Tono di voce",
        body="""
Parliamo come Piero al banco: poche parole, un po’ asciutte, con una mezza battuta in fondo. Diamo del tu a chi scrive, del voi quando raccontiamo.

Niente superlativi: il vino è «buono», non «straordinario». Niente punti esclamativi. Il vitigno si scrive maiuscolo, la parola «emozione» non si scrive.

| Così sì | Così no |
| --- | --- |
| Rende poco, e ogni anno qualcuno ci chiede perché non lo togliamo. | Un vigneto unico, frutto di una passione antica. |
| L’Arneis si beve fresco, non gelato. | Lasciati conquistare dalla freschezza del nostro Arneis. |
| Lunedì la bottega resta chiusa. | Ci prendiamo una pausa per ricaricarci e tornare più forti di prima. |
""",
        why="Chi legge un post e poi entra in bottega deve sentire la stessa voce. Se cambia, cerca qualcuno che non c’è.",
        source="Mezza giornata in bottega ad ascoltare; settanta messaggi ai clienti degli ultimi mesi.",
        horizon=EVERGREEN,
        owner="vito",
    ),
    SectionOf(
        kind="pillars",
        title="Filoni",
        body="""
Tre, sempre quelli. Se un’idea non sta in nessuno dei tre, è una buona idea per qualcun altro.

La bottega resta sotto un terzo: chi legge tre inviti a comprare di fila smette di leggere anche il resto.
""",
        why="Tre temi fissi tolgono il «che cosa pubblichiamo oggi?», e fanno riconoscere la cantina anche con il nome coperto.",
        source="I post degli ultimi dodici mesi, letti uno per uno: i più condivisi parlano di vigna e di mestiere.",
        horizon=SEASONAL,
        owner="elena",
    ),
    SectionOf(
        kind="channels",
        title="Canali e ritmo",
        body="""
Tre canali e una lettera, tenuti aperti come si tiene aperta una bottega: meglio poco e sempre che molto e poi silenzio.

La bottega esce una volta la settimana, con quello che c’è e quello che sta per finire.
""",
        why="Un canale muto fa pensare che la cantina abbia chiuso. Le regole dei canali in affitto cambiano: questa parte si rilegge ogni mese.",
        horizon=VOLATILE,
        owner="elena",
    ),
    SectionOf(
        kind="roles",
        title="Ruoli, e chi risponde entro quando",
        body="""
| Che cosa | Chi | Entro |
| --- | --- | --- |
| Domande su orari e disponibilità | Lucia | quattro ore, in orario di bottega |
| Prenotazioni di gruppi | Lucia | la sera stessa |
| Domande tecniche sul vino | Piero | il giorno dopo |
| Reclami e bottiglie difettose | Marta avvisa Piero, Piero telefona | due ore |
| Recensioni, belle e brutte | Vito scrive, Lucia approva | due giorni |

Le foto in vigna le fa Lucia con il telefono; due volte l’anno viene il fotografo. I testi passano da Elena, poi da Marta, poi da Piero.
""",
        why="Chi scrive a una cantina aspetta una risposta come al banco. Il silenzio è la risposta peggiore, e quella che nessuno ha deciso di dare.",
        horizon=SEASONAL,
        owner="marta",
    ),
    SectionOf(
        kind="policy",
        title="Social media policy",
        body="""
- Non mostriamo minorenni con un bicchiere in mano, né chi guida dopo aver bevuto. Mai il vino come rimedio: non fa bene, è buono.
- Chi è riconoscibile in una foto ha detto di sì per iscritto. In vendemmia il foglio si firma il primo giorno.
- I commenti si lasciano, anche quelli storti. Si nascondono insulti, dati personali, pubblicità altrui. Decide Marta, entro la giornata.
- Le bottiglie regalate a chi ne scrive si dichiarano: «omaggio della cantina».
- Dei vicini non si parla male, nemmeno quando se lo meritano.
""",
        why="Una regola scritta prima evita una discussione dopo, con chi lavora qui e con chi commenta.",
        source="Legge 125/2001, art. 13; Codice di autodisciplina della comunicazione commerciale, art. 22 (bevande alcoliche).",
        horizon=SEASONAL,
        owner="marta",
    ),
    SectionOf(
        kind="crises",
        title="Crisi: storia e piano",
        body="""
### È già successo

Due anni fa una partita di tappi difettosi: quaranta bottiglie con la muffa, tre recensioni, una settimana di silenzio. Oggi risponderemmo il primo giorno con il numero del lotto e il cambio in bottega.

### Se succede

1. **Si ferma tutto.** Marta preme «Ferma tutto» in Filo, anche di domenica: con un lotto ritirato in prima pagina non esce un post sul tramonto.
2. **Si telefona.** Prima a Lucia, poi a Piero, poi a Elena.
3. **Si avvisa chi si deve.** Per un lotto: l’ASL e il distributore. Per l’etichetta: il Consorzio e l’ICQRF. Per un infortunio in vigna: lo Spresal, e nessun post.
4. **Si scrive una cosa sola.** Che cosa sappiamo, che cosa stiamo facendo, quando diremo altro. La firma Piero.

Si riprende quando lo dice Piero, cominciando da un post che spiega il silenzio.
""",
        why="Un lotto ritirato non avvisa. Chi sa già chi chiama chi perde un’ora, non un cliente.",
        source="Verbale del richiamo di due anni fa; scheda di sicurezza alimentare della cantina.",
        horizon=SEASONAL,
        owner="marta",
    ),
    SectionOf(
        kind="budget",
        title="Budget",
        body="""
| Voce | All’anno |
| --- | --- |
| Studio Filo, dodici mesi | 9.600 € |
| Due giornate di fotografo | 1.400 € |
| Promozione dei post, solo bottega e degustazioni | 1.800 € |
| Bottiglie per gli assaggi in sala | 900 € |

Da parte di Lucia servono tre ore la settimana, scritte nel suo orario. Se l’anno va male, la prima voce a fermarsi è la promozione.
""",
        why="Il tempo di chi lavora è il costo più grande, e quello che non si scrive mai. Scritto, si può decidere.",
        source="Offerta firmata; preventivo del fotografo.",
        horizon=SEASONAL,
        owner="marta",
    ),
    SectionOf(
        kind="calendar",
        title="Calendario delle ricorrenze",
        body="""
Quattro settimane fanno mezzo anno: la vendemmia, le due prima di Natale, quella del Vinitaly. Per ognuna i post sono pronti tre settimane prima, quando in cantina c’è ancora tempo di rispondere.

San Valentino, la festa della mamma e il *black friday* li lasciamo agli altri.
""",
        why="Le settimane che contano sono le stesse ogni anno, e ogni anno arrivano in ritardo.",
        horizon=SEASONAL,
        owner="vito",
    ),
    SectionOf(
        kind="free",
        title="Che cosa è nostro",
        body="""
Pagina, foto e bottega stanno in casa d’altri. Nostri sono il sito, il registro dei clienti e la lettera, che parte due volte al mese.

Ogni post che parla di bottega porta, quando può, a qualcosa di nostro: il modulo d’ordine, il telefono, l’iscrizione alla lettera.
""",
        why="Quando un social cambia le regole, o chiude, quello che resta è quello che possediamo.",
        horizon=EVERGREEN,
        owner="elena",
    ),
)

OBJECTIVES = (
    ObjectiveOf(
        name="Bottiglie vendute senza intermediari",
        measure="Bottiglie uscite dalla bottega e dal modulo d’ordine",
        unit="bottiglie al mese",
        rank="conversion",
        baseline="1260",
        target="1500",
        due=300,
        numbers=("1384", "1340", "1297", "1260"),
        noted="Registro della bottega",
    ),
    ObjectiveOf(
        name="Degustazioni nei giorni feriali",
        measure="Prenotazioni di giovedì e venerdì che dicono di averci trovati sui social",
        unit="prenotazioni al mese",
        rank="conversion",
        target="24",
        due=210,
        numbers=("9",),
        noted="Registro di Lucia, primo mese",
    ),
    ObjectiveOf(
        name="Chi ci vede da vicino",
        measure="Persone raggiunte entro un’ora di strada",
        unit="persone al mese",
        rank="reach",
        baseline="6200",
        target="9000",
        due=300,
        numbers=("7450", "6900", "6350"),
        noted="Statistiche della pagina",
    ),
    ObjectiveOf(
        name="Iscritti alla lettera",
        measure="Indirizzi confermati",
        unit="iscritti",
        rank="followers",
        baseline="0",
        target="150",
        due=300,
    ),
)

CADENCES = (
    CadenceOf(
        channel=PAGE,
        per_week="3",
        owner="vito",
        reason="È dove ci cerca chi torna: due post di vigna o di cantina e uno di bottega. Quattro non li reggiamo in vendemmia.",
    ),
    CadenceOf(
        channel=PHOTOS,
        per_week="2",
        owner="elena",
        reason="Chi passa sceglie con gli occhi. Due foto belle la settimana; la terza sarebbe di riempimento.",
    ),
    CadenceOf(
        channel=SHOP,
        per_week="1",
        owner="vito",
        reason="Che cosa c’è e che cosa sta per finire: una volta la settimana basta, di più stanca.",
    ),
    CadenceOf(
        channel=LETTER,
        per_week="0.5",
        owner="elena",
        reason="L’unico canale che è nostro. Due lettere al mese: chi si iscrive vuole essere avvisato, non intrattenuto.",
    ),
    CadenceOf(
        name="TikTok",
        reason="Chiede un video al giorno e una faccia che abbia voglia di farlo. Lucia ha provato un mese e ha detto no: ne riparliamo tra un anno.",
    ),
)

OFTENER = CadenceOf(
    channel=SHOP,
    per_week="2",
    owner="vito",
    reason="Con le spedizioni del martedì e del giovedì c’è qualcosa da dire due volte la settimana: lunedì che cosa parte, mercoledì che cosa resta.",
)

OCCASIONS = (
    OccasionOf(
        name="Vendemmia",
        yearly=(9, 10),
        note="Tre settimane in cui tutti sono in vigna: i post si preparano in agosto.",
    ),
    OccasionOf(name="San Martino", yearly=(11, 11), note="Il vino nuovo, le castagne, i contratti di una volta."),
    OccasionOf(name="Natale", yearly=(12, 25), note="I pacchi si ordinano entro il 10. Dopo, solo ritiro in bottega."),
    OccasionOf(
        name="Vinitaly",
        yearly=(4, 12),
        note="Verona. Il banco si divide con il Consorzio: si parla di chi viene a trovarci.",
    ),
    OccasionOf(
        name="Cantine Aperte", yearly=(5, 31), note="L’ultima domenica di maggio: si verifica la data ogni anno."
    ),
    OccasionOf(name="Sabato in cantina", day=2, note="Si resta aperti fino alle 21. Quattro vini, pane e salame."),
    OccasionOf(
        name="Cena con chi torna",
        day=11,
        note="Trenta posti in bottega, su invito: si racconta la mattina dopo, con due foto.",
    ),
)

SUGGESTIONS = (
    SuggestionOf(
        who="lucia",
        kind="audience",
        quote="Viene due o tre volte l’anno, riempie il bagagliaio, porta un amico.",
        words="Viene due o tre volte l’anno, quasi sempre da Torino o dalla Liguria, riempie il bagagliaio e porta un amico.",
        comment="Lo dico dalle targhe nel cortile.",
        when=When(day=-34, at=time(18, 40)),
        settled=When(day=-33, at=time(9, 20)),
        by="elena",
        taken=True,
    ),
    SuggestionOf(
        who="cliente",
        kind="tone",
        quote="Niente superlativi: il vino è «buono», non «straordinario».",
        words="Niente superlativi, tranne che per la Riserva.",
        comment="La Riserva se lo merita.",
        when=When(day=-34, at=time(21, 5)),
        settled=When(day=-33, at=time(9, 35)),
        by="elena",
        reason="Ne abbiamo parlato al telefono: se la Riserva è un’eccezione, tra un mese lo è anche l’Arneis. Della Riserva lo facciamo dire alle guide.",
    ),
    SuggestionOf(
        who="lucia",
        kind="roles",
        quote="quattro ore, in orario di bottega",
        words="la chiusura della bottega",
        comment="Il sabato, con la fila al banco, quattro ore non le ho.",
        when=When(day=-2, at=time(19, 10)),
    ),
)

REMARKS = (
    RemarkOf(
        who="cliente",
        kind="crises",
        quote="Prima a Lucia, poi a Piero",
        text="La domenica Lucia ha i bambini. Mettete prima me.",
        when=When(day=-34, at=time(21, 20)),
        answer=("elena", "Giusto, lo cambio subito."),
        answered=When(day=-33, at=time(9, 50)),
    ),
    RemarkOf(
        who="marta",
        kind="budget",
        text="Il totale è quello dell’offerta firmata, non quello di cui si era parlato a voce. Se Piero lo chiede, rispondo io.",
        audience=Audience.INTERNAL,
        when=When(day=-32, at=time(17, 15)),
    ),
    RemarkOf(
        who="cliente",
        kind="calendar",
        quote="quella del Vinitaly",
        text="Quest’anno il banco lo vorrei da solo. Al Consorzio lo dite voi o ci penso io?",
        when=When(day=-1, at=time(20, 45)),
    ),
)

SAVINGS = (
    SavingOf(
        who="vito",
        kind="tone",
        when=When(day=-36, at=time(11, 10)),
        quote="| Lunedì la bottega resta chiusa. | Ci prendiamo una pausa per ricaricarci e tornare più forti di prima. |",
        words=(
            "| Lunedì la bottega resta chiusa. | Ci prendiamo una pausa per ricaricarci e tornare più forti di prima. |\n"
            "| Ne scartiamo uno su trenta, e lo fa sempre Lucia. | Selezioniamo solo le migliori materie prime. |"
        ),
    ),
    SavingOf(
        who="elena",
        kind="crises",
        when=When(day=-33, at=time(10, 5)),
        quote="Prima a Lucia, poi a Piero, poi a Elena.",
        words="Prima a Piero, poi a Lucia, poi a Elena. La domenica solo a Piero.",
    ),
    SavingOf(
        who="elena",
        kind="channels",
        when=When(day=-12, at=time(10, 30)),
        quote="La bottega esce una volta la settimana, con quello che c’è e quello che sta per finire.",
        words="La bottega passa da una a due uscite la settimana, da quando il corriere parte il martedì e il giovedì. Se dopo due mesi gli ordini non si muovono, si torna a una.",
        cadences=(OFTENER,),
    ),
)

ROUNDS = (
    RoundOf(
        submitted=When(day=-32, at=time(11, 0)),
        remark="La prima versione, con le correzioni di Piero e Lucia.",
        decided=(
            (When(day=-32, at=time(16, 20)), ""),
            (When(day=-31, at=time(10, 15)), ""),
            (When(day=-30, at=time(18, 50)), "Così ci riconosciamo. Sulla Riserva mi avete quasi convinto."),
        ),
    ),
    RoundOf(
        submitted=When(day=-12, at=time(10, 50)),
        remark="Cambia solo il ritmo della bottega: da una a due uscite la settimana.",
        decided=(
            (When(day=-12, at=time(15, 30)), ""),
            (When(day=-11, at=time(19, 5)), "Va bene, per due mesi. Poi guardiamo gli ordini."),
        ),
    ),
)

CANTINA_STRATEGY = StrategyPlan(
    title="La terra prima del prezzo",
    author="elena",
    owner="marta",
    begun=When(day=-38, at=time(10, 30)),
    shared=When(day=-35, at=time(11, 0)),
    picture=Picture(
        scene="hills", palette=0, alt_text="Colline al tramonto, in toni di rosa e di viola, con il sole ancora alto."
    ),
    sections=SECTIONS,
    shares={"Vigna": 40, "Cantina": 35, "Bottega": 25},
    objectives=OBJECTIVES,
    cadences=CADENCES,
    occasions=OCCASIONS,
    counted=When(day=-6, at=time(17, 0)),
    savings=SAVINGS,
    suggestions=SUGGESTIONS,
    remarks=REMARKS,
    rounds=ROUNDS,
)
