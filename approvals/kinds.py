"""The kinds of things that chains are for. Whoever makes something reviewable names its kind (see ``approvals.subjects``)."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

_known: dict[str, "StrOrPromise"] = {}
_usual: list[str] = []


def make_known(kind: str, name: "StrOrPromise", *, usual: bool) -> None:
    """From now on chains can be for this kind, such as ``post``, called ``name``. ``usual``: it is meant where none is named."""
    _known[kind] = name
    if usual:
        _usual[:] = [kind]


def choices() -> list[tuple[str, "StrOrPromise"]]:
    """Each kind with what people call it."""
    return list(_known.items())


def usual() -> str:
    """The kind that is meant where none is named; empty where all must be named."""
    return _usual[0] if _usual else ""
