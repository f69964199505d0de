"""Everything that the town has, with a canary in every word of it: what a winery's person must never see."""

import io
from dataclasses import dataclass
from datetime import time, timedelta
from typing import Any

from django.utils import timezone
from PIL import Image

from accounts.models import ApiToken, User
from accounts.services import create_token
from approvals.models import Audience, Chain, Comment, Deputy, Link, Review, Rule, Seat
from approvals.services import StepPlan, add_comment, issue_link, name_deputy, save_chain
from audit.models import Event
from clients.models import Client, Membership
from clients.services import edit_client
from clients.working_time import Closing
from newsletter.models import Copy, CopyState, Doubt, Issue, ListImport, MailingList, Reader
from newsletter.services import importing
from newsletter.services.lists import make_list
from newsletter.services.readers import add_reader
from notifications.models import Notification
from notifications.services import tell
from social.fitting import Want
from social.models import (
    Channel,
    Label,
    Media,
    NetworkApp,
    Post,
    Publication,
    PublicationState,
    Recurrence,
    Rendition,
    SignIn,
    Silence,
    Slot,
)
from social.networks import asking
from social.services import (
    add_media,
    ask_to_connect,
    create_channel,
    create_label,
    create_post,
    create_recurrence,
    create_slot,
    publishing,
    renditions,
    save_app,
    signing_in,
    submit_post,
)
from social.services.connecting import Connector
from social.services.silences import foresee
from strategy.models import Cadence, Objective, Occasion, Pillar, Remark, Section, Strategy, Suggestion, Template
from strategy.services import create_pillar
from tests.isolation.strategies import strategy_of
from tests.world import World, approve

CANARY = "kanarienvogel"


@dataclass
class Foreign:
    """The town's things, one of each kind."""

    client: Client
    membership: Membership
    person: User
    channel: Channel
    chain: Chain
    media: Media
    rendition: Rendition
    slot: Slot
    recurrence: Recurrence
    silence: Silence
    label: Label
    pillar: Pillar
    draft: Post
    post: Post
    review: Review
    comment: Comment
    deputy: Deputy
    seat: Seat
    publication: Publication
    event: Event
    notification: Notification
    token: ApiToken
    link: Link
    sign_in: SignIn
    app: NetworkApp
    mailing_list: MailingList
    reader: Reader
    list_import: ListImport
    doubt: Doubt
    strategy: Strategy
    section: Section
    suggestion: Suggestion
    remark: Remark
    objective: Objective
    cadence: Cadence
    occasion: Occasion
    template: Template
    secret: str


def move_in(world: World) -> Foreign:
    """Give the town one of everything, each with the canary in its words."""
    town, bruno, mayor = world.town, world.bruno, world.sindaco
    Client.objects.filter(pk=town.pk).update(name=f"Comune {CANARY}", slug=CANARY)
    User.objects.filter(pk__in=[bruno.pk, mayor.pk]).update(name=f"Persona {CANARY}")
    for user in (bruno, mayor):
        user.refresh_from_db()
    town.refresh_from_db()
    channel = create_channel(user=bruno, client=town, network="sandbox", handle=CANARY, name=f"Canale {CANARY}")
    chain = save_chain(
        user=bruno,
        client=town,
        name=f"Iter {CANARY}",
        steps=[StepPlan(name=f"Passaggio {CANARY}", users=[mayor], rule=Rule.ALL)],
    )
    media = add_media(user=bruno, client=town, file=_picture(), alt_text=f"Foto {CANARY}")
    today = timezone.now().date()
    town = edit_client(
        user=bruno,
        client=town,
        tacit_consent_agreed_on=today - timedelta(days=1),
        tacit_consent_document=io.BytesIO(f"%PDF-1.7 {CANARY} %%EOF".encode()),
        closing_days=[Closing(today, today, f"Festa {CANARY}")],
        watched_names=[f"Persona {CANARY}"],
    )
    slot = create_slot(user=bruno, channel=channel, weekday=2, at=time(9), advice=f"Consiglio {CANARY}")
    label = create_label(user=bruno, client=town, name=f"Etichetta {CANARY}")
    pillar = create_pillar(user=bruno, client=town, name=f"Filone {CANARY}", why=f"Perché {CANARY}")
    words: dict[str, Any] = {
        "title": f"Titolo {CANARY}",
        "text": f"Testo {CANARY}",
        "link": f"https://example.org/{CANARY}",
        "channels": [channel],
        "media": [media],
        "labels": [label],
        "pillar": pillar,
        "chain": chain,
    }
    draft = create_post(user=bruno, client=town, **words)
    soon = timezone.now() + timedelta(hours=1)
    begins = soon.replace(second=0, microsecond=0)
    recurrence = create_recurrence(user=bruno, pattern=draft, rule="FREQ=DAILY;COUNT=3", starts_at=begins)
    out = submit_post(user=bruno, post=create_post(user=bruno, client=town, publish_at=soon, **words))
    approve(out, mayor)
    out.refresh_from_db()
    publication = out.publications.get()
    Publication.objects.filter(pk=publication.pk).update(due_at=timezone.now(), wake_at=timezone.now())
    publishing.publish(publication_id=publication.pk)
    publication.refresh_from_db()
    assert publication.state == PublicationState.PUBLISHED
    post = submit_post(user=bruno, post=create_post(user=bruno, client=town, **words))
    assert post.review is not None
    comment = add_comment(review=post.review, user=bruno, text=f"Commento {CANARY}", audience=Audience.CLIENT)
    seat = Seat.objects.get(step__review=post.review)
    secret = issue_link(seat=seat)
    tell(users=[bruno], client_id=town.pk, kind="turn", key=CANARY, seat=seat.pk)
    now = timezone.now()
    away: dict[str, Any] = {"principal": bruno, "deputy": world.ada, "from_at": now, "until": now + timedelta(days=1)}
    deputy = name_deputy(user=bruno, client=town, **away)
    app = save_app(user=world.ada, network="x", client_id=CANARY, client_secret=CANARY)
    account = create_channel(user=bruno, client=town, network="x", handle=f"{CANARY}x")
    ask_to_connect(user=bruno, channel=account, person=mayor)
    departure = signing_in.begin(by=Connector(user=bruno), channel=account)
    written = strategy_of(CANARY, bruno, mayor, town, pillar, channel)
    foresee(now=timezone.now())
    return Foreign(
        client=town,
        membership=Membership.objects.get(client=town, user=mayor),
        person=mayor,
        channel=channel,
        chain=chain,
        media=media,
        rendition=_rendition(media),
        slot=slot,
        recurrence=recurrence,
        label=label,
        pillar=pillar,
        draft=draft,
        post=post,
        review=post.review,
        comment=comment,
        deputy=deputy,
        seat=seat,
        publication=publication,
        event=Event.objects.filter(client_id=town.pk).latest("seq"),
        notification=Notification.objects.get(key=CANARY),
        token=create_token(user=bruno, name=f"Token {CANARY}")[0],
        link=Link.objects.latest("pk"),
        sign_in=departure.sign_in,
        app=app,
        **_newsletter(bruno, town),
        **written,
        silence=Silence.objects.get(channel=channel),
        secret=secret,
    )


def _newsletter(bruno: User, town: Client) -> dict[str, Any]:
    """A newsletter with a reader, a file of addresses with a line that was refused, and an issue that came back."""
    channel = Channel.objects.create(client=town, network="newsletter", handle=CANARY, name=f"Lettera {CANARY}")
    mailing_list = make_list(user=bruno, channel=channel, imprint=f"Via {CANARY}", promise=f"Promessa {CANARY}")
    agreed: dict[str, Any] = {"consent": f"Consenso {CANARY}", "consented_at": timezone.now()}
    reader = add_reader(user=bruno, mailing_list=mailing_list, email=f"{CANARY}@example.org", name=CANARY, **agreed)
    raw = f"email;data consenso;consenso\n{CANARY};2024-05-31;{CANARY}\n".encode()
    found = importing.begin_import(user=bruno, mailing_list=mailing_list, name=f"{CANARY}.csv", raw=raw)
    importing.start_import(user=bruno, found=found)
    importing.go_on(import_id=found.pk)
    found.refresh_from_db()
    said = {"subject": f"Numero {CANARY}", "html": f"<p>{CANARY}</p>", "text": CANARY}
    issue = Issue.objects.create(mailing_list=mailing_list, client=town, key="one", page_key=f"page-{CANARY}", **said)
    Copy.objects.create(issue=issue, reader=reader, client=town, state=CopyState.SENT)
    doubt = Doubt.objects.create(issue=issue, client=town, status="5.1.1")
    return {"mailing_list": mailing_list, "reader": reader, "list_import": found, "doubt": doubt}


def _rendition(media: Media) -> Rendition:
    renditions.make_now([Want(media, asking.Rendition(kinds=("image/jpeg",), max_bytes=100_000))])
    return Rendition.objects.get(source=media.sha256, made_at__isnull=False)


def _picture() -> io.BytesIO:
    out = io.BytesIO()
    Image.new("RGB", (40, 30), "#1F5A7A").save(out, "PNG")
    out.seek(0)
    return out
