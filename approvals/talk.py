"""What was said of a thing, version by version, as far as one person may read it: conversations and decisions beside each other."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from accounts.models import User
from approvals import anchors, subjects
from approvals.models import Audience, Comment, Decision, Fate, Review, Seat
from approvals.selectors import own_side, reviews, with_steps
from approvals.subjects import Passage
from clients.moments import spoken


@dataclass(frozen=True, kw_only=True)
class About:
    """What a conversation is about. ``x`` and ``y`` are in hundredths of the picture's sides."""

    where: str
    quote: str = ""
    picture: str = ""  # the key of the picture
    url: str = ""
    alt_text: str = ""
    x: float = 0
    y: float = 0
    stands: bool = True  # also in the version that is looked at


@dataclass(frozen=True, kw_only=True)
class Line:
    """One thing that somebody said, and when, on the reader's clock."""

    comment: Comment
    when: str


@dataclass(frozen=True, kw_only=True)
class Thread:
    """One conversation. ``outdated``: it was said of an earlier version than the one that is looked at."""

    first: Line
    answers: Sequence[Line]
    about: About | None
    version: int
    outdated: bool
    may_resolve: bool
    may_settle: bool
    settled: str
    resolved: str
    reach: str = ""

    @property
    def comment(self) -> Comment:
        """What it began with."""
        return self.first.comment

    @property
    def at(self) -> datetime:
        """When it began."""
        return self.first.comment.at


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """One decision, with as many of its words as the reader may read. ``by``: “Elena for Marta” where a deputy decided."""

    decision: Decision
    by: str
    words: str
    when: str
    at: datetime
    ended: bool  # taken back, or the seat is somebody else's now


@dataclass(frozen=True, kw_only=True)
class Round:
    """What was said in one review."""

    review: Review
    entries: Sequence[Thread | Verdict]

    @property
    def threads(self) -> list[Thread]:
        """The conversations alone."""
        return [entry for entry in self.entries if isinstance(entry, Thread)]


@dataclass(frozen=True, kw_only=True)
class Talk:
    """Everything said of one thing until now: of the review that is looked at, and before it, the latest first."""

    now: Round
    earlier: Sequence[Round]
    passages: Sequence[Passage] = field(default=())


class Reader:
    """Who reads, and what of it: ``sheltered`` is a page without a session, which never shows what is internal."""

    def __init__(self, user: User, review: Review, zone: ZoneInfo, *, sheltered: bool = False) -> None:
        self.user, self.zone = user, zone
        self.side = own_side(user, review.client_id)
        if sheltered and self.side is None:
            self.side = frozenset({user.pk})

    @property
    def staff(self) -> bool:
        """Whether this is the agency's side, at its own desk."""
        return self.side is None

    def comments(self, among: Iterable[Review]) -> QuerySet[Comment]:
        """What this person may read of what was said in these reviews, which they may see; one query."""
        found = Comment.objects.filter(review__in=[review.pk for review in among])
        if not self.staff:
            found = found.filter(audience=Audience.CLIENT)
        return found.select_related("author", "settled_by", "resolved_by").order_by("at", "id")

    def hears(self, person_id: int) -> bool:
        """Whether this person reads the words that somebody said with a decision."""
        return self.side is None or person_id in self.side or person_id == self.user.pk

    def when(self, at: datetime) -> str:
        """The moment on this person's clock."""
        return spoken(at, self.zone)


def earlier_rounds(user: User, review: Review) -> list[Review]:
    """The reviews before this one that this person may see, with steps and seats, the latest first."""
    before = reviews(user).filter(
        subject_type=review.subject_type_id, subject_id=review.subject_id, round__lt=review.round
    )
    return list(with_steps(before).order_by("-round"))


def thread_in(reader: Reader, review: Review, number: str) -> Comment | None:
    """The conversation with this number, as it was typed, among those of this review and of the ones before it."""
    if not (number.isascii() and number.isdigit() and len(number) < 19):  # noqa: PLR2004 - more is no number of PostgreSQL's
        return None
    same = reviews(reader.user).filter(subject_type=review.subject_type_id, subject_id=review.subject_id)
    found = reader.comments(same.filter(round__lte=review.round).select_related(None))
    return found.select_related("author", "review__client").filter(pk=int(number), parent=None).first()


def newest_of(user: User, review: Review) -> Review:
    """The last review of the same thing that this person may see."""
    same = reviews(user).filter(subject_type=review.subject_type_id, subject_id=review.subject_id)
    return same.latest("round")


def talk_of(
    reader: Reader,
    review: Review,
    *,
    pictures: Mapping[str, str] | None = None,
    reaches: Mapping[str, str] | None = None,
) -> Talk:
    """All that this person may read, in a fixed number of queries; ``review`` comes from ``with_steps``.

    ``pictures``: the addresses of the version's pictures by key. ``reaches``: what taking words over into a part changes.
    """
    before = earlier_rounds(reader.user, review)
    passages = subjects.type_of(review).passages(review)
    weaver = _Weaver(reader, review, passages, pictures or {}, reaches or {})
    said: dict[int, list[Comment]] = {}
    for comment in reader.comments([review, *before]):
        said.setdefault(comment.review_id, []).append(comment)
    return Talk(
        now=weaver.round_of(review, said.get(review.pk, [])),
        earlier=[weaver.round_of(earlier, said.get(earlier.pk, [])) for earlier in before],
        passages=passages,
    )


class _Weaver:
    def __init__(
        self,
        reader: Reader,
        review: Review,
        passages: Sequence[Passage],
        pictures: Mapping[str, str],
        reaches: Mapping[str, str],
    ) -> None:
        self.reader, self.review, self.passages = reader, review, passages
        self.pictures, self.reaches = pictures, reaches

    def round_of(self, review: Review, comments: Sequence[Comment]) -> Round:
        answers: dict[int, list[Comment]] = {}
        for comment in comments:
            if comment.parent_id is not None:
                answers.setdefault(comment.parent_id, []).append(comment)
        entries: list[Thread | Verdict] = [
            self._thread(review, comment, answers.get(comment.pk, ()))
            for comment in comments
            if comment.parent_id is None
        ]
        entries += self._verdicts(review)
        return Round(review=review, entries=sorted(entries, key=lambda entry: entry.at))

    def _thread(self, review: Review, first: Comment, answers: Iterable[Comment]) -> Thread:
        part = first.anchor["part"] if first.anchor else ""
        open_words = first.fate == Fate.OPEN
        return Thread(
            first=self._line(first),
            answers=[self._line(answer) for answer in answers],
            about=self._about(first.anchor),
            version=review.version,
            outdated=review.version < self.review.version,
            may_resolve=self.reader.staff or first.author_id == self.reader.user.pk,
            may_settle=self.reader.staff and open_words,
            settled=self._settled(first),
            resolved=self._resolved(first),
            reach=self.reaches.get(part, "") if open_words else "",
        )

    def _line(self, comment: Comment) -> Line:
        return Line(comment=comment, when=self.reader.when(comment.at))

    def _about(self, anchor: Mapping[str, Any] | None) -> About | None:
        if not anchor:
            return None
        part = next((passage for passage in self.passages if passage.key == anchor["part"]), None)
        where = part.name if part else _("a channel on which this version does not go out")
        stands = anchors.stands_once(anchor, self.passages)
        if "quote" in anchor:
            return About(where=where, quote=anchor["quote"], stands=stands)
        key = anchor["picture"]
        return About(
            where=where,
            picture=key,
            url=self.pictures.get(key, "") if stands else "",
            alt_text=dict(part.pictures).get(key, "") if part else "",
            x=round(100 * anchor["x"], 2),
            y=round(100 * anchor["y"], 2),
            stands=stands,
        )

    def _settled(self, comment: Comment) -> str:
        if comment.settled_by is None or comment.settled_at is None:
            return ""
        words = {"who": comment.settled_by.name, "when": self.reader.when(comment.settled_at)}
        if comment.fate == Fate.TAKEN:
            return _("Taken over by %(who)s on %(when)s.") % words
        return _("Declined by %(who)s on %(when)s.") % words

    def _resolved(self, comment: Comment) -> str:
        if comment.resolved_by is None or comment.resolved_at is None:
            return ""
        words = {"who": comment.resolved_by.name, "when": self.reader.when(comment.resolved_at)}
        return _("Dealt with by %(who)s on %(when)s.") % words

    def _verdicts(self, review: Review) -> list[Verdict]:
        seats = [seat for step in review.steps.all() for seat in step.seats.all() if hasattr(seat, "decision")]
        return [self._verdict(seat) for seat in seats if self.reader.hears(seat.decision.actor_id)]

    def _verdict(self, seat: Seat) -> Verdict:
        decision = seat.decision
        return Verdict(
            decision=decision,
            by=decided_by(seat),
            words=decision.comment,
            when=self.reader.when(decision.at),
            at=decision.at,
            ended=seat.ended_at is not None,
        )


def decided_by(seat: Seat) -> str:
    """Who decided on this seat: “Elena for Marta” where it was a deputy."""
    actor = seat.decision.actor
    if actor.pk == seat.user_id:
        return actor.name
    return _("%(deputy)s for %(principal)s") % {"deputy": actor.name, "principal": seat.user.name}
