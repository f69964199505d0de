"""What Castelmora says together with its municipality: nine steps, of which one counts silence and three never do."""

from agency.sample.plans import ChainPlan, Fate, Person, Picture, PostPlan, Remark, StepOf
from approvals.models import Audience, OnDeadline, Restart, Rule

PAGE, EVENTS = "castelmora", "castelmora-eventi"
LABEL = "con il Comune"

PEOPLE = tuple(
    Person(key=key, name=name, role="approver", domain="comune.castelmora.example")
    for key, name in (
        ("rosa", "Rosa Viale"),
        ("sara", "Sara Bosio"),
        ("ivo", "Ivo Gatti"),
        ("walter", "Walter Prina"),
        ("nadia", "Nadia Ferri"),
        ("tullio", "Tullio Merlo"),
        ("pietro", "Pietro Oddone"),
        ("lidia", "Lidia Grasso"),
        ("teresa", "Teresa Bruno"),
    )
)

NINE = ChainPlan(
    name="Con il Comune, nove passaggi",
    labels=(LABEL,),
    restart=Restart.UNCHANGED,
    steps=(
        StepOf(name="Redazione", people=("elena",)),
        StepOf(name="Responsabile di chi scrive", managers_up=1),
        StepOf(name="Account", people=("bruno", "elena"), four_eyes=True),
        StepOf(
            name="Ufficio turistico",
            people=("paola",),
            due_after_hours=8,
            on_deadline=OnDeadline.ESCALATE,
            escalate_to=("rosa",),
        ),
        StepOf(name="Cultura", people=("sara",), due_after_hours=6, on_deadline=OnDeadline.TACIT),
        StepOf(name="Polizia locale", people=("ivo",), only={"channels": (EVENTS,)}),
        StepOf(name="Giunta", people=("nadia", "tullio", "pietro"), rule=Rule.AT_LEAST, needed=2),
        StepOf(name="Segretaria comunale", people=("lidia",), due_before_hours=24, never_tacit=True),
        StepOf(name="Sindaca", people=("teresa",), rule=Rule.ALL, never_tacit=True),
    ),
)

LETTER = (
    "Comune di Castelmora",
    "Ufficio turistico",
    "",
    "A Studio Filo",
    "",
    "Per i post che preparate per noi, se l’ufficio Cultura non risponde",
    "entro il tempo indicato nel passaggio che lo riguarda,",
    "il suo silenzio vale come approvazione.",
    "",
    "Questo non vale per la Segretaria comunale e per la Sindaca:",
    "a loro si chiede sempre una risposta.",
    "",
    "L’accordo si può revocare in ogni momento, con una riga.",
    "",
    "Paola Ferrero",
)

POSTS = (
    PostPlan(
        title="La piazza cambia verso",
        pillar="Borgo",
        labels=(LABEL,),
        text="Da lunedì in piazza si entra da via dei Portici e si esce dal ponte. I cartelli sono già al loro posto.",
        channels=(PAGE,),
        day=-4,
        at="08:00",
        lead=14,
        fate=Fate.READY,
        silent=(5,),
        remarks=(
            Remark(
                "paola",
                "Nella delibera la via si chiama «dei Portici», al plurale.",
                Audience.CLIENT,
                after=3,
                quote="via dei Portici",
                answers=(Remark("giulia", "Qui è già al plurale. Controllo anche la locandina."),),
                settled=True,
            ),
        ),
    ),
    PostPlan(
        title="Il bando per le bancarelle",
        pillar="Eventi",
        labels=(LABEL,),
        text="Per la fiera d’autunno ci sono quaranta posti. Le domande si presentano in ufficio, a mano o per posta.",
        channels=(PAGE, EVENTS),
        day=3,
        at="08:30",
        lead=13,
        fate=Fate.REVIEW,
        passed=3,
        remarks=(Remark("bruno", "Paola non risponde da giorni: ora lo vede anche Rosa.", after=3),),
    ),
    PostPlan(
        title="Fuochi d’artificio, dove si guarda",
        pillar="Eventi",
        labels=(LABEL,),
        text="I fuochi si vedono bene dal belvedere e dal prato della stazione. Il ponte, quella sera, è chiuso.",
        channels=(PAGE, EVENTS),
        day=5,
        at="18:00",
        lead=6,
        fate=Fate.REVIEW,
        passed=5,
    ),
    PostPlan(
        title="Il bilancio in una pagina",
        pillar="Borgo",
        labels=(LABEL,),
        text="Quanto entra, quanto esce, che cosa resta: il bilancio del Comune in una pagina, senza note a piè di pagina.",
        channels=(PAGE,),
        day=6,
        at="09:00",
        lead=7,
        fate=Fate.REVIEW,
        passed=5,
        votes=1,
        pictures=(Picture(scene="square", palette=1, alt_text="La piazza del municipio in una mattina chiara."),),
    ),
    PostPlan(
        title="La navetta della fiera",
        pillar="Ospiti",
        labels=(LABEL,),
        text="Durante la fiera una navetta parte ogni venti minuti dalla stazione. Il biglietto si fa a bordo.",
        rewritten="Durante la fiera una navetta parte ogni venti minuti dalla stazione. Non si paga niente.",
        channels=(PAGE, EVENTS),
        elsewhere={EVENTS: "Navetta della fiera: dalla stazione, ogni venti minuti, dalle 9 alle 20."},
        day=8,
        at="08:30",
        lead=7,
        fate=Fate.AGAIN,
        passed=7,
        wish="La Giunta ha deciso che la navetta è gratuita. Il resto va bene.",
        passed_again=2,
    ),
)
