"""Strategies as a subject of approvals."""

from dataclasses import dataclass

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from approvals import subjects
from approvals.models import Comment, Review, ReviewState
from approvals.proof.exhibits import Exhibit
from approvals.subjects import Candidate, Choices, Facts, Overtaken, Passage, Wording
from clients.models import Client
from strategy.content import Content, content_of
from strategy.kind import STRATEGY
from strategy.models import Strategy, StrategyState, StrategyVersion
from strategy.selectors.strategies import strategies
from strategy.services.agreeing import agree, take_back
from strategy.services.changing import lock_strategy, set_strategy
from strategy.services.exhibiting import excerpts_of, exhibit_of, version_under
from strategy.services.facts import choices_for, facts_of


@dataclass(frozen=True)
class StrategySubject:
    """A strategy that is locked and has a version; or one that is only looked at, and might have one (``drafted``)."""

    strategy: Strategy
    drafted: Content | None = None

    @property
    def pk(self) -> int:
        """The strategy's number."""
        return self.strategy.pk

    @property
    def client(self) -> Client:
        """Whose it is."""
        return self.strategy.client

    @property
    def title(self) -> str:
        """What it is called."""
        return self.strategy.title

    @property
    def version(self) -> int:
        """The number of its version."""
        return self._version.number

    @property
    def digest(self) -> str:
        """The digest of its version."""
        return self._version.digest

    @property
    def author(self) -> User:
        """Who of the agency wrote in that version last, or would be its author."""
        return self.strategy.version.author if self.strategy.version else self.strategy.written_by

    def facts(self) -> Facts:
        """What conditions of steps ask about that version."""
        return facts_of(self.strategy, self.drafted)

    @property
    def _version(self) -> StrategyVersion:
        if self.strategy.version is None:
            raise StrategyVersion.DoesNotExist
        return self.strategy.version

    def review_closed(self, review: Review, by: User | None) -> None:
        """Agreed: in force from now on. Changes asked: a draft again, and what was in force stays so."""
        if self.strategy.review_id != review.pk:
            return  # a newer review has taken over
        if review.state == ReviewState.APPROVED:
            agree(self.strategy, review, by)
        else:
            set_strategy(self.strategy, state=StrategyState.DRAFT)

    def review_reopened(self, review: Review, by: User) -> None:
        """What was in force before is again. Raises ``Conflict`` once somebody has written on."""
        take_back(self.strategy, review, by)


class StrategySubjectType:
    """What approvals ask of strategies."""

    kind = STRATEGY
    name = _("Strategies")
    wording = Wording(
        asks=_("%(who)s asks for your approval of a strategy for %(client)s. Step: %(step)s."),
        link=_("This link is for you alone and for this strategy alone. Opening it decides nothing."),
        counted=_("Your approval was for the words you saw: it no longer counts. What was agreed before still holds."),
        counted_same=_("Your approval no longer counts. What was agreed before still holds."),
        taken_back=_("What was agreed before holds until it is given again. What others approved still counts."),
    )

    def lock(self, pk: int) -> StrategySubject:
        """The strategy, its row locked."""
        return StrategySubject(lock_strategy(pk))

    def choices(self, client: Client | None) -> Choices:
        """What conditions of this client's chains may name."""
        return choices_for(client)

    def recent(self, user: User, client: Client, limit: int = 3) -> list[Candidate]:
        """The latest strategies of this client that are not over, each as it stands; nothing is locked, nothing written."""
        found = strategies(user).filter(client=client).exclude(state=StrategyState.SUPERSEDED)
        rows = found.select_related("written_by", "version__author", "agreed_version").order_by("-pk")[:limit]
        return [StrategySubject(strategy, content_of(strategy)) for strategy in rows]

    def excerpts(self, review: Review) -> list[tuple[str, str]]:
        """The sections that are new since what is in force, and how each begins."""
        return excerpts_of(version_under(review))

    def passages(self, review: Review) -> list[Passage]:
        """The text of each section of the version under review; one query."""
        sections = version_under(review).content["sections"]
        return [Passage(key=str(row["id"]), name=row["title"], text=row["body"]) for row in sections]

    def exhibit(self, review: Review) -> Exhibit:
        """The version under review as a proof of approval shows it."""
        return exhibit_of(review)

    def overtaken(self, because: str, who: str, number: int) -> Overtaken:  # noqa: ARG002 - nothing but content takes votes back
        """Somebody wrote on."""
        said = gettext("%(who)s has changed the strategy after version %(number)d.")
        return Overtaken(who=who, said=said % {"who": who, "number": number})

    def take_over(self, *, user: User, comment: Comment, submit: bool) -> None:
        """See ``strategy.services.taking_over``."""
        from strategy.services.taking_over import put_words  # it submits, and submitting needs strategies as a subject

        put_words(user=user, comment=comment, submit=submit)


def register() -> None:
    """Make strategies reviewable."""
    subjects.register("strategy", "strategy", StrategySubjectType())
