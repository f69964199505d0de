"""What stands below a section's heading: its kind, why it is there, how long it holds. Written and read back."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from strategy.papers.days import day_in
from strategy.papers.words import HORIZONS, KINDS, LANGUAGES, day, speaking

Line = tuple[str, str]  # a label, and what is said under it
Said = dict[str, Any]


def labels() -> dict[str, str]:
    """What each thing is called, in the active language."""
    return {
        "kind": _("Kind"),
        "why": _("Why"),
        "horizon": _("Horizon"),
        "review_by": _("Review by"),
        "source": _("Source"),
        "owner": _("Owner"),
    }


def about(section: Mapping[str, Any]) -> list[Line]:
    """All that is known of the section beside its text."""
    said = {
        "kind": str(KINDS[section["kind"]]),
        "why": section["why"],
        "horizon": str(HORIZONS[section["horizon"]]),
        "review_by": day(section["review_by"]) if section["review_by"] else "",
        "source": section["source"],
        "owner": section["owner"]["name"] if section["owner"] else "",
    }
    names = labels()
    return [(names[name], text) for name, text in said.items() if text]


def understood(lines: Iterable[Line]) -> tuple[Said, list[str]]:
    """What such lines say, whichever of our languages they are in; and those of which it is not understood what they say."""
    known = _known()
    found: Said = {}
    strange = []
    for label, text in lines:
        name = known.get(label.strip().lower())
        value = _value(name, text.strip()) if name else None
        if name is None or value is None or name in found:
            strange.append(f"{label}: {text}")
        else:
            found[name] = value
    return found, strange


def is_label(text: str) -> bool:
    """Whether one of these lines could begin so."""
    return text.strip().lower() in _known()


def _known() -> dict[str, str]:
    found: dict[str, str] = {}
    for language in LANGUAGES:
        with speaking(language):
            found |= {label.lower(): name for name, label in labels().items()}
    return found


def _value(name: str, text: str) -> Any:
    match name:
        case "kind":
            return _one_of(KINDS, text)
        case "horizon":
            return _one_of(HORIZONS, text)
        case "review_by":
            return day_in(text)
        case _:
            return text or None


def _one_of(words: Mapping[str, object], text: str) -> str | None:
    for language in LANGUAGES:
        with speaking(language):
            for name, word in words.items():
                if str(word).lower() == text.lower():
                    return name
    return None


def kind_of(title: str) -> str:
    """The kind that a section's heading speaks of, in either language; free where none is clear."""
    whole = _one_of(KINDS, title)
    if whole:
        return whole
    said = f" {' '.join(''.join(sign if sign.isalnum() else ' ' for sign in title.lower()).split())} "
    hits = {kind: max(len(word) if f" {word}" in said else 0 for word in words) for kind, words in HINTS.items()}
    best = max(hits.values())  # the longest words say most
    likely: Sequence[str] = [kind for kind, length in hits.items() if length == best]
    return likely[0] if best and len(likely) == 1 else "free"


# How words begin that stand in headings of such sections.
HINTS = {
    "audience": ("chi siamo", "a chi parl", "pubblico", "target", "destinatari", "persone a cui", "audience", "who we are", "whom we speak", "readers", "lettori"),
    "goals": ("obiettivi di business", "obiettivi dell azienda", "obiettivi aziendali", "business goal", "goals", "scopi", "mission"),
    "objectives": ("obiettivi misurabili", "obiettivi e misure", "obiettivi ", "objectives", "kpi", "misure", "risultati attesi"),
    "tone": ("tono", "voce", "tone", "voice", "linguaggio", "stile di scrittura", "style"),
    "pillars": ("filon", "pilastri", "temi", "pillar", "themes", "rubriche"),
    "channels": ("canal", "channel", "ritmo", "cadenza", "frequenza", "cadence", "frequency"),
    "roles": ("ruoli", "roles", "chi risponde", "who answers", "responsabil", "chi fa che cosa", "who does what", "referenti"),
    "policy": ("policy", "regolamento", "netiquette", "regole", "rules", "moderazione", "moderation"),
    "crises": ("crisi", "crises", "crisis", "emergenz", "emergenc"),
    "budget": ("budget", "costi", "costs", "spesa", "preventivo", "investimenti"),
    "calendar": ("calendario", "calendar", "ricorrenze", "occasioni", "occasions", "date importanti", "scadenze", "stagion", "appuntamenti"),
}  # fmt: skip
