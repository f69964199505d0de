"""Cantina Roero: a winery that talks of vines, of the cellar and of the shop. Three steps, the last one is theirs; notices have that one alone."""

from agency.sample.letters_of_cantina import ISSUES, LETTERS, READERS
from agency.sample.plans import ChainPlan, ChannelPlan, ClientPlan, ClosingPlan, Person, PillarPlan, StepOf
from agency.sample.posts_of_cantina import PAGE, PHOTOS, POSTS, SHOP
from agency.sample.telling import MOVED_IN
from social.kind import CORRECTION
from strategy.kind import STRATEGY

CANTINA = ClientPlan(
    name="Cantina Roero",
    slug="cantina-roero",
    since=MOVED_IN,  # long ago: one of its posts is worth repeating by now
    colour="#7A1F3D",
    author="vito",
    manager="marta",
    people=(
        Person(key="marta", name="Marta Gallo", role="manager"),
        Person(key="elena", name="Elena Riva", role="editor"),
        Person(key="vito", name="Vito Serra", role="author", manager="elena"),
        Person(key="cliente", name="Piero Roero", role="approver"),
        Person(key="lucia", name="Lucia Roero", role="viewer", domain="cantinaroero.example"),
    ),
    pillars=(
        PillarPlan(
            name="Vigna",
            why="Chi sa da dove viene un vino non lo confronta a prezzo. La terra non passa di moda: se ne parla tutto l’anno.",
        ),
        PillarPlan(
            name="Cantina",
            why="Un vino si capisce vedendo come si fa. Chi lo capisce torna, e lo racconta meglio di noi.",
        ),
        PillarPlan(
            name="Bottega",
            why="La vendita diretta tiene in piedi il resto: che cosa c’è, dove e quando, senza alzare la voce.",
        ),
    ),
    channels=(
        ChannelPlan(handle=PAGE, name="Cantina Roero · pagina", cadence="3"),
        ChannelPlan(handle=PHOTOS, name="Cantina Roero · foto", cadence="2"),
        ChannelPlan(
            handle=SHOP, name="Cantina Roero · bottega", cadence="1", later={"behaviour": "slow", "latency_ms": 20000}
        ),
        LETTERS,
    ),
    newsletter=READERS,
    chains=(
        ChainPlan(
            name="Redazione, account, cliente",
            steps=(
                StepOf(name="Redazione", people=("elena",)),
                StepOf(name="Account", role="manager"),
                StepOf(name="Cliente", role="approver"),
            ),
        ),
        ChainPlan(
            name="Correzioni",
            subject=CORRECTION,
            steps=(StepOf(name="Account", role="manager"), StepOf(name="Cliente", role="approver")),
        ),
        ChainPlan(
            name="Strategia",
            subject=STRATEGY,
            steps=(
                StepOf(name="Direzione", people=("ada",), only={"changed": ["evergreen", "seasonal", "frame"]}),
                StepOf(name="Account", role="manager"),
                StepOf(name="Cliente", role="approver"),
            ),
        ),
        ChainPlan(name="Solo il cliente", labels=("avviso",), steps=(StepOf(name="Cliente", role="approver"),)),
    ),
    hours=("0-4 09:00-12:30", "0-4 14:30-18:30", "5-5 09:00-12:30"),
    closings=(ClosingPlan(name="Inventario", first=17, last=18),),
    posts=(*POSTS, *ISSUES),
)
