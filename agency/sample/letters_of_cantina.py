"""The winery's newsletter: a list that grew reader by reader, an issue that is out, and the next one as a draft."""

from agency.sample.plans import ChannelPlan, Fate, NewsletterPlan, Picture, PostPlan, ReaderPlan, Remark

HANDLE = "lettera-dalla-cantina"

LETTERS = ChannelPlan(
    handle=HANDLE,
    name="Lettera dalla cantina",
    cadence="0.5",
    network="newsletter",
    credentials={
        "host": "smtp.cantinaroero.example",
        "from_address": "lettera@cantinaroero.example",
        "from_name": "Cantina Roero",
    },
)

READERS = NewsletterPlan(
    handle=HANDLE,
    begins=-38,
    imprint="Cantina Roero, via delle Vigne 7, 12046 Montà",
    readers=(
        ReaderPlan(email="teresa.bo@example.org", name="Teresa Bo", day=-36),
        ReaderPlan(email="osteria.delponte@example.org", name="Osteria del Ponte", day=-33),
        ReaderPlan(email="g.arduino@example.org", name="Gino Arduino", day=-30, leaves=-8),
        ReaderPlan(email="ninoli@example.org", name="", day=-24),
        ReaderPlan(email="anna.scaglione@example.org", name="Anna Scaglione", day=-19),
        ReaderPlan(email="enoteca.vico@example.org", name="Enoteca Vico", day=-15),
        ReaderPlan(email="paolo.t@example.org", name="Paolo", day=-5),
        ReaderPlan(email="marisa.g@example.org", name="Marisa", day=-1, confirms=False),
    ),
)

ISSUES = (
    PostPlan(
        title="Lettera: l’etichetta del nonno",
        pillar="Cantina",
        text=(
            "L’etichetta del Bricco è quella del 1961: un foglio di quaderno, due colline a matita, il nome scritto dalla nonna "
            "perché il nonno sbagliava le doppie.\n\n"
            "## Perché non l’abbiamo mai cambiata\n\n"
            "Ce lo chiedono a ogni fiera. Una volta abbiamo detto di sì, e per un anno nessuno trovava più la bottiglia sullo "
            "scaffale. Siamo tornati alle colline a matita.\n\n"
            "## Dove vedere il foglio\n\n"
            "È appeso in sala, dietro al banco. Chi legge queste righe può chiedere a Lucia di girarlo: sul retro c’è il conto "
            "delle damigiane."
        ),
        channels=(HANDLE,),
        asked={
            HANDLE: {
                "subject": "Due colline a matita",
                "preheader": "L’etichetta che non abbiamo mai cambiato, e che cosa c’è sul retro.",
                "button": "Gli orari della sala",
            }
        },
        link="https://cantinaroero.example/sala",
        day=-9,
        at="08:00",
        fate=Fate.READY,
        pictures=(
            Picture(
                scene="hills", palette=2, alt_text="Due colline scure contro il cielo della sera, con il sole basso."
            ),
        ),
        remarks=(Remark("elena", "Il bottone porta agli orari, non alla bottega: giusto così.", after=1),),
    ),
    PostPlan(
        title="Lettera: tre pacchi, e uno da inventare",
        pillar="Bottega",
        text=(
            "I pacchi della bottega sono tre: due bottiglie, tre, sei. Per ognuno Lucia scrive a mano un biglietto.\n\n"
            "## E poi c’è il quarto\n\n"
            "Si entra, si assaggia, e lo si compone sul banco."
        ),
        channels=(HANDLE,),
        asked={HANDLE: {"subject": "Un biglietto scritto a mano", "preheader": "Tre pacchi, e uno da inventare."}},
        day=12,
        at="08:00",
        fate=Fate.DRAFT,
    ),
)
