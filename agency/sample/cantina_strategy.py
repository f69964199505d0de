"""What the winery wants of its posts, and why: agreed with Piero and Lucia, and changed once where it changes fast."""

from datetime import time

from agency.sample.letters_of_cantina import HANDLE as LETTER
from agency.sample.plans import Picture
from agency.sample.posts_of_cantina import PAGE, PHOTOS, SHOP
from agency.sample.sections_of_cantina import SECTIONS
from agency.sample.strategy_plans import (
    CadenceOf,
    ObjectiveOf,
    OccasionOf,
    RemarkOf,
    RoundOf,
    SavingOf,
    StrategyPlan,
    SuggestionOf,
    When,
)
from approvals.models import Audience

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
