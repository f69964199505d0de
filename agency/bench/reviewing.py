"""A review through three steps: our services, and the same rows in bare SQL, in turns in the same run."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.db import connection
from django.utils import timezone
from django.utils.crypto import get_random_string

from accounts.models import User
from agency.bench.bare import BareReview
from agency.bench.figures import Figure, Part, Progress, middle
from approvals.models import Review, Verdict
from approvals.services import StepPlan, decide, save_chain
from clients.models import Client, Role
from clients.services import create_client, set_role
from social.models import Channel, Post
from social.services import create_channel, create_post, submit_post

TITLE = "A review through three steps"
ABOUT = (
    "Submitting a post and three people approving it, up to its publication in the outbox: four transactions, with the "
    "locks, the checks, the evidence and the mails to be sent. Beside it the same rows in the same four transactions, "
    "written by a psycopg cursor that asks and checks nothing. Medians."
)
ROUNDS = 60
WARM = 2  # rounds before, for what is cached for ever


@dataclass(frozen=True)
class Office:
    """Who reviews what."""

    author: User
    approvers: Sequence[User]
    client: Client
    channel: Channel


def office() -> Office:
    """A client with a chain of three steps."""
    word = get_random_string(12).lower()
    ada = person(f"ada-{word}", is_agency_admin=True)
    client = create_client(user=ada, name="Bench", slug=word)
    author, *approvers = [person(f"{n}-{word}") for n in range(4)]
    for user, role in zip([author, *approvers], [Role.AUTHOR, Role.EDITOR, Role.MANAGER, Role.APPROVER], strict=True):
        set_role(user=ada, client=client, person=user, role=role)
    steps = [StepPlan(name=f"{n}", users=[user]) for n, user in enumerate(approvers)]
    save_chain(user=ada, client=client, name="three", is_default=True, steps=steps)
    channel = create_channel(user=ada, client=client, network="sandbox", handle=word, name=word)
    return Office(author, approvers, client, channel)


def person(name: str, *, is_agency_admin: bool = False) -> User:
    """Somebody; the name makes the e-mail."""
    return User.objects.create_user(f"{name}@bench.example", name=name, is_agency_admin=is_agency_admin)


def draft(at: Office) -> Post:
    """A post that could be submitted."""
    return create_post(
        user=at.author,
        client=at.client,
        title="Bench",
        text="How long does it take until everybody has said yes?",
        channels=[at.channel],
        publish_at=timezone.now() + timedelta(days=30),
    )


def by_services(at: Office, post: Post) -> None:
    """The whole way, as the faces go it."""
    post = submit_post(user=at.author, post=post)
    review = Review.objects.get(pk=post.review_id or 0)
    for user in at.approvers:
        decide(review=review, user=user, digest=review.digest, verdict=Verdict.APPROVE)


def timed(work: Callable[[], object]) -> float:
    """How many seconds it takes."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def measure(progress: Progress, rounds: int = ROUNDS) -> Part:
    """Both ways, in turns."""
    at = office()
    ours, bare = [], []
    for _round in range(rounds + WARM):
        post = draft(at)
        ours.append(timed(lambda post=post: by_services(at, post)))  # type: ignore[misc]
        rows = BareReview(
            client=at.client, channel=at.channel, author=at.author, approvers=at.approvers, post=draft(at)
        )
        bare.append(timed(rows.write))
        progress(1)
    ours, bare = ours[WARM:], bare[WARM:]
    connection.close()
    services, sql = middle(ours), middle(bare)
    figures = [
        Figure(what="by the services", value=services, unit="ms", target=35),
        Figure(what="the same rows in bare SQL", value=sql, unit="ms"),
        Figure(what="ratio", value=services / sql, unit="×", target=10),
    ]
    return Part("review", TITLE, ABOUT, figures)
