"""Texts of sections as pages show them, with the client's pictures: one query for all of them."""

from collections.abc import Sequence
from functools import lru_cache

from django.utils.safestring import SafeString

from strategy.markdown import rendered
from strategy.pictures import pictures_in
from strategy.surroundings import pictures

KEPT = 200  # texts, as they were last rendered: a document of 60,000 words takes half a second


def shown(client_id: int, bodies: Sequence[str], *, below: int = 2, signed: bool = False) -> list[SafeString]:
    """These texts of one client's as HTML (see ``strategy.markdown.rendered``).

    ``signed``: the pictures' addresses open for a day for whoever has the page, else for who is signed in and may see them.
    """
    named = [pictures_in(body) for body in bodies]
    found = pictures(client_id, sorted({pk for pks in named for pk in pks}))
    addresses = {str(pk): picture.address(signed) for pk, picture in found.items()}
    return [
        _html(body, below, tuple((str(pk), addresses[str(pk)]) for pk in pks if str(pk) in addresses))
        for body, pks in zip(bodies, named, strict=True)
    ]


@lru_cache(maxsize=KEPT)
def _html(body: str, below: int, addresses: tuple[tuple[str, str], ...]) -> SafeString:
    """The same text with the same pictures is rendered once."""
    return rendered(body, address=dict(addresses).get, below=below)
