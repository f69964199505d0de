"""Castelmora's tourist office: walks, a market, guests from abroad. The agency's own chain, copied; one channel refuses everything."""

from agency.sample import comune
from agency.sample.plans import (
    ChainPlan,
    ChannelPlan,
    ClientPlan,
    ClosingPlan,
    ConsentPlan,
    Fate,
    LeaverPlan,
    Person,
    Picture,
    PillarPlan,
    PostPlan,
    Remark,
    StepOf,
)
from approvals.models import Audience

PAGE, EVENTS, ABROAD = "castelmora", "castelmora-eventi", "castelmora-estero"

POSTS = (
    PostPlan(
        title="La torre vista da sotto",
        pillar="Borgo",
        text=(
            "La torre ha centotrentadue gradini, e dopo il novantesimo si smette di parlare. In cima si ricomincia.\n\nÈ aperta "
            "tutti i giorni tranne il lunedì, dalle 10 al tramonto."
        ),
        channels=(PAGE,),
        day=-13,
        at="10:00",
        fate=Fate.READY,
        pictures=(
            Picture(
                scene="tower",
                palette=2,
                alt_text="La torre di Castelmora di notte, con due finestre illuminate e la luna.",
            ),
        ),
    ),
    PostPlan(
        title="Il mercato dei contadini",
        pillar="Eventi",
        text="Ogni giovedì mattina, sotto i portici: formaggi, miele, la verdura che c’è. Si arriva a piedi dal parcheggio della stazione.",
        channels=(PAGE, EVENTS),
        day=-11,
        at="18:00",
        fate=Fate.READY,
        pictures=(Picture(scene="market", palette=0, alt_text="Tre banchi di mercato con le tende a righe."),),
    ),
    PostPlan(
        title="Una guida da tenere in tasca",
        pillar="Ospiti",
        text="La mappa del borgo è pronta: quattro percorsi, venti tappe, tutte le fontane. La trovate in ufficio e nelle botteghe.",
        channels=(PAGE, ABROAD),
        day=-9,
        at="11:00",
        fate=Fate.READY,
        elsewhere={
            ABROAD: "La mappa del borgo, con le indicazioni anche in inglese e in tedesco: si ritira in ufficio."
        },
    ),
    PostPlan(
        title="Come si arriva senza automobile",
        pillar="Borgo",
        text="Il treno ferma a Castelmora ogni ora. Dalla stazione al borgo sono dodici minuti a piedi, quasi tutti all’ombra.",
        channels=(PAGE,),
        day=-7,
        at="09:30",
        fate=Fate.READY,
        pictures=(Picture(scene="train", palette=1, alt_text="Un treno chiaro corre ai piedi delle colline."),),
    ),
    PostPlan(
        title="Visite guidate per chi viene da fuori",
        pillar="Ospiti",
        text="Le visite guidate per i gruppi dall’estero si prenotano in ufficio, con una settimana d’anticipo.",
        channels=(ABROAD,),
        day=-6,
        at="12:00",
        fate=Fate.READY,
        remarks=(
            Remark(
                "giulia",
                "Su questo canale è la seconda uscita che non va: Bruno, guardi la connessione?",
                afterwards=True,
            ),
        ),
    ),
    PostPlan(
        title="Le fontane",
        pillar="Borgo",
        text="Nel borgo ci sono sette fontane, tutte di acqua buona. La più fresca è quella dietro il forno: lo sanno i ciclisti e i gatti.",
        channels=(PAGE,),
        day=-4,
        at="17:30",
        fate=Fate.READY,
    ),
    PostPlan(
        title="Passeggiata fra i castagni",
        pillar="Eventi",
        labels=("con data",),
        text=(
            "Otto chilometri, tre ore, una merenda a metà. Si parte dalla piazza alle 9.30, domenica. Scarpe con la suola, per "
            "favore: l’anno scorso qualcuno è tornato in calze."
        ),
        channels=(PAGE, EVENTS),
        day=-1,
        at="18:00",
        fate=Fate.READY,
        pictures=(Picture(scene="path", palette=3, alt_text="Un sentiero tra colline dorate, con alberi ai lati."),),
        remarks=(
            Remark("dario", "La battuta sulle calze: il cliente la vuole?", after=0),
            Remark("paola", "La voglio. È successo davvero.", Audience.CLIENT, after=1),
        ),
    ),
    PostPlan(
        title="Il campanile suona due volte",
        pillar="Borgo",
        text="Il campanile suona le ore due volte: la prima per chi non stava attento. Succede dal 1874.",
        channels=(PAGE,),
        day=1,
        at="10:00",
        fate=Fate.READY,
        pictures=(
            Picture(
                scene="village",
                palette=1,
                alt_text="Le case di Castelmora intorno al campanile, in una mattina chiara.",
            ),
        ),
    ),
    PostPlan(
        title="Concerto in piazza",
        pillar="Eventi",
        labels=("con data",),
        text="La banda suona in piazza sabato alle 21. Le sedie sono duecento: chi arriva dopo balla.",
        channels=(PAGE, EVENTS),
        day=2,
        at="12:00",
        fate=Fate.REVIEW,
        passed=1,
        remarks=(
            Remark(
                "giulia",
                "Paola, l’orario è quello della delibera. Se cambia, cambia anche la locandina.",
                Audience.CLIENT,
                after=1,
            ),
            Remark("dario", "Aspettiamo il sì di Paola prima di mandare la locandina in stampa.", after=1),
            Remark(
                "paola",
                "Le sedie quest’anno sono centottanta: venti le abbiamo prestate.",
                Audience.CLIENT,
                after=1,
                quote="Le sedie sono duecento",
                suggestion="Le sedie sono centottanta",
            ),
        ),
    ),
    PostPlan(
        title="Tre giorni a Castelmora",
        pillar="Ospiti",
        text=(
            "Primo giorno: la torre e i portici. Secondo: i castagni. Terzo: niente, che è il motivo per cui si viene qui.\n\n"
            "Il programma completo è in ufficio."
        ),
        channels=(PAGE,),
        day=4,
        at="09:00",
        fate=Fate.REVIEW,
        pictures=(Picture(scene="village", palette=0, alt_text="Il borgo al tramonto, con il campanile al centro."),),
        remarks=(Remark("dario", "Il campanile qui è prima del restauro?", pointing=(0.5, 0.4)),),
    ),
    PostPlan(
        title="Il mercato cambia posto",
        pillar="Eventi",
        labels=("con data",),
        text="Per i lavori sotto i portici, giovedì il mercato è in piazza della stazione. Stessi banchi, stesso orario.",
        channels=(PAGE, EVENTS),
        day=6,
        at="08:00",
        fate=Fate.READY,
    ),
    PostPlan(
        title="La panchina gialla",
        pillar="Borgo",
        text="Qualcuno ha dipinto di giallo la panchina del belvedere. Non sappiamo chi è stato. Grazie.",
        channels=(PAGE,),
        day=7,
        at="18:00",
        fate=Fate.DRAFT,
    ),
    PostPlan(
        title="Dove si dorme",
        pillar="Ospiti",
        text="Quattro locande, un ostello, due agriturismi: a Castelmora ci sono cento e sei letti, e li conosciamo uno per uno.",
        channels=(PAGE,),
        day=9,
        at="10:00",
        fate=Fate.CHANGES,
        wish="Gli agriturismi sono tre: ha aperto quello della Valletta. Ricontiamo i letti prima di mandarlo al cliente.",
    ),
    PostPlan(
        title="Scaletta della rassegna",
        pillar="Eventi",
        text="Quattro sere di cinema all’aperto. Mancano i titoli: arrivano dalla biblioteca entro la settimana.",
        channels=(EVENTS,),
        day=12,
        at="12:00",
        fate=Fate.DRAFT,
    ),
)

CASTELMORA = ClientPlan(
    name="Ufficio turistico di Castelmora",
    slug="castelmora",
    colour="#1F5A7A",
    author="giulia",
    manager="bruno",
    people=(
        Person(key="bruno", name="Bruno Neri", role="manager"),
        Person(key="elena", name="Elena Riva", role="editor"),
        Person(key="dario", name="Dario Costa", role="editor"),
        Person(key="giulia", name="Giulia Fontana", role="author", manager="dario"),
        Person(key="paola", name="Paola Ferrero", role="approver", domain="castelmora.example"),
        Person(key="emily", name="Emily Carter", role="viewer", domain="castelmora.example", language="en"),
        *comune.PEOPLE,
    ),
    pillars=(
        PillarPlan(
            name="Borgo",
            why="Chi ci vive deve riconoscersi; chi lo guarda da lontano deve avere voglia di venire.",
        ),
        PillarPlan(
            name="Eventi",
            why="Le date portano gente nei giorni in cui il borgo sarebbe vuoto.",
        ),
        PillarPlan(
            name="Ospiti",
            why="Chi viene da fuori chiede come si arriva, dove si dorme e che cosa si vede. Rispondiamo prima che lo chieda.",
        ),
    ),
    channels=(
        ChannelPlan(handle=PAGE, name="Castelmora · pagina", cadence="3"),
        ChannelPlan(handle=EVENTS, name="Castelmora · eventi", cadence="1"),
        ChannelPlan(handle=ABROAD, name="Castelmora · ospiti dall’estero", cadence="1", behaviour="refuse"),
    ),
    chains=(
        ChainPlan(
            name="Redazione, ufficio turistico",
            steps=(
                StepOf(name="Redazione", role="editor"),
                StepOf(name="Ufficio turistico", people=("paola",), due_before_hours=2),
            ),
            copied=True,
        ),
        comune.NINE,
    ),
    hours=("0-4 08:30-13:00", "1-1 14:30-17:30", "3-3 14:30-17:30"),
    closings=(ClosingPlan(name="Festa del patrono", first=24, last=24),),
    watched=("Castelmora Viva", "Ermanno Riva"),
    consent=ConsentPlan(day=-60, letter=comune.LETTER),
    leavers=(LeaverPlan(who="ivo", instead="walter", day=-1),),
    posts=(*POSTS, *comune.POSTS),
)
