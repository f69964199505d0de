"""A version of a strategy as a mail tells of it, and as a proof of approval shows it."""

from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from approvals.models import Review
from approvals.proof.exhibits import Asked, Credit, Exhibit, Part, Picture
from strategy import surroundings
from strategy.content import Content, canonical
from strategy.markdown import parsed
from strategy.markdown.blocks import said_plainly
from strategy.models import Horizon, Revision, StrategyVersion
from strategy.pictures import pictures_in

EXCERPT = 280  # characters of a section, in a mail
MOST_EXCERPTS = 6


def version_under(review: Review) -> StrategyVersion:
    """The very version that a review of a strategy is about."""
    found = StrategyVersion.objects.select_related("against")
    return found.get(strategy_id=review.subject_id, number=review.version)


def excerpts_of(version: StrategyVersion) -> list[tuple[str, str]]:
    """What is new since what was in force then: the sections' titles, and how each begins; a few of them."""
    before = {row["id"]: row for row in version.against.content["sections"]} if version.against else {}
    new = [row for row in version.content["sections"] if row != before.get(row["id"])]
    found = [(row["title"], _beginning(row["body"] or row["why"])) for row in new[:MOST_EXCERPTS]]
    more = len(new) - len(found)
    if more:
        text = ngettext("%(many)d further section is new.", "%(many)d further sections are new.", more)
        found.append((_("And more"), text % {"many": more}))
    note = [(_("What is new"), version.note)] if version.note else []
    return [*note, *found]


def exhibit_of(review: Review) -> Exhibit:
    """The version that is under review, each section a part; pictures are read when they are asked for."""
    version = version_under(review)
    content = version.content
    pictures = surroundings.pictures(review.client_id, [row["id"] for row in content["media"]])
    return Exhibit(
        content=canonical(content).decode(),
        recipe=_(
            "The content holds the title, kind, language and dates of the strategy; its sections in their order, each with "
            "its text in Markdown, why it is there, its source, horizon, review date and owner, and with the objectives, "
            "channels or occasions that stand in it; its pillars with their shares in percent; and the SHA-256, kind and "
            "description of each picture, which a text names as media: and its number. It is JSON by RFC 8785: UTF-8, keys "
            "sorted, no white space. The digest is the SHA-256 of exactly these bytes, in hexadecimal."
        ),
        parts=tuple(_parts(content, pictures)),
        credits=tuple(_credits(version)),
    )


def _parts(content: Content, pictures: dict[int, surroundings.Picture]) -> Iterator[Part]:
    known = {row["id"]: row for row in content["media"]}
    for section in content["sections"]:
        shown = [known[pk] for pk in pictures_in(section["body"]) if pk in known and pk in pictures]
        yield Part(
            where=section["title"],
            network="",
            text=section["body"],
            pictures=tuple(_picture(row, pictures[row["id"]]) for row in shown),
            asked=tuple(_asked(section)),
        )
    if content["pillars"]:
        yield Part(
            where=_("Pillars"),
            network="",
            text="",
            asked=tuple(
                Asked(label=row["name"], words=f"{row['share']} %", exact=row["name"]) for row in content["pillars"]
            ),
        )


def _asked(section: Content) -> Iterator[Asked]:
    if section["why"]:
        yield Asked(label=_("Why"), words=section["why"], exact=section["why"])
    if section["source"]:
        yield Asked(label=_("Source"), words=section["source"], exact=section["source"])
    yield Asked(label=_("Horizon"), words=str(Horizon(section["horizon"]).label), exact=section["horizon"])
    for row in section.get("objectives", ()):
        words = f"{row['measure']}: {row['baseline'] or '?'} → {row['target']} {row['unit']}, {row['due_on']}"
        yield Asked(label=row["name"], words=words, exact=[row["name"], row["measure"], row["target"], row["due_on"]])
    for row in section.get("channels", ()):
        yield Asked(label=_channel(row), words=row["reason"], exact=[row["name"], row["reason"]])
    for row in section.get("occasions", ()):
        yield Asked(label=row["name"], words=f"{row['on']} {row['note']}".strip(), exact=[row["name"], row["on"]])


def _channel(row: dict[str, Any]) -> str:
    if row["left_out"]:
        return _("%(name)s, left out") % {"name": row["name"]}
    return _("%(name)s, %(number)s a week") % {"name": row["name"], "number": row["per_week"]}


def _picture(row: Content, stored: surroundings.Picture) -> Picture:
    return Picture(
        name=str(row["id"]),
        alt_text=row["alt_text"],
        sha256=row["sha256"],
        mime=row["mime"],
        size=stored.size,
        read=stored.read,
    )


def _credits(version: StrategyVersion) -> Iterator[Credit]:
    """Whose suggested words were taken over into it, since what was in force then."""
    since = version.against.created_at if version.against else None
    found = Revision.objects.filter(
        section__strategy=version.strategy_id, credit__isnull=False, created_at__lte=version.created_at
    ).select_related("credit")
    if since:
        found = found.filter(created_at__gt=since)
    known: dict[User, bool] = {}
    for row in found.order_by("pk"):
        if row.credit is not None:
            known[row.credit] = known.get(row.credit, True) and row.credit_internal
    yield from (Credit(user=user, internal=internal) for user, internal in known.items())


def _beginning(text: str) -> str:
    """As people read it, without the signs of Markdown: a mail is no place for those."""
    words = "\n".join(filter(None, said_plainly(parsed(text))))
    return words if len(words) <= EXCERPT else words[:EXCERPT].rsplit(maxsplit=1)[0].rstrip(",;:") + "…"
