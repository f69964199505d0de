"""Mails about a person's account are carried by the outbox, which is a room above this one."""

from collections.abc import Callable, Mapping
from typing import Any

from accounts.models import User

# Takes the reader, what the mail is (django-allauth's name of its template) and what it says; whether it carries such mails.
Carrier = Callable[[User, str, Mapping[str, Any]], bool]
_carrier: list[Carrier] = []


def register(carrier: Carrier) -> None:
    """``carrier`` writes these mails into the outbox."""
    _carrier[:] = [carrier]


def carried(reader: User, what: str, words: Mapping[str, Any]) -> bool:
    """Hand the mail over; False where nobody carries such mails, and it has to be sent by whoever asks."""
    return bool(_carrier) and _carrier[0](reader, what, words)
