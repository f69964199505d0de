"""The agency that tests live in: every kind of person exists, one of them without access to anything.

Two clients, so that whatever leaks has somewhere to leak to. Names are those of the sample agency where both have them.
"""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.utils import timezone

from accounts.models import User
from accounts.services import create_token
from approvals.models import Chain, Review, Rule, Verdict, Via
from approvals.services import StepPlan, decide, save_chain
from clients.models import Client, Membership, Role
from social.models import Channel, Post, Publication
from social.services import create_channel, create_post, submit_post
from tests.furnished import furnish

PASSWORD = "ogni post ha la sua ora"


@dataclass
class World:
    """Studio Filo, its two clients and their people."""

    ada: User = field(init=False)  # agency admin
    marta: User = field(init=False)  # manager at the winery
    elena: User = field(init=False)  # editor at the winery
    vito: User = field(init=False)  # author at the winery
    cliente: User = field(init=False)  # approver at the winery
    nonna: User = field(init=False)  # viewer at the winery
    bruno: User = field(init=False)  # manager at the tourist office, nothing at the winery
    sindaco: User = field(init=False)  # approver at the tourist office
    carlo: User = field(init=False)  # no access to anything
    winery: Client = field(init=False)
    town: Client = field(init=False)
    page: Channel = field(init=False)  # the winery's sandbox
    town_page: Channel = field(init=False)
    chain: Chain = field(init=False)  # the winery's: editor, manager, client
    town_chain: Chain = field(init=False)  # the town's: its approver alone

    def __post_init__(self) -> None:
        """Everybody is there."""
        furnish(self, self._move_in)

    def _move_in(self) -> None:
        self.ada = person("ada", "Ada Conti", is_agency_admin=True)
        for name, full in [("marta", "Marta Gallo"), ("elena", "Elena Riva"), ("vito", "Vito Serra")]:
            setattr(self, name, person(name, full))
        for name, full in [("cliente", "Piero Roero"), ("nonna", "Nonna Roero"), ("bruno", "Bruno Neri")]:
            setattr(self, name, person(name, full))
        self.sindaco = person("sindaco", "Il Sindaco", language="en")
        self.carlo = person("carlo", "Carlo Nessuno")
        self.winery = Client.objects.create(name="Cantina Roero", slug="cantina-roero", colour="#7A1F3D")
        self.town = Client.objects.create(name="Comune di Alba", slug="alba", colour="#1F5A7A")
        for user, role in [
            (self.marta, Role.MANAGER),
            (self.elena, Role.EDITOR),
            (self.vito, Role.AUTHOR),
            (self.cliente, Role.APPROVER),
            (self.nonna, Role.VIEWER),
        ]:
            Membership.objects.create(client=self.winery, user=user, role=role)
        Membership.objects.create(client=self.town, user=self.bruno, role=Role.MANAGER)
        Membership.objects.create(client=self.town, user=self.sindaco, role=Role.APPROVER)
        self.page = sandbox(self.marta, self.winery, "cantina-roero")
        self.town_page = sandbox(self.bruno, self.town, "alba")
        self.chain = save_chain(
            user=self.marta,
            client=self.winery,
            name="Redazione, account, cliente",
            is_default=True,
            steps=[
                StepPlan(name="Redazione", users=[self.elena]),
                StepPlan(name="Account", role=Role.MANAGER),
                StepPlan(name="Cliente", role=Role.APPROVER),
            ],
        )
        self.town_chain = save_chain(
            user=self.bruno,
            client=self.town,
            name="Il Sindaco",
            is_default=True,
            steps=[StepPlan(name="Sindaco", users=[self.sindaco], rule=Rule.ALL)],
        )

    def draft(self, **fields: Any) -> Post:
        """A draft of Vito's for the winery's page."""
        words = {"title": "Vendemmia", "text": "Oggi si vendemmia.", "channels": [self.page]}
        return create_post(user=self.vito, client=self.winery, **{**words, **fields})

    def submitted(self, **fields: Any) -> Post:
        """The same, in review."""
        return submit_post(user=self.vito, post=self.draft(**fields))

    def approved(self, **fields: Any) -> Post:
        """The same, approved by everyone. With ``publish_at`` it is scheduled."""
        post = self.submitted(**fields)
        for user, via in [(self.elena, Via.ADMIN), (self.marta, Via.ADMIN), (self.cliente, Via.LINK)]:
            approve(post, user, via)
        post.refresh_from_db()
        return post

    def due(self, **fields: Any) -> Publication:
        """A publication of an approved post whose time has just come."""
        post = self.approved(publish_at=timezone.now() + timedelta(hours=1), **fields)
        now = timezone.now()
        post.publications.update(due_at=now, wake_at=now)
        return post.publications.get()

    def town_post(self, text: str = "Fiera del tartufo.", **fields: Any) -> Post:
        """A post of the town, in review by its mayor."""
        draft = create_post(
            user=self.bruno, client=self.town, title=text, text=text, channels=[self.town_page], **fields
        )
        return submit_post(user=self.bruno, post=draft)


def person(name: str, full_name: str, **fields: Any) -> User:
    """Somebody with an e-mail of the agency, the password that everybody here has."""
    return User.objects.create_user(f"{name}@filo.example", PASSWORD, name=full_name, **fields)


def sandbox(user: User, client: Client, handle: str, **credentials: Any) -> Channel:
    """A sandbox channel, behaving as ``credentials`` say."""
    return create_channel(
        user=user,
        client=client,
        network="sandbox",
        handle=handle,
        name=f"{client.name} (prova)",
        credentials=credentials,
    )


def review_of(post: Post) -> Review:
    """The review that the post is in, as it stands now."""
    post.refresh_from_db()
    assert post.review_id is not None
    return Review.objects.get(pk=post.review_id)


def short_chain_for_corrections(world: World) -> Chain:
    """The winery's: its manager alone."""
    return save_chain(
        user=world.marta,
        client=world.winery,
        name="Correzioni",
        subject="correction",
        is_default=True,
        steps=[StepPlan(name="Account", role=Role.MANAGER)],
    )


def approve(post: Post, user: User, via: str = Via.ADMIN) -> Review:
    """This person approves the post's version."""
    review = review_of(post)
    return decide(review=review, user=user, digest=review.digest, verdict=Verdict.APPROVE, via=via)


def token(user: User, **fields: Any) -> str:
    """A key to the API for this person."""
    return create_token(user=user, name="tests", **fields)[1]
