"""The texts of a section, as they come from people: cleaned, and what can't be said at its field."""

from collections.abc import Collection, Mapping
from datetime import date, timedelta
from typing import Any, TypedDict

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from clients.models import STAFF_ROLES, Role
from clients.selectors import role_of
from strategy.markdown import check
from strategy.models import Horizon, Revision, Section, Strategy
from strategy.models.strategies import SOURCE_LENGTH, TITLE_LENGTH
from strategy.pictures import pictures_in
from strategy.selectors.pictures import ever_pictured
from strategy.surroundings import pictures
from strategy.text import clean_line, clean_text, refused

WHY_LENGTH = 5000
MOST_PICTURES = 100  # in one section
NAMES = ("title", "body", "why", "source", "horizon", "review_by", "owner_id")
# After how long something with this horizon wants to be looked at again.
SPANS = {
    Horizon.EVERGREEN: timedelta(days=365),
    Horizon.SEASONAL: timedelta(days=91),
    Horizon.VOLATILE: timedelta(days=30),
}


class Texts(TypedDict, total=False):
    """What can be written of a section; what is not named stays. ``review_by`` None: what follows from the horizon."""

    title: str
    body: str
    why: str
    source: str
    horizon: str
    review_by: date | None
    owner: User | None


def texts_of(row: Section | Revision) -> dict[str, Any]:
    """The texts as they stand in this row."""
    return {name: getattr(row, name) for name in NAMES}


def clean_texts(
    strategy: Strategy, given: Texts, before: Mapping[str, Any], writer: User | None = None
) -> dict[str, Any]:
    """The texts to be stored: those given in place of those before. ``writer``, where it may be one of the client's people:
    they put no picture in but such as ever stood in this strategy, since the others are the agency's to show.

    Raises ``ValidationError`` by field for what is too long, what a text may not hold (see ``strategy.markdown``), another
    client's picture, a day that has passed, an owner who has nothing to do with this client.
    """
    texts = dict(before)
    if "title" in given:
        texts["title"] = clean_line(given["title"], "title", TITLE_LENGTH, required=True)
    if "body" in given:
        texts["body"] = _body(strategy, given["body"], before["body"], writer)
    if "why" in given:
        texts["why"] = clean_text(given["why"], "why", WHY_LENGTH).strip()
    if "source" in given:
        texts["source"] = clean_line(given["source"], "source", SOURCE_LENGTH)
    if "horizon" in given:
        if given["horizon"] not in Horizon.values:
            raise refused("horizon", _("There is no such horizon."), "invalid_choice")
        texts["horizon"] = str(given["horizon"])
    if "review_by" in given:
        texts["review_by"] = _review_by(strategy, given["review_by"], before.get("review_by"))
    if "owner" in given:
        texts["owner_id"] = owner_id(strategy, given["owner"], before.get("owner_id"))
    return texts


def owner_id(strategy: Strategy, owner: User | None, before: int | None, field: str = "owner") -> int | None:
    """The owner's id. Raises ``ValidationError`` for who has nothing to do with this client, unless they were it before."""
    if owner is None:
        return None
    role = role_of(owner, strategy.client_id)
    if owner.pk != before and role not in set(Role):
        raise refused(field, _("There is nobody like that among this client’s people and yours."), "does_not_exist")
    return owner.pk


def today(strategy: Strategy) -> date:
    """Of the client."""
    return timezone.now().astimezone(strategy.client.zone).date()


def due_on(strategy: Strategy, texts: Mapping[str, Any]) -> date:
    """By when a section with these texts, written or looked at today, wants to be looked at again."""
    given: date | None = texts["review_by"]
    day = today(strategy)
    if given is not None and given >= day:
        return given
    return day + SPANS[Horizon(texts["horizon"])]


def _body(strategy: Strategy, body: str, before: str, writer: User | None) -> str:
    body = body.replace("\r\n", "\n").replace("\r", "\n").rstrip()
    if body == before:
        return before

    def mine(names: Collection[str]) -> Collection[str]:
        there = set(pictures(strategy.client_id, [int(name) for name in names]))
        new = there - set(pictures_in(before))
        if new and writer and role_of(writer, strategy.client_id) not in STAFF_ROLES:
            there -= new - ever_pictured(strategy)
        return {str(pk) for pk in there}

    try:
        check(body, mine=mine)
    except ValidationError as error:
        raise ValidationError({"body": error.error_list}) from error
    if len(pictures_in(body)) > MOST_PICTURES:
        raise refused("body", _("At most %(limit)d pictures in one section."), "too_many", limit=MOST_PICTURES)
    return body


def _review_by(strategy: Strategy, day: date | None, before: date | None) -> date | None:
    if day is not None and day != before and day < today(strategy):
        raise refused("review_by", _("This day has passed. Choose one to come, or none."), "past")
    return day
