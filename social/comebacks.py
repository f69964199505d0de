"""Words to come back with after a silence, to the client's readers. It is explained by filling it: no excuses, and no news
that is none. What only the client knows stands in brackets, and nothing goes out while it does.
"""

from datetime import date

from babel.dates import format_date

WEEKS = 14  # days, from which on nobody calls it a few days
LONG = 45  # days, from which on a silence is called by its name
TIMES = {"it": ("qualche giorno", "qualche settimana"), "en": ("a few days", "a few weeks")}

SHORT_TEXTS = {
    "it": (
        "Per {time} qui non ci avete letto. Intanto è successo questo: [che cosa è successo davvero, in una frase].\n\n"
        "[Il particolare che si vede: una foto, un numero, una persona con il suo nome.]\n\n"
        "La prossima volta vi raccontiamo [che cosa, e quando]."
    ),
    "en": (
        "You haven’t heard from us here for {time}. Meanwhile, this happened: [what really happened, in one sentence].\n\n"
        "[The detail one can see: a picture, a figure, a person by name.]\n\n"
        "Next time we tell you about [what, and when]."
    ),
}
LONG_TEXTS = {
    "it": (
        "L’ultima volta che ci avete letto qui era {month}. In questo tempo abbiamo [che cosa abbiamo fatto, in una frase], "
        "e avremmo dovuto raccontarvelo prima.\n\n"
        "Ecco che cosa è successo nel frattempo:\n[Tre cose vere, una per riga.]\n\n"
        "Da oggi ci ritrovate qui [ogni quanto]. La prossima volta: [che cosa]."
    ),
    "en": (
        "You last heard from us here in {month}. Since then we have [what we did, in one sentence], and we should have "
        "told you sooner.\n\n"
        "This is what happened meanwhile:\n[Three true things, one a line.]\n\n"
        "From today you find us here [how often]. Next: [what]."
    ),
}


def comeback(language: str, last: date, day: date) -> str:
    """The words for a channel that was last heard on ``last`` and is to be heard again on ``day``, in the client's language."""
    short = language.partition("-")[0]
    days = (day - last).days
    texts = LONG_TEXTS if days >= LONG else SHORT_TEXTS
    pattern = "LLLL" if last.year == day.year else "LLLL y"
    time = TIMES.get(short, TIMES["en"])[days >= WEEKS]
    return texts.get(short, texts["en"]).format(month=format_date(last, pattern, locale=short), time=time)


def _blanks(text: str) -> list[str]:
    return [f"[{piece.partition(']')[0]}]" for piece in text.split("[")[1:]]


BLANKS = tuple(
    sorted({blank for texts in (SHORT_TEXTS, LONG_TEXTS) for text in texts.values() for blank in _blanks(text)})
)


def blanks_in(text: str) -> list[str]:
    """What of our words somebody has still to fill, in the order of the text."""
    return sorted((blank for blank in BLANKS if blank in text), key=text.index)
