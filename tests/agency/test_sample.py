"""The sample agency: all of it is there, and it keeps every rule that it shows."""

import io
import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from io import StringIO
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.test import Client as Browser
from django.utils import timezone
from PIL import Image
from pytest_django import DjangoDbBlocker

from accounts.models import User
from agency.sample.clock import clock_at
from agency.sample.loading import CLIENTS
from agency.sample.pictures import PALETTES, SCENES, drawn
from agency.sample.plans import Picture
from approvals import selectors as approvals
from approvals.models import Audience, Comment, Decision, ReviewState, Seat
from audit import verifying
from audit.models import Event
from clients.models import CONTACT_ROLES, Client, Membership
from newsletter.models import Confirmation, Issue, Reader
from notifications.models import Notification
from social import selectors
from social.digest import digest_of
from social.models import (
    Act,
    Attempt,
    Channel,
    Post,
    PostState,
    PostVersion,
    Publication,
    PublicationState,
    SandboxPost,
)
from social.services import watching
from social.services.connections import account_of
from strategy.models import Pillar

PASSWORD = "una parola per lo staff"


@dataclass
class Loaded:
    """The load, as it went."""

    at: datetime
    printed: str
    queries: int


@pytest.fixture(scope="module")
def loaded(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Loaded]:
    """Load the sample agency once for all of these tests, and take it back after the last."""
    out, at, asked = StringIO(), timezone.now(), 0

    def count(execute: Callable[..., Any], *of: Any) -> Any:
        nonlocal asked
        asked += 1
        return execute(*of)

    with django_db_blocker.unblock(), transaction.atomic():
        with connection.execute_wrapper(count):
            call_command("load_sample", password=PASSWORD, stdout=out)
        yield Loaded(at, out.getvalue(), asked)
        transaction.set_rollback(True)


@pytest.fixture
def sample(loaded: Loaded, db: None) -> Loaded:
    """The loaded agency; what the test changes is taken back."""
    return loaded


def test_it_prints_nothing_and_asks_the_database_a_bounded_number_of_times(sample: Loaded) -> None:
    assert sample.printed == ""
    assert sample.queries / Post.objects.count() < 155  # the strategy with them


def test_three_clients_one_of_them_addressed_formally(sample: Loaded) -> None:
    assert list(Client.objects.values_list("name", "formal", "colour").order_by("pk")) == [
        ("Cantina Roero", False, "#7A1F3D"),
        ("Ufficio turistico di Castelmora", False, "#1F5A7A"),
        ("Laura Sandri, consigliera regionale", True, "#2F5D3A"),
    ]
    assert list(Client.objects.filter(frozen_at=None).order_by("pk")) == list(Client.objects.order_by("pk"))


def test_its_people(sample: Loaded) -> None:
    people = {user.email: user for user in User.objects.all()}
    staff = {f"{name}@filo.example" for name in ("ada", "vito", "elena", "marta", "bruno", "dario", "giulia")}
    assert {email for email, user in people.items() if user.has_usable_password()} == staff
    assert {email for email, user in people.items() if user.check_password(PASSWORD)} == staff
    assert [email for email, user in people.items() if user.is_agency_admin] == ["ada@filo.example"]
    assert [email for email, user in people.items() if user.language == "en"] == ["emily@castelmora.example"]
    winery = Membership.objects.filter(client__slug="cantina-roero", user__email__endswith="@filo.example")
    assert dict(winery.values_list("user__email", "role")) == {
        "marta@filo.example": "manager",
        "elena@filo.example": "editor",
        "vito@filo.example": "author",
        "cliente@filo.example": "approver",
    }


def test_three_pages_each_one_slow_one_that_refuses_one_that_is_away_and_a_newsletter(sample: Loaded) -> None:
    assert Counter(Channel.objects.values_list("client__slug", "network")) == {
        ("cantina-roero", "sandbox"): 3,
        ("cantina-roero", "newsletter"): 1,
        ("castelmora", "sandbox"): 3,
        ("laura-sandri", "sandbox"): 3,
    }
    pages = Channel.objects.filter(network="sandbox")
    behaviours = Counter(str(account_of(channel).credentials["behaviour"]) for channel in pages)
    assert behaviours == {"ok": 6, "slow": 1, "refuse": 1, "unavailable": 1}


def test_every_state_of_posts_and_publications_exists(sample: Loaded) -> None:
    assert set(Post.objects.values_list("state", flat=True)) == set(PostState.values)
    assert set(Publication.objects.values_list("state", flat=True)) == set(PublicationState.values)


def test_reviews_wait_at_every_step(sample: Loaded) -> None:
    waiting = Post.objects.filter(state=PostState.IN_REVIEW, review__steps__state="active")
    by_client = {
        slug: set(waiting.filter(client__slug=slug).values_list("review__steps__position", flat=True))
        for slug in ("cantina-roero", "castelmora", "laura-sandri")
    }
    assert by_client == {
        "cantina-roero": {1, 2, 3},
        "castelmora": {1, 2, 3, 4, 6, 7},
        "laura-sandri": {1, 2, 3, 4},
    }
    assert {state.value for state in ReviewState} == set(
        Post.objects.exclude(review=None).values_list("review__state", flat=True)
    ) | {"superseded"}


def test_a_month_of_posts_around_now(sample: Loaded) -> None:
    times = Post.objects.exclude(publish_at=None)
    old = times.filter(publish_at__lt=sample.at - timedelta(days=15)).values_list("title", flat=True)
    assert list(old) == ["Quanto dura una bottiglia aperta"]  # worth repeating by now
    assert times.filter(publish_at__gt=sample.at + timedelta(days=15)).count() == 0
    assert times.filter(publish_at__lt=sample.at).count() > 20
    assert times.filter(publish_at__gt=sample.at).count() > 20
    assert times.filter(state=PostState.SCHEDULED, publish_at__lte=sample.at).count() == 0
    assert times.filter(state=PostState.IN_REVIEW, publish_at__lte=sample.at).count() == 0


def test_posts_serve_pillars_and_wear_labels(sample: Loaded) -> None:
    pillars = {plan.slug: {pillar.name for pillar in plan.pillars} for plan in CLIENTS}
    assert {len(names) for names in pillars.values()} == {3, 4}
    for slug, names in pillars.items():
        mine = Post.objects.filter(client__slug=slug)
        assert set(mine.exclude(pillar=None).values_list("pillar__name", flat=True)) == names
        assert mine.exclude(labels=None).exists()
    without = Post.objects.filter(pillar=None).values_list("title", flat=True)
    assert sorted(without) == ["Promozione tre per due", "Replica al quotidiano"]
    assert not Post.objects.filter(title__startswith="Filone").exists()
    assert all(Pillar.objects.values_list("why", flat=True))


def test_what_went_out_went_out_at_its_minute(sample: Loaded) -> None:
    out = Publication.objects.filter(state=PublicationState.PUBLISHED, act=Act.PUBLISH, tries=1)
    late = [p.published_at - p.due_at for p in out if p.published_at]
    assert len(late) == out.count()
    assert timedelta(0) < min(late) <= max(late) < timedelta(seconds=3)
    thread = SandboxPost.objects.filter(text__startswith="Trentadue mesi").get()
    shown = SandboxPost.objects.filter(below=None).exclude(pk=thread.pk)
    assert sorted(shown.values_list("pk", flat=True)) == sorted(
        [
            *(int(p.remote_id) for p in out.filter(network="sandbox")),
            SandboxPost.objects.get(handle="sandri-in-diretta").pk,
        ]
    )
    assert max(SandboxPost.objects.values_list("published_at", flat=True)) < sample.at


def test_a_thread_broke_off_in_the_middle_and_was_finished_from_there(sample: Loaded) -> None:
    publication = Publication.objects.get(tries=2)
    assert (publication.state, publication.post.title) == ("published", "Quanto riposa il Nebbiolo")
    assert list(publication.attempts.values_list("outcome", flat=True)) == ["not_sent", "published"]
    shown = list(SandboxPost.objects.filter(key=publication.keys["key"]).order_by("pk"))
    assert [post.step for post in shown] == ["publish", "part:1", "part:2", "comment"]
    first, second, *_more = shown
    assert publication.remote_id == str(first.pk)
    assert [post.below_id for post in shown] == [None, first.pk, second.pk, first.pk]
    assert timedelta(seconds=10) < second.published_at - first.published_at < timedelta(minutes=1)


def test_one_was_corrected_by_its_own_short_chain_and_counted(sample: Loaded) -> None:
    done = Publication.objects.select_related("target__watch", "post__review", "version").get(act=Act.EDIT)
    assert done.post.review is not None
    assert (done.state, done.post.review.chain_name) == ("published", "Correzioni")
    assert done.target is not None
    live = SandboxPost.objects.get(pk=done.target.remote_id)
    assert "dalle 10 alle 19" in live.text
    assert "dalle 10 alle 18" in done.target.version.content["channels"][0]["text"]
    counted = list(done.target.readings.values_list("views", flat=True))
    assert counted == [48, 72, 88, 100, 109]
    assert done.target.watch.seen == "there"


def test_an_issue_went_to_whoever_had_confirmed_and_is_on_the_web(sample: Loaded, client: Browser) -> None:
    readers = Counter(Reader.objects.values_list("state", "source"))
    assert readers == {("confirmed", "form"): 6, ("unsubscribed", "form"): 1, ("pending", "form"): 1}
    issue = Issue.objects.get()
    assert Counter(issue.copies.values_list("state", flat=True)) == {"sent": 6}
    gone = Reader.objects.get(state="unsubscribed")
    assert issue.copies.filter(reader=gone).exists()
    assert Reader.objects.exclude(state="pending").filter(consent="").count() == 0
    out = Publication.objects.get(network="newsletter")
    assert (out.state, out.detail, out.remote_id) == ("published", "6 inviate", issue.key)
    page = client.get(urlsplit(out.permalink).path).content.decode()
    assert ("Dove vedere il foglio</h2>" in page, "via delle Vigne 7" in page, "/newsletter/off/" in page) == (
        True,
        True,
        False,
    )
    asked = Confirmation.objects.exclude(state="dropped").get()  # whoever signed up yesterday is still to be asked
    assert (asked.state, asked.reader.state) == ("queued", "pending")
    watch = out.watch
    watching.look(publication_id=out.pk)
    watching.count(publication_id=out.pk)
    watch.refresh_from_db()
    assert (watch.seen, out.readings.get().reach) == ("there", 6)


def test_the_evidence_is_whole_in_the_order_of_time_and_says_that_it_is_a_sample(sample: Loaded) -> None:
    verdicts = list(verifying.verify())
    assert [verdict.misfit for verdict in verdicts] == [None] * 4
    assert len({verdict.scope for verdict in verdicts}) == 4
    for verdict in verdicts:
        events = list(Event.objects.filter(client_id=verdict.scope or None).order_by("seq"))
        assert [event.at for event in events] == sorted(event.at for event in events)
        assert events[-1].verb == "sample.loaded"
    assert [Event.objects.filter(verb=verb).exists() for verb in ("client.frozen", "review.superseded")] == [True] * 2


def test_nobody_approves_what_they_wrote(sample: Loaded) -> None:
    assert Seat.objects.count() > 100  # there are some that could
    assert [
        seat for seat in Seat.objects.select_related("step__review") if seat.user_id == seat.step.review.author_id
    ] == []
    stood_in = [d for d in Decision.objects.select_related("seat__user", "actor") if d.actor_id != d.seat.user_id]
    assert {(d.seat.user.name, d.actor.name) for d in stood_in} == {("Davide Prato", "Irene Sala")}


def test_nothing_went_out_without_every_step_of_its_very_words(sample: Loaded) -> None:
    kept = Publication.objects.exclude(state=PublicationState.CANCELLED)
    for publication in kept.select_related("post__review", "version"):
        review = publication.post.review
        assert review is not None
        assert (review.state, review.digest) == ("approved", publication.version.digest)
        assert set(review.steps.values_list("state", flat=True)) - {"skipped"} == {"passed"}
    versions = list(PostVersion.objects.all())
    assert len(versions) > 40
    assert [v.pk for v in versions if digest_of(v.content) != v.digest] == []


def test_each_try_was_written_down(sample: Loaded) -> None:
    tried = Publication.objects.exclude(tries=0)
    assert (Attempt.objects.count(), tried.count()) == (36, 35)
    assert list(Attempt.objects.filter(ended_at=None).values_list("publication__state", flat=True)) == ["publishing"]


def test_a_client_never_reads_what_is_internal(sample: Loaded) -> None:
    cliente, marta = (User.objects.get(email=f"{name}@filo.example") for name in ("cliente", "marta"))
    review = approvals.waiting_for(cliente).get(title__contains="Arneis")
    assert [c.author.name for c in approvals.comments(marta, review)] == [
        "Elena Riva",
        "Marta Gallo",
        "Marta Gallo",
        "Piero Roero",
    ]
    assert [c.author.name for c in approvals.comments(cliente, review)] == ["Marta Gallo", "Piero Roero"]
    assert set(Comment.objects.values_list("audience", flat=True)) == set(Audience.values)
    states = set(selectors.posts(cliente).values_list("state", flat=True))
    assert PostState.DRAFT not in states
    assert PostState.PUBLISHED in states
    assert {post.client.slug for post in selectors.posts(cliente)} == {"cantina-roero"}


def test_everyone_has_something_to_do(sample: Loaded) -> None:
    for name in ("elena@filo.example", "marta@filo.example", "cliente@filo.example", "laura@laurasandri.example"):
        assert approvals.waiting_for(User.objects.get(email=name)).exists(), name


def test_only_those_of_the_clients_people_who_decide_now_get_a_mail(sample: Loaded) -> None:
    queued = Notification.objects.filter(state="queued")
    assert sorted(queued.values_list("user__email", "kind")) == [
        ("chiara@studiomonti.example", "turn"),
        *[("cliente@filo.example", "turn")] * 3,
        *[("davide@laurasandri.example", "turn")] * 2,
        *[("laura@laurasandri.example", "turn")] * 2,
        *[("paola@castelmora.example", "turn")] * 2,
        ("pietro@comune.castelmora.example", "turn"),
        ("rosa@comune.castelmora.example", "turn"),
        ("tullio@comune.castelmora.example", "turn"),
    ]
    assert set(Notification.objects.exclude(state="queued").values_list("state", flat=True)) == {"dropped"}
    assert Membership.objects.filter(user__notifications__state="queued").exclude(role__in=CONTACT_ROLES).count() == 0


def test_it_reads_as_italian(sample: Loaded) -> None:
    words = [*Post.objects.values_list("title", flat=True), *Post.objects.values_list("text", flat=True)]
    words += [*Comment.objects.values_list("text", flat=True), *Decision.objects.values_list("comment", flat=True)]
    words += [picture.alt_text for plan in CLIENTS for post in plan.posts for picture in post.pictures]
    left_over = re.compile(r"\b(TODO|FIXME|XXX|lorem|the|and|with|this|your|we|is)\b", re.IGNORECASE)
    assert [text for text in words if left_over.search(text)] == []
    assert [text for text in words if "'" in text or "..." in text] == []  # typography: ’ and …
    assert len(words) == len([text for text in words if text == text.strip()])


def test_every_picture_is_described(sample: Loaded) -> None:
    rows = list(Post.objects.filter(media_rows__isnull=False).values_list("media_rows__media__alt_text", flat=True))
    assert len(rows) == 23
    assert min(len(text) for text in rows) > 15


def test_where_people_are_already_it_refuses_in_one_line(sample: Loaded) -> None:
    before = Event.objects.count()
    with pytest.raises(CommandError) as refused:
        call_command("load_sample", password="another")
    assert str(refused.value) == "There are people here already: the sample agency is for an empty installation."
    assert Event.objects.count() == before


@pytest.mark.parametrize("palette", range(len(PALETTES)))
def test_every_scene_can_be_drawn(palette: int) -> None:
    for scene in SCENES:
        with Image.open(io.BytesIO(drawn(Picture(scene=scene, palette=palette, alt_text="")))) as image:  # type: ignore[arg-type]
            assert (image.format, image.size) == ("JPEG", (1080, 810))


def test_the_storys_clock_runs_and_is_put_back() -> None:
    then = datetime(2026, 3, 1, 9, tzinfo=UTC)
    with clock_at(then):
        first, second = timezone.now(), timezone.now()
    assert then < first < second < then + timedelta(seconds=1)
    assert timezone.now() - datetime.now(UTC) < timedelta(seconds=5)
    assert type(timezone.now()) is datetime
