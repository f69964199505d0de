"""The document, read from its first section to its last."""

from django.http import HttpResponseBase

from strategy import selectors
from strategy.admin.desk import Desk
from strategy.shown import shown


def page(desk: Desk) -> HttpResponseBase:
    """All sections as they read now."""
    found = list(selectors.sections(desk.user).filter(strategy=desk.strategy).order_by("position", "pk"))
    texts = shown(desk.strategy.client_id, [section.body for section in found], below=3)
    return desk.show("admin/strategy.html", {"sections": list(zip(found, texts, strict=True))})
