"""The sections of the winery's strategy, as they were first written."""

from agency.sample.strategy_plans import SectionOf

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
        title="Obiettivi di impresa",
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
