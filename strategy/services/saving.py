"""Saving a section: each saving is a revision, and what two people did at once stands side by side until somebody merges it."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Unpack

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.errors import Conflict
from accounts.models import User
from strategy.models import Revision, Section, Strategy
from strategy.selectors.revisions import open_beside
from strategy.services.anchors import carry_anchors
from strategy.services.changing import content_changed, lock_for_writing, note, note_writers, set_strategy
from strategy.services.texts import Texts, clean_texts, due_on, texts_of
from strategy.text import refused


@dataclass(frozen=True, kw_only=True)
class Saved:
    """What became of a saving. ``revision`` is what was typed, ``current`` what the section reads now.

    ``beside``: somebody had saved in between, so what was typed is kept beside the line, for a person to merge. ``own``: that
    was nobody but the same person, in another window.
    """

    section: Section
    revision: Revision
    current: Revision
    beside: bool
    own: bool = False


@transaction.atomic
def save_section(*, user: User, section: Section, begun_from: int, **texts: Unpack[Texts]) -> Saved:
    """Keep what somebody typed, who had begun from that revision of the section.

    Where that is still the current one, the section reads so from now on; an agreement under way counts no more. Else what was
    typed is kept beside it (``Saved.beside``), and so it is where the section was removed in between: nothing is lost, and
    nothing overwritten. The same saved twice is saved once, and who goes on from words of their own that arrived without their
    knowing stands beside nobody. Whoever asks shows what is ``beside``; it is no exception, since that would take it back.
    Raises ``ValidationError`` by field, on ``revision`` for one that there is not; ``Conflict`` where the strategy is over.
    """
    return _save(user, section, begun_from, texts, ())


@transaction.atomic
def merge_section(
    *, user: User, section: Section, begun_from: int, merges: Collection[int], **texts: Unpack[Texts]
) -> Saved:
    """The same, with what stands beside the line taken into account by hand: those revisions are settled by this one.

    Raises ``ValidationError`` on ``merges`` for what does not stand beside it, or is settled already.
    """
    if not merges:
        raise refused("merges", _("Say which of the texts beside it this one takes into account."), "required")
    return _save(user, section, begun_from, texts, sorted(set(merges)))


def _save(user: User, section: Section, begun_from: int, given: Texts, merges: Collection[int]) -> Saved:
    strategy = lock_for_writing(user, section.strategy_id)
    section = Section.objects.get(pk=section.pk)
    current = section.revisions.get(number=section.revision)
    base = current if begun_from == section.revision else section.revisions.filter(number=begun_from).first()
    if base is None:
        raise refused(
            "revision", _("There is no revision %(number)d of this section."), "does_not_exist", number=begun_from
        )
    texts = clean_texts(strategy, given, texts_of(base), user)
    arrived = None if base is current else _arrived(section, user, base, texts, merges)
    if arrived:
        return Saved(section=section, revision=arrived, current=current, beside=False)
    alone = base is current or _goes_on(section, user, base, current, texts)
    fits = alone and section.removed_at is None
    if merges and fits:
        _require_beside(section, merges)
    elif not merges and section.removed_at is None and texts in (texts_of(current), texts_of(base)):
        waits = texts != texts_of(current) and open_beside(section).filter(pk=base.pk).exists()
        own = waits and _alone(section, user, base)
        return Saved(section=section, revision=base if waits else current, current=current, beside=waits, own=own)
    if fits:
        revision = write_revision(strategy, section, user, texts, merges=list(merges))
        return Saved(section=section, revision=revision, current=revision, beside=False)
    revision = _keep_beside(strategy, section, user, texts, begun_from)
    return Saved(section=section, revision=revision, current=current, beside=True, own=_alone(section, user, base))


def write_revision(  # noqa: PLR0913 - a revision is all of these
    strategy: Strategy,
    section: Section,
    user: User,
    texts: Mapping[str, Any],
    *,
    merges: Collection[int] = (),
    credit: int | None = None,
    internal: bool = False,
    taken: int | None = None,
) -> Revision:
    """The section of the locked strategy reads so from now on. ``taken`` is the suggestion that is being taken over.

    ``credit`` is the id of whose words they are, ``internal`` whether the client's people know nothing of that.
    """
    before = section.body
    more: dict[str, Any] = {"merges": list(merges), "credit_id": credit, "credit_internal": internal}
    revision = put_revision(strategy, section, user, texts, **more)
    carry_anchors(section, before, taken)
    content_changed(strategy, user, *([credit] if credit else []))
    told: dict[str, Any] = {"merges": sorted(merges)} if merges else {}
    note(strategy, user, "section_saved", section=section.pk, revision=revision.number, **told)
    return revision


def put_revision(strategy: Strategy, section: Section, user: User, texts: Mapping[str, Any], **more: Any) -> Revision:
    """The next revision of the section, whatever follows from it."""
    revision = _append(section, user, texts, begun_from=section.revision or None, **more)
    for name, value in texts.items():
        setattr(section, name, value)
    section.revision = revision.number
    section.due_on = due_on(strategy, texts)
    section.save(update_fields=[*texts, "revision", "written", "due_on", "updated_at"])
    return revision


def _keep_beside(
    strategy: Strategy, section: Section, user: User, texts: Mapping[str, Any], begun_from: int
) -> Revision:
    same = section.revisions.filter(beside=True, author=user, begun_from=begun_from).order_by("-number").first()
    if same and texts_of(same) == texts:
        return same
    revision = _append(section, user, texts, begun_from=begun_from, beside=True)
    section.save(update_fields=["written", "updated_at"])
    set_strategy(strategy)
    note_writers(strategy, [user.pk])
    note(strategy, user, "section_kept_beside", section=section.pk, revision=revision.number)
    return revision


def _append(section: Section, user: User, texts: Mapping[str, Any], **more: Any) -> Revision:
    section.written += 1
    section.updated_at = timezone.now()
    return Revision.objects.create(
        section=section, client_id=section.client_id, number=section.written, author=user, **texts, **more
    )


def _arrived(
    section: Section, user: User, base: Revision, texts: Mapping[str, Any], merges: Collection[int]
) -> Revision | None:
    """What this person made of that revision of the line already, where it is to the letter the same: its answer was lost."""
    following = section.revisions.filter(beside=False, author=user, begun_from=base.number, merges=list(merges)).first()
    return following if following and section.removed_at is None and texts_of(following) == texts else None


def _goes_on(section: Section, user: User, base: Revision, current: Revision, texts: Mapping[str, Any]) -> bool:
    """Whether nobody else has written since, and every sign of what they wrote themselves is still in its place."""
    if base.beside or section.revisions.filter(number__gt=base.number, beside=False).exclude(author=user).exists():
        return False
    return all(texts[name] == was or _added_to(was, texts[name]) for name, was in texts_of(current).items())


def _alone(section: Section, user: User, base: Revision) -> bool:
    """Whether nobody else has written since what all of this was begun from, and that they have themselves."""
    while base.beside:
        base = section.revisions.get(number=base.begun_from or 0)
    since = section.revisions.filter(number__gt=base.number, beside=False)
    return since.exists() and not since.exclude(author=user).exists()


def _added_to(was: Any, now: Any) -> bool:
    """Whether something was written into the text at one place, and nothing taken out."""
    if not isinstance(was, str) or not isinstance(now, str) or len(now) < len(was):
        return False
    same = next((place for place, (old, new) in enumerate(zip(was, now, strict=False)) if old != new), len(was))
    return now.endswith(was[same:])


def _require_beside(section: Section, merges: Collection[int]) -> None:
    there = set(open_beside(section).values_list("number", flat=True))
    for number in merges:
        if number not in there:
            text = _("Nothing with the number %(number)d stands beside this section any more.")
            raise refused("merges", text, "does_not_exist", number=number)


def require_living(section: Section) -> None:
    """Raises ``Conflict`` for a section that was removed."""
    if section.removed_at is not None:
        raise Conflict("removed", _("This section was removed. Put it back first."))
