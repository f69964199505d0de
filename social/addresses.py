"""Public addresses of stored bytes, for networks that fetch media themselves.

An address is signed, opens one file for whoever has it, until its time is over or the publication that it was made for
is. Where the bytes lie at an object store, it is that store's own presigned address. What is stored for an hour alone, and is no
row (a rehearsal's picture), is known by what the address itself says of it.
"""

import ipaddress
import time
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core import signing
from django.urls import reverse

from social.models import Media, Rendition
from social.models.media import ending

LIFE = 3600  # seconds
SALT = "social.public"
KINDS: dict[str, type[Media] | type[Rendition]] = {"m": Media, "r": Rendition}


def public_address(stored: Media | Rendition, *, publication: int = 0, seconds: int = LIFE) -> str:
    """An address of the whole internet for these bytes; for an installation that has any (``has_address``).

    ``publication``: once that one is over, the address opens nothing any more (an object store's own opens until its
    time is over).
    """
    if lies_elsewhere(stored):
        return _presigned(stored, seconds)
    kind = next(letter for letter, model in KINDS.items() if isinstance(stored, model))
    which: Any = stored.pk or [str(stored.file.name), stored.mime, stored.size, stored.sha256]
    token = signing.dumps([kind, which, publication, int(time.time()) + seconds], salt=SALT)
    return f"{settings.BASE_URL}{reverse('social:public', args=[token, name_of(stored)])}"


def name_of(stored: Media | Rendition) -> str:
    """What the file is called out there: nothing that its client has called it."""
    return f"{stored.pk or stored.sha256[:12]}.{ending(stored.mime)}"


def has_address(stored: Media | Rendition) -> bool:
    """Whether machines elsewhere could reach these bytes."""
    return lies_elsewhere(stored) or is_public(settings.BASE_URL)


def lies_elsewhere(stored: Media | Rendition) -> bool:
    """Whether the bytes lie at an object store that the whole internet can reach."""
    storage = stored.file.storage
    if not getattr(storage, "querystring_auth", False):
        return False
    endpoint = getattr(storage, "endpoint_url", None)
    return not endpoint or is_public(str(endpoint))


def _presigned(stored: Media | Rendition, seconds: int) -> str:
    said = {"ResponseContentType": stored.mime, "ResponseContentDisposition": f'inline; filename="{name_of(stored)}"'}
    storage: Any = stored.file.storage  # of django-storages: Django's own know no such arguments
    return str(storage.url(str(stored.file.name), parameters=said, expire=seconds))


def opened(token: str) -> tuple[Media | Rendition, int, int] | None:
    """What an address is of, for which publication, and for how many more seconds; None where it opens nothing."""
    try:
        kind, which, publication, until = signing.loads(token, salt=SALT)
    except (signing.BadSignature, ValueError):
        return None
    left = until - int(time.time())
    if left <= 0:
        return None
    if isinstance(which, list):
        name, mime, size, sha256 = which
        return Media(file=name, mime=mime, size=size, sha256=sha256), publication, left
    found = KINDS[kind].objects.filter(pk=which).first()
    return None if found is None or not found.file else (found, publication, left)


def is_public(base: str) -> bool:
    """Whether machines elsewhere could reach this address at all: no name or number of this machine or its own network."""
    host = urlsplit(base).hostname or ""
    try:
        return ipaddress.ip_address(host).is_global
    except ValueError:
        return "." in host and not host.endswith((".localhost", ".local", ".internal"))
