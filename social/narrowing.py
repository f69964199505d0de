"""A client's month narrowed to what serves one pillar, objective or occasion."""

from collections.abc import Mapping
from typing import Any

from django.db.models import QuerySet

from accounts.models import User
from clients.models import Client
from social.services.content_rows import unknown
from social.services.serving import NAMES
from strategy.selectors import pillars, served_objectives, served_occasions

Narrowed = Mapping[str, int]
"""Of ``pillar``, ``objective`` and ``occasion`` those that are asked for, by number."""


def choices(user: User, client: Client) -> dict[str, QuerySet[Any]]:
    """What a client's month can be narrowed to by this person, also what is retired."""
    return {
        "pillar": pillars(user).filter(client=client).order_by("name", "pk"),
        "objective": served_objectives(user).filter(client=client).order_by("strategy__title", "name", "pk"),
        "occasion": served_occasions(user).filter(client=client).order_by("strategy__title", "on", "pk"),
    }


def narrowed(user: User, client: Client, asked: Mapping[str, str]) -> dict[str, int]:
    """What is asked for by name. Raises ``ValidationError`` by field for what is not this client's, or no number."""
    found = choices(user, client)
    wanted: dict[str, int] = {}
    for name in NAMES:
        text = asked.get(name, "")
        if not text:
            continue
        number = int(text) if text.isascii() and text.isdecimal() and len(text) < len(str(2**63)) else 0
        if not found[name].filter(pk=number).exists():
            raise unknown(name, number)
        wanted[name] = number
    return wanted
