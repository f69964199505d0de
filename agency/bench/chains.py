"""Reviews with all that a chain can have switched on, reviews of many seats, and many approvals at once."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from agency.bench.bare import BareReview
from agency.bench.figures import Figure, Part, Progress, middle
from agency.bench.reviewing import Office, by_services, draft, office, person, timed
from approvals.models import OnDeadline, Restart, Review, Rule, Verdict, Via
from approvals.services import StepPlan, decide, name_deputy, save_chain
from approvals.services.bulk import Line, approve_many
from clients.models import Role
from clients.services import set_role
from social.models import Post
from social.services import create_post, edit_post, submit_post

TITLE = "Chains with all of it"
ABOUT = (
    "Three steps with four eyes, a deadline in working hours, a condition that is met, a deputy who decides, and the second "
    "round of a chain that carries approvals over where a part did not change (here all did). Beside it the same rows in bare "
    "SQL, as above. Then chains of three and of nine steps with five people each, all of whom approve; and fifty posts "
    "approved with one confirmation, each the last approval it needs. Medians."
)
SEATS = 5
WARM = 1


@dataclass(frozen=True, kw_only=True)
class Size:
    """How often, and how many at once."""

    rounds: int
    of_seats: int
    bulks: int
    posts: int

    @property
    def steps(self) -> int:
        """How often a full run says that it has come further."""
        return self.rounds + self.of_seats + self.bulks + 3 * WARM


FULL = Size(rounds=60, of_seats=15, bulks=5, posts=50)
SMALL = Size(rounds=2, of_seats=1, bulks=1, posts=3)


def measure(progress: Progress, size: Size = FULL) -> Part:
    """All three, one after the other."""
    figures = [*_whole(size, progress), *_seats(size, progress), *_bulk(size, progress)]
    connection.close()
    return Part("chains", TITLE, ABOUT, figures)


# All of it switched on


def whole_office() -> Office:
    """A client whose chain has everything; the last of its approvers is away, and the deputy decides."""
    at = office()
    editor, manager, approver = at.approvers
    ada = User.objects.get(is_agency_admin=True, email__startswith="ada", email__contains=at.client.slug)
    deputy, boss = person(f"deputy-{at.client.slug}"), person(f"boss-{at.client.slug}")
    for user in (deputy, boss):
        set_role(user=ada, client=at.client, person=user, role=Role.APPROVER)
    name_deputy(
        user=ada,
        client=at.client,
        principal=approver,
        deputy=deputy,
        from_at=timezone.now() - timedelta(days=1),
        until=timezone.now() + timedelta(days=30),
    )
    steps = [
        StepPlan(name="0", users=[editor], due_after_minutes=8 * 60),
        StepPlan(name="1", users=[manager], four_eyes=True, only={"text": ["price", "name"]}, due_before_minutes=60),
        StepPlan(
            name="2",
            users=[approver],
            four_eyes=True,
            due_after_minutes=16 * 60,
            on_deadline=OnDeadline.ESCALATE,
            escalate_to=[boss],
        ),
    ]
    save_chain(
        user=ada,
        client=at.client,
        chain=at.client.chains.get(),
        name="three",
        is_default=True,
        steps=steps,
        restart=Restart.UNCHANGED,
    )
    return Office(at.author, [editor, manager, deputy], at.client, at.channel)


def second_round(at: Office) -> Post:
    """A post that came back once and was changed: about to be submitted again."""
    post = create_post(
        user=at.author,
        client=at.client,
        title="Bench",
        text="How long does it take until everybody has said yes to 9.50 euros?",
        channels=[at.channel],
        publish_at=timezone.now() + timedelta(days=30),
    )
    post = submit_post(user=at.author, post=post)
    review = Review.objects.get(pk=post.review_id or 0)
    editor = at.approvers[0]
    said, word = Verdict.REQUEST_CHANGES, "Ten euros."
    decide(review=review, user=editor, digest=review.digest, verdict=said, comment=word)
    return edit_post(user=at.author, post=post, text="How long does it take until everybody has said yes to 10 euros?")


def _whole(size: Size, progress: Progress) -> list[Figure]:
    at = whole_office()
    ours, bare, asked = [], [], 0
    for _round in range(size.rounds + WARM):
        post = second_round(at)
        ours.append(timed(lambda post=post: by_services(at, post)))  # type: ignore[misc]
        rows = BareReview(
            client=at.client, channel=at.channel, author=at.author, approvers=at.approvers, post=draft(at)
        )
        bare.append(timed(rows.write))
        progress(1)
    with CaptureQueriesContext(connection) as queries:
        by_services(at, second_round(at))
    asked = len(queries)
    with CaptureQueriesContext(connection) as queries:
        second_round(at)
    asked -= len(queries)
    services, sql = middle(ours[WARM:]), middle(bare[WARM:])
    return [
        Figure(what="three steps, all switched on", value=services, unit="ms", target=35),
        Figure(what="the same rows in bare SQL", value=sql, unit="ms"),
        Figure(what="ratio", value=services / sql, unit="×", target=12),
        Figure(what="its queries", value=asked, note="savepoints included"),
    ]


# Many seats


def seats_office(steps: int) -> tuple[Office, list[list[User]]]:
    """A client with so many steps of five people each, all of whom must approve."""
    at = office()
    ada = User.objects.get(is_agency_admin=True, email__startswith="ada", email__contains=at.client.slug)
    people = [[person(f"{step}-{n}-{at.client.slug}") for n in range(SEATS)] for step in range(steps)]
    for user in (user for step in people for user in step):
        set_role(user=ada, client=at.client, person=user, role=Role.EDITOR)
    save_chain(
        user=ada,
        client=at.client,
        chain=at.client.chains.get(),
        name=f"{steps} × {SEATS}",
        is_default=True,
        steps=[StepPlan(name=f"{n}", users=users, rule=Rule.ALL) for n, users in enumerate(people)],
    )
    return at, people


def _all_of(at: Office, people: Sequence[Sequence[User]], post: Post) -> None:
    by_services(Office(at.author, [user for step in people for user in step], at.client, at.channel), post)


def _seats(size: Size, progress: Progress) -> list[Figure]:
    few, many = seats_office(3), seats_office(9)
    taken: dict[int, list[float]] = {3: [], 9: []}
    for _round in range(size.of_seats + WARM):
        for steps, (at, people) in ((3, few), (9, many)):
            post = draft(at)
            taken[steps].append(timed(lambda at=at, people=people, post=post: _all_of(at, people, post)))  # type: ignore[misc]
        progress(1)
    short, long = middle(taken[3][WARM:]), middle(taken[9][WARM:])
    return [
        Figure(what=f"three steps of {SEATS} people", value=short, unit="ms"),
        Figure(what=f"nine steps of {SEATS} people", value=long, unit="ms"),
        Figure(what="nine by three", value=long / short, unit="×", target=4),
    ]


# Many at once


def _waiting(at: Office, posts: int) -> list[tuple[int, str]]:
    """So many posts that lack only the last approval, by review and digest."""
    found = []
    for _post in range(posts):
        post = submit_post(user=at.author, post=draft(at))
        review = Review.objects.get(pk=post.review_id or 0)
        for user in at.approvers[:-1]:
            decide(review=review, user=user, digest=review.digest, verdict=Verdict.APPROVE)
        found.append((review.pk, review.digest))
    return found


def _bulk(size: Size, progress: Progress) -> list[Figure]:
    at = office()
    taken, approved = [], 0
    work: Callable[[], object]
    for _round in range(size.bulks + WARM):
        seen = _waiting(at, size.posts)
        lines: list[Line] = []
        work = lambda seen=seen, lines=lines: lines.extend(  # type: ignore[misc]  # noqa: E731 - as everywhere here
            approve_many(user=at.approvers[-1], seen=seen, via=Via.PORTAL)
        )
        taken.append(timed(work))
        approved = sum(line.approved for line in lines)
        progress(1)
    return [
        Figure(what=f"{size.posts} posts approved at once", value=middle(taken[WARM:]) / 1000, unit="s", target=1.5),
        Figure(what="of these approved", value=approved, target=size.posts, bound="at least"),
    ]
