"""Texts of sections as pages show them, with the client's pictures: one query for all of them."""

from collections.abc import Sequence

from django.utils.safestring import SafeString

from strategy.markdown import rendered
from strategy.pictures import pictures_in
from strategy.surroundings import pictures


def shown(client_id: int, bodies: Sequence[str], *, below: int = 2, signed: bool = False) -> list[SafeString]:
    """These texts of one client's as HTML (see ``strategy.markdown.rendered``).

    ``signed``: the pictures' addresses open for an hour for whoever has the page, else for who is signed in and may see them.
    """
    found = pictures(client_id, sorted({pk for body in bodies for pk in pictures_in(body)}))

    def address(name: str) -> str | None:
        picture = found.get(int(name)) if name.isdecimal() and name.isascii() else None
        return picture.address(signed) if picture else None

    return [rendered(body, address=address, below=below) for body in bodies]
