"""What stands in the database before a run, and how it is read afterwards."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from django.utils import timezone

from accounts.models import User
from accounts.services import create_token
from approvals.models import Decision, Review, ReviewState, Verdict
from approvals.services import StepPlan, decide, save_chain
from audit import verifying
from clients.models import Client, Role
from clients.services import create_client, set_role
from newsletter import models as newsletter
from newsletter.models import Reader
from newsletter.services.lists import edit_list, list_of
from social import networks
from social.digest import digest_of
from social.knowing import asks_person
from social.models import Act, Channel, Post, Publication, PublicationState
from social.services import create_channel, create_post, submit_post
from social.services.apps import save_app
from social.services.content_rows import PartPlan, VariantPlan
from social.services.contents import content_of_version, reply_step
from tests.chaos.evidence import Row
from tests.chaos.plan import COMMENTS, THREADS, Planned
from tests.chaos.post_office import Copy
from tests.chaos.words import asked_beside, comment_of, parts_of

DAYS = 7 * 24 * 60  # minutes
IMPATIENT = 30


@dataclass
class Scene:
    """Clients, each with an author, an approver and a manager, who are the same people everywhere."""

    clients: list[Client]
    ada: User
    people: dict[str, User]
    sandboxes: list[int] = field(default_factory=list)

    @classmethod
    def made(cls, clients: int) -> "Scene":
        """All of it but the channels. The last client does not let its posts be late by an hour."""
        ada = User.objects.create_user("ada@chaos.example", name="Ada", is_agency_admin=True)
        people = {name: User.objects.create_user(f"{name}@chaos.example", name=name) for name in ROLES}
        made = []
        for number in range(clients):
            client = create_client(
                user=ada,
                name=f"Client {number}",
                slug=f"client-{number}",
                lateness_minutes=IMPATIENT if number == clients - 1 else DAYS,
            )
            for name, role in ROLES.items():
                set_role(user=ada, client=client, person=people[name], role=role)
            steps = [StepPlan(name="Client", users=[people["approver"]])]
            save_chain(user=ada, client=client, name="one", is_default=True, steps=steps)
            made.append(client)
        return cls(made, ada, people)

    def channel(
        self, client: int, network: str, account: str, server: str, credentials: dict[str, Any], called: str = ""
    ) -> int:
        """One account, and the handle that its network gives it."""
        made = create_channel(
            user=self.people["manager"],
            client=self.clients[client],
            network=network,
            handle=called or account,
            server=server,
            credentials=credentials,
            name=account,
        )
        if network == "sandbox":
            self.sandboxes.append(made.pk)
        if "refresh_token" in credentials:  # which renews them
            secret = "secret of the app"
            save_app(user=self.ada, network=network, server=server, client_id="chaos", client_secret=secret)
        return made.pk

    def newsletter(self, channel: int, readers: Sequence[str]) -> None:
        """Its list has an imprint, and these people have signed up."""
        mailing_list = list_of(Channel.objects.get(pk=channel))
        edit_list(user=self.people["manager"], mailing_list=mailing_list, imprint="Chaos s.r.l., Via del Caso 1")
        now = timezone.now()
        agreed = {"state": "confirmed", "source": "form", "consent": "Sì", "consented_at": now, "confirmed_at": now}
        Reader.objects.bulk_create(
            Reader(mailing_list=mailing_list, client_id=mailing_list.client_id, email=email, **agreed)
            for email in readers
        )

    def written(self, planned: Planned, channels: list[int], text: str) -> int:
        """One post of this plan, approved, for a day that ``due`` then brings nearer."""
        author, client = self.people["author"], self.clients[planned.client]
        there = Channel.objects.filter(pk__in=channels)
        post = create_post(
            user=author,
            client=client,
            title=f"Chaos {planned.number:05d}",
            text=text,
            channels=list(there),
            variants=[_variant(one, planned) for one in there],
            publish_at=timezone.now() + timedelta(days=1),
        )
        review = Review.objects.get(pk=submit_post(user=author, post=post).review_id or 0)
        decide(review=review, user=self.people["approver"], digest=review.digest, verdict=Verdict.APPROVE)
        return post.pk

    def tokens(self) -> dict[str, str]:
        """One for each of them."""
        return {name: create_token(user=user, name="chaos")[1] for name, user in self.people.items()}


def _variant(channel: Channel, planned: Planned) -> VariantPlan:
    """What the post has on this channel beside its words."""
    network, number = channel.network, planned.number
    parts = parts_of(number, 1, planned.parts) if network in THREADS else []
    return VariantPlan(
        channel=channel,
        parts=[PartPlan(text=text) for text in parts],
        comment=comment_of(number, 1) if network in COMMENTS and planned.comment else "",
        fields=asked_beside(network, number),
    )


def due(posts: Mapping[int, float]) -> None:
    """Each of these posts goes out so many seconds from now."""
    now = timezone.now()
    for post, seconds in posts.items():
        at = now + timedelta(seconds=seconds)
        Post.objects.filter(pk=post).update(publish_at=at)
        Publication.objects.filter(post=post).update(due_at=at, wake_at=at)


ROLES = {"author": Role.AUTHOR, "approver": Role.APPROVER, "manager": Role.MANAGER}


def rows(clients: list[int], due: Mapping[int, float], **only: Any) -> list[Row]:
    """All publications, as the judge reads them; ``due`` is when those were that had begun and were sent again."""
    yes = set(Decision.objects.filter(verdict="approve").values_list("seat__step__review__subject_id", "digest"))
    related = ("version", "channel", "post", "post__review", "target__version", "target__channel", "target__post")
    found = Publication.objects.filter(**only).select_related(*related).prefetch_related("attempts")
    read = [_row(one, clients, yes) for one in found]
    return [replace(row, due_at=min(row.due_at, due.get(row.id, row.due_at))) for row in read]


def _row(one: Publication, clients: list[int], yes: set[tuple[int, str]]) -> Row:
    entry = next(entry for entry in one.version.content["channels"] if entry["channel"] == one.channel_id)
    content, steps = content_of_version(one), one.progress.get("steps", {})
    texts = {"publish": content.text, "comment": content.comment}
    texts |= {f"part:{number}": part.text for number, part in enumerate(content.parts, start=1)}
    if one.act == Act.REPLY:
        step = reply_step(networks.get(one.network), content)
        texts = {step: texts[step]}
    return Row(
        id=one.pk,
        number=int(one.post.title.removeprefix("Chaos ")),
        client=clients.index(one.client_id),
        account=one.channel.name,
        network=one.network,
        act=one.act,
        post=one.post_id,
        state=one.state,
        text=entry["text"] if one.act != Act.TAKE_DOWN else "",
        parts=tuple(part["text"] for part in entry.get("parts", ())) if one.act == Act.PUBLISH else (),
        comment=entry.get("comment", "") if one.act == Act.PUBLISH else "",
        shows=tuple(item.sha256 for item in content.media) if one.act == Act.PUBLISH else (),
        out=frozenset(texts[step] for step in steps if step in texts),
        due_at=one.due_at.timestamp(),
        digest_fits=digest_of(one.version.content) == one.version.digest,
        approved=(one.post_id, one.version.digest) in yes,
        attempts=tuple(attempt.pk for attempt in one.attempts.all()),
        waits_for_person=asks_person(one) or one.wake_at is None,
        begun=one.begun,
    )


def copies() -> list[Copy]:
    """All copies of all newsletters."""
    published = {
        one.keys.get("key"): one.state == PublicationState.PUBLISHED
        for one in Publication.objects.filter(network="newsletter").exclude(keys={})
    }
    found = newsletter.Copy.objects.select_related("reader", "issue__mailing_list__channel").order_by("pk")
    return [
        Copy(
            account=one.issue.mailing_list.channel.name,
            reader=one.reader.email,
            text=one.issue.text.partition("\n\n")[0],
            state=one.state,
            published=published.get(one.issue.key, False),
        )
        for one in found.iterator(2_000)
    ]


def is_approved(post: int) -> bool:
    """Whether the post's newest version is approved, and has a time; what is done to something live needs none."""
    found = Post.objects.filter(pk=post).select_related("version", "review").first()
    if found is None or found.version is None or found.review is None:
        return False
    if found.publish_at is None and found.act == Act.PUBLISH:
        return False
    return found.review.state == ReviewState.APPROVED and found.review.digest == found.version.digest


def misfits() -> list[str]:
    """Where the evidence's chain is broken."""
    return list(_misfits())


def _misfits() -> Iterator[str]:
    for verdict in verifying.verify(passed=lambda: None):
        if verdict.misfit:
            yield str(verdict.misfit)
