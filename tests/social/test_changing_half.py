"""A thread that broke off in the middle is changed as a whole: what of it is live becomes as approved, and the rest follows."""

import datetime as dt
from collections.abc import Iterator
from contextlib import suppress
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db.models import Sum
from django.utils import timezone

from accounts.errors import Conflict
from audit.models import Event
from clients.services import freeze, unfreeze
from social.acts import act_told
from social.models import Channel, Post, Publication, SandboxPost, Use
from social.services import (
    correct_publication,
    create_channel,
    edit_channel,
    edit_post,
    publishing,
    resolve_publication,
    retry_publication,
    submit_post,
    take_down,
    withdraw_post,
)
from social.services.content_rows import PartPlan
from social.services.correctable import possible
from social.services.journal import PublicationJournal
from tests.browsing import Staff, words
from tests.rest.caller import Caller
from tests.servers.bad_days import Answer, AnswerLost, Cut, Fault
from tests.servers.facebook import TOKEN as PAGE_TOKEN
from tests.servers.facebook import FacebookPages, refusal
from tests.servers.faults import Faults
from tests.servers.linkedin import FakeLinkedIn
from tests.servers.mastodon import FakeMastodon
from tests.servers.pds import Pds, Person
from tests.servers.threads import TOKEN, ThreadsProfile
from tests.servers.x import FakeX
from tests.social.networks.conftest import new_person, pds
from tests.social.test_publishing import run, wake
from tests.social.test_retiring import half_a_thread
from tests.world import World, approve, short_chain_for_corrections

__all__ = ["new_person", "pds"]
pytestmark = pytest.mark.django_db
WHY = "Il secondo post non era giusto."
OLD, NEW = ["Uno", "Due", "Tre", "Quattro"], ["Uno.", "Due", "Tre.", "Quattro."]
NO = Answer(422, {"error": "Validation failed"})


class Mastodon(FakeMastodon):
    """Of the calls that readers see, counted since `again`, each meets what `bad` has for it."""

    bad: dict[int, Fault]
    seen: int

    def again(self, **bad: Fault) -> None:
        """Begin to count."""
        self.seen, self.bad = 0, {int(name[1:]): fault for name, fault in bad.items()}

    def next(self, method: str, path: str) -> Fault | None:
        """What the call meets."""
        fault = super().next(method, path)
        if "/statuses" not in path or method not in {"PUT", "POST", "DELETE"}:
            return fault
        self.seen += 1
        return self.bad.get(self.seen - 1)


@pytest.fixture
def mastodon() -> Iterator[Mastodon]:
    with Mastodon(now=timezone.now() - dt.timedelta(seconds=1)) as server:
        server.again()
        yield server


@pytest.fixture
def agency(world: World) -> World:
    """With a short chain for corrections: the winery's manager alone."""
    short_chain_for_corrections(world)
    return world


def channel_on(world: World, server: Any, network: str) -> Channel:
    until = (timezone.now() + dt.timedelta(hours=2)).isoformat()
    token = TOKEN if network == "threads" else server.token
    return create_channel(
        user=world.marta,
        client=world.winery,
        network=network,
        handle="roero" if network == "mastodon" else "cantinaroero",
        server=server.url,
        credentials={"access_token": token, **({"expires_at": until} if network == "x" else {})},
    )


def parts(texts: list[str]) -> list[PartPlan]:
    return [PartPlan(text=text) for text in texts[1:]]


def half_on(world: World, channel: Channel, texts: list[str] = OLD, **more: Any) -> Publication:
    """Its first two posts are live; of the third the network says no."""
    half = run(world.due(channels=[channel], text=texts[0], parts=parts(texts), **more))
    assert (half.state, half.begun, half.live_posts, half.post.state) == ("failed", True, 2, "partly_published")
    return half


def change(world: World, half: Publication, texts: list[str] = NEW, **more: Any) -> Publication:
    """What changes it as a whole, approved."""
    fields: dict[str, Any] = {"text": texts[0], "parts": parts(texts), **more}
    draft = correct_publication(user=world.vito, publication=half, act="edit", because=WHY, **fields)
    post = submit_post(user=world.vito, post=draft)
    approve(post, world.marta)
    return post.publications.get()


def sent_of(row: Publication) -> tuple[Decimal, int]:
    """What it cost and took of X's posts, as was said before."""
    row.refresh_from_db()
    paid = row.charges.filter(cause="publishing").aggregate(sum=Sum("dollars"))["sum"]
    taken = Use.objects.filter(publication=row, key__startswith="x:posts:").aggregate(sum=Sum("cost"))["sum"]
    assert (paid, taken) == (row.dollars, row.uses[f"x:posts:{row.channel_id}"])
    return paid, taken


def finish(*rows: Publication) -> None:
    """Let time go on until nothing more happens by itself."""
    for _turn in range(12):
        for row in rows:
            row.refresh_from_db()
            if row.wake_at:
                wake(row)
        run(rows[0])
    for row in rows:
        row.refresh_from_db()


@pytest.mark.parametrize("network", ["x", "mastodon"])
def test_what_is_live_is_changed_and_the_rest_goes_out_below_it(agency: World, network: str) -> None:
    with FakeX() if network == "x" else Mastodon(now=timezone.now()) as server:
        if isinstance(server, FakeX):
            server.on("POST /2/tweets", None, None, Answer(403, {"title": "Forbidden", "detail": "No."}))
        else:
            server.again(_2=NO)
        half = half_on(agency, channel_on(agency, server, network), comment="Si prenota.")
        server.good_day()
        if not isinstance(server, FakeX):
            server.again()
        assert "edit" in possible(half)
        first = change(agency, half, comment="Si prenota qui.")
        run(first)
        half.refresh_from_db()
        assert (first.state, first.get_state_display(), first.detail) == (
            "published",
            "Changed",
            "Il resto esce di seguito.",
        )
        assert (half.state, half.post.state, server.texts()) == ("scheduled", "publishing", NEW[:2])
        assert possible(half) == []
        run(half)
        assert (half.state, half.post.state, server.texts()) == ("published", "published", [*NEW, "Si prenota qui."])
        assert len(half.remote_id.split(",")) == 5
        if isinstance(server, FakeX):
            root, *_rest = server.posts
            ids = half.remote_id.split(",")
            assert (ids[0], server.posts[1].answers, server.posts[2].answers) == (root.ids[1], root.ids[0], ids[1])
            assert sent_of(first) == (Decimal("0.0150"), 1)  # of the two live posts one becomes another
        assert first.version.content["channels"][0]["parts"][1]["text"] == "Tre."
        out = Event.objects.filter(verb="publication.published", subject_id=half.pk).get()
        assert out.digest == first.version.digest  # what went out is what was approved
        # All of it is changed, answered and taken down from now on as any thread.
        again = change(agency, half, ["Uno!", *NEW[1:]], comment="Si prenota qui.")
        assert (run(again).state, server.texts()[0]) == ("published", "Uno!")
        if isinstance(server, FakeX):
            assert sent_of(again) == (Decimal("0.0150"), 1)
        asked = take_down(user=agency.vito, publication=half, because=WHY)
        approve(asked, agency.marta)
        assert (run(asked.publications.get()).state, server.texts()) == ("published", [])


@pytest.mark.parametrize("fault", [Cut(), AnswerLost(), Answer(503)])
def test_whichever_call_is_lost_it_goes_on_where_it_was(agency: World, mastodon: Mastodon, fault: Fault) -> None:
    channel = channel_on(agency, mastodon, "mastodon")
    for number in range(
        4
    ):  # two changes (of the second post nothing changes, so that there is one), then two more posts
        mastodon.again(_2=NO)
        half = half_on(agency, channel)
        mastodon.again(**{f"_{number}": fault})
        first = change(agency, half)
        finish(first, half)
        assert (first.state, half.state, mastodon.texts()) == ("published", "published", NEW)
        mastodon.again()
        asked = take_down(user=agency.vito, publication=half, because=WHY)
        approve(asked, agency.marta)
        assert (run(asked.publications.get()).state, mastodon.texts()) == ("published", [])


def test_a_worker_killed_after_the_change_is_followed_by_one_that_goes_on(
    agency: World, mastodon: Mastodon, monkeypatch: pytest.MonkeyPatch
) -> None:
    mastodon.again(_2=NO)
    half = half_on(agency, channel_on(agency, mastodon, "mastodon"))
    mastodon.again()
    first = change(agency, half)

    def killed(**_outcome: Any) -> None:
        raise SystemExit

    with monkeypatch.context() as died, suppress(SystemExit):
        died.setattr(publishing, "settle_published", killed)
        run(first)
    first.refresh_from_db()
    assert (first.state, mastodon.texts()) == ("publishing", NEW[:2])
    for _turn in range(3):  # the lease ends; it is uncertain; it is made again, which changes nothing
        wake(first)
        run(first)
    assert (first.state, mastodon.seen) == ("published", 1)
    finish(half)
    assert (half.state, mastodon.texts()) == ("published", NEW)


def test_a_person_who_says_that_it_is_changed_sends_the_rest(agency: World, mastodon: Mastodon) -> None:
    mastodon.again(_2=NO)
    half = half_on(agency, channel_on(agency, mastodon, "mastodon"))
    mastodon.again(_0=AnswerLost())
    first = run(change(agency, half))
    assert first.state == "unknown"
    with pytest.raises(Conflict) as refused:
        retry_publication(user=agency.marta, publication=half)
    assert refused.value.code == "acted_on"
    resolve_publication(user=agency.marta, publication=first, outcome="published")
    finish(half)
    assert (half.state, mastodon.texts()) == ("published", NEW)
    half = half_a_thread(agency, "failed")
    edit_channel(user=agency.marta, channel=agency.page, credentials={"behaviour": "drop_after_accept"})
    told = Caller(agency.vito).post(
        f"publications/{half.pk}/correct/",
        {"act": "edit", "text": "Uno.", "parts": [{"text": "Due."}], "comment": "Si prenota."},
    )
    approve(submit_post(user=agency.vito, post=Post.objects.get(pk=told["id"])), agency.marta)
    first = run(Publication.objects.get(post=told["id"]))
    assert first.state == "unknown"
    edit_channel(user=agency.marta, channel=agency.page, credentials={"behaviour": "ok"})
    resolve_publication(user=agency.marta, publication=first, outcome="published")
    finish(half)
    shown = list(SandboxPost.objects.order_by("pk").values_list("text", "below__text"))
    assert (half.state, shown) == ("published", [("Uno.", None), ("Due.", "Uno."), ("Si prenota.", "Uno.")])


def test_the_rest_may_have_more_posts_or_fewer_and_what_is_live_stays(agency: World, mastodon: Mastodon) -> None:
    channel = channel_on(agency, mastodon, "mastodon")
    for texts in (["Uno", "Due", "Altro", "Tre", "Quattro"], ["Uno.", "Due"]):
        mastodon.again(_2=NO)
        half = half_on(agency, channel)
        mastodon.again()
        for fewer, field, code in ((["Uno"], "parts", "same_posts"), (OLD, "text", "unchanged")):
            draft = correct_publication(user=agency.vito, publication=half, act="edit", because=WHY)
            edit_post(user=agency.vito, post=draft, text=fewer[0], parts=parts(fewer))
            with pytest.raises(ValidationError) as refused:
                submit_post(user=agency.vito, post=draft)
            assert refused.value.error_dict[field][0].code == code
        first = change(agency, half, texts)
        finish(first, half)
        assert (first.state, half.state, mastodon.texts()) == ("published", "published", texts)
        mastodon.statuses.clear()


def test_where_what_is_live_can_not_be_changed_the_rest_is(agency: World, pds: Pds, new_person: Any) -> None:
    """On Bluesky's own server: the posts that are live stay as they are, and those to come are others than there were."""
    person: Person = new_person()
    with Faults(pds.url) as between:
        sky = create_channel(
            user=agency.marta,
            client=agency.winery,
            network="bluesky",
            handle=person.handle,
            server=between.url,
            credentials={"app_password": person.app_password},
        )
        between.on("com.atproto.repo.putRecord", None, None, Answer(400, {"error": "InvalidRequest"}), None)
        _changed_on_bluesky(agency, pds, person, half_on(agency, sky))


def _changed_on_bluesky(agency: World, pds: Pds, person: Person, half: Publication) -> None:
    with pytest.raises(ValidationError) as refused:
        change(agency, half, ["Uno.", "Due", "Tre"])
    assert refused.value.error_dict["text"][0].code == "not_possible"
    first = change(agency, half, ["Uno", "Due", "Tre", "Poi", "Quattro"], comment="Si prenota.")
    finish(first, half)
    shown = {post["value"]["text"]: post for post in pds.posts(person)}
    assert (first.state, half.state) == ("published", "published")
    order = ["Uno", "Due", "Tre", "Poi", "Quattro"]
    assert list(reversed(shown)) == [*order, "Si prenota."]
    above = [shown[text]["value"]["reply"]["parent"]["uri"] for text in order[1:]]
    assert above == [shown[text]["uri"] for text in order[:-1]]
    assert len(half.remote_id.split(",")) == 6


def test_on_threads_what_was_prepared_of_the_rest_is_sent_in_no_other_words(agency: World) -> None:
    """A post is prepared before it is published: neither an answer nor a change finds what was prepared for the old words."""
    with ThreadsProfile(now=timezone.now()) as server:
        channel = channel_on(agency, server, "threads")
        for act in ("reply", "edit"):
            server.posts.clear()
            server.on("POST /v1.0/{user}/threads_publish", None, None, refusal(100), None)
            half = half_on(agency, channel)
            assert "container:part:2" in half.progress["steps"]
            server.good_day()
            fields: dict[str, Any] = (
                {"text": "Scusate."} if act == "reply" else {"parts": parts(["Uno", "Due", "Altro"])}
            )
            draft = correct_publication(user=agency.vito, publication=half, act=act, because=WHY, **fields)
            post = submit_post(user=agency.vito, post=draft)
            approve(post, agency.marta)
            finish(post.publications.get(), half)
            said = [row["text"] for row in server.posts.values()]
            assert said == ["Uno", "Due", "Scusate." if act == "reply" else "Altro"]


@pytest.mark.parametrize("network", ["facebook", "linkedin"])
def test_of_a_post_without_its_comment_the_words_are_changed_and_the_comment_follows(
    agency: World, network: str
) -> None:
    with FacebookPages() if network == "facebook" else FakeLinkedIn() as server:
        given = {"access_token": PAGE_TOKEN}
        if isinstance(server, FakeLinkedIn):
            given = {"access_token": server.token, "refresh_token": server.refresh, "organization": "5509810"}
        channel = create_channel(
            user=agency.marta,
            client=agency.winery,
            network=network,
            handle="cantinaroero" if network == "facebook" else "cantina-roero",
            server=server.url,
            credentials=given,
        )
        comments = {
            "facebook": "POST /{version}/{thing}/comments",
            "linkedin": "POST /rest/socialActions/{urn}/comments",
        }
        server.on(comments[network], refusal(100) if network == "facebook" else Answer(400, {"message": "No"}), None)
        half = run(agency.due(channels=[channel], text="Uno", comment="Si prenota."))
        assert (half.state, half.begun, half.live_posts) == ("failed", True, 1)
        server.good_day()
        first = change(agency, half, ["Uno."], comment="Si prenota qui.")
        finish(first, half)
        if isinstance(server, FakeLinkedIn):
            shown = server.texts()
        else:
            shown = [text for post in server.posts.values() for text in _facebook(post)]
        assert (first.state, half.state, shown) == ("published", "published", ["Uno.", "Si prenota qui."])


def _facebook(post: dict[str, Any]) -> list[str]:
    return [post["message"], *(said["message"] for said in post["comments"])]


def test_the_rest_is_not_sent_beside_a_change_that_is_asked_for(agency: World) -> None:
    half = half_a_thread(agency, "failed")
    draft = correct_publication(user=agency.vito, publication=half, act="edit", because=WHY, text="Uno.")
    post = submit_post(user=agency.vito, post=draft)
    with pytest.raises(Conflict) as refused:
        retry_publication(user=agency.marta, publication=half)
    assert (refused.value.code, f"{draft.pk}" in str(refused.value)) == ("change_asked", True)
    withdraw_post(user=agency.vito, post=post)
    retry_publication(user=agency.marta, publication=half)
    edit_channel(user=agency.marta, channel=agency.page, credentials={"behaviour": "ok"})
    assert (run(half).state, SandboxPost.objects.count()) == ("published", 3)
    # It was written for a half: the sandbox changes no threads.
    with pytest.raises(ValidationError) as whole:
        submit_post(user=agency.vito, post=Post.objects.get(pk=post.pk))
    assert whole.value.error_dict["parts"][0].code == "single_posts"


@pytest.mark.parametrize("state", ["failed", "late"])
@pytest.mark.parametrize("becomes", [["Uno.", "Due.", "Tre"], ["Uno e basta."]])
def test_on_the_sandbox_the_one_post_that_is_live_is_changed_and_the_rest_follows(
    agency: World, state: str, becomes: list[str]
) -> None:
    half = half_a_thread(agency, state)
    edit_channel(user=agency.marta, channel=agency.page, credentials={"behaviour": "ok"})
    first = change(agency, half, becomes)
    finish(first, half)
    texts = list(SandboxPost.objects.order_by("pk").values_list("text", flat=True))
    assert (first.state, half.state, texts) == ("published", "published", becomes)
    told = act_told(first.version)
    assert told is not None
    assert [(preview.shown, preview.below) for preview in told.before] == [("Uno", ())]  # the rest never was
    assert bool(first.detail) == (len(becomes) > 1)  # where nothing is left, nothing follows


def test_what_a_person_saw_of_a_thread_is_not_called_the_whole(agency: World, mastodon: Mastodon) -> None:
    mastodon.again(_1=AnswerLost())
    rest: dict[str, Any] = {"channels": [channel_on(agency, mastodon, "mastodon")], "parts": parts(OLD)}
    thread = run(agency.due(text=OLD[0], **rest))
    assert (thread.state, thread.progress["in_flight"]) == ("unknown", "part:1")
    page = words(Staff(agency.marta).open("social_publication_resolve", thread.pk))
    assert "Il post in dubbio è online: il resto resta non inviato" in page
    seen = {"outcome": "published", "permalink": "https://example.org/2"}
    Caller(agency.marta).post(f"publications/{thread.pk}/resolve/", seen, 200)
    thread.refresh_from_db()
    assert (thread.state, thread.begun, thread.live_posts, thread.wake_at) == ("failed", True, 2, None)
    assert thread.detail.startswith("Sono online 2 dei suoi 4 post. Qualcuno l’ha visto online.")
    assert Post.objects.get(pk=thread.post_id).state == "partly_published"
    # Its number is not known: nothing goes below it, nothing of it is changed, and what is live is not sent again.
    with pytest.raises(Conflict) as refused:
        retry_publication(user=agency.marta, publication=thread)
    assert refused.value.code == "not_known_there"
    for act in ("edit", "reply"):
        with pytest.raises(Conflict) as refused:
            correct_publication(user=agency.vito, publication=thread, act=act, because=WHY)
        assert refused.value.code == "not_known_there"
    correct_publication(user=agency.vito, publication=thread, act="new_post", because=WHY)
    assert len(mastodon.texts()) == 2
    # Where the last post is in doubt, it is the whole.
    mastodon.again(_2=AnswerLost())
    whole = run(agency.due(text="Altro 1", **rest | {"parts": parts(["Altro 1", "Altro 2", "Altro 3"])}))
    assert (whole.state, whole.progress["in_flight"]) == ("unknown", "part:2")
    assert resolve_publication(user=agency.marta, publication=whole, outcome="published").state == "published"


def test_nothing_is_called_taken_down_whose_number_is_not_known(agency: World, mastodon: Mastodon) -> None:
    """It was asked for when all numbers were known; then the rest was sent, and a person saw its last post."""
    mastodon.again(_2=NO)
    half = half_on(agency, channel_on(agency, mastodon, "mastodon"))
    asked = take_down(user=agency.vito, publication=half, because=WHY)
    mastodon.again(_0=AnswerLost())
    retry_publication(user=agency.marta, publication=half)
    assert run(half).state == "unknown"
    resolve_publication(user=agency.marta, publication=half, outcome="published")
    approve(asked, agency.marta)
    end = run(asked.publications.get())
    half.refresh_from_db()
    assert (end.state, half.taken_down_at, mastodon.texts()) == ("cancelled", None, OLD[:3])
    assert "fallo direttamente sul social" in end.detail


def test_the_rest_is_not_sent_below_what_a_change_may_have_changed(agency: World, mastodon: Mastodon) -> None:
    """The answer to the change was lost, and everything stopped before it was made again."""
    mastodon.again(_2=NO)
    half = half_on(agency, channel_on(agency, mastodon, "mastodon"))
    mastodon.again(_0=AnswerLost())
    first = run(change(agency, half))
    assert (first.state, mastodon.texts()) == ("unknown", NEW[:2])
    freeze(user=agency.marta, client=agency.winery, reason="Si decide.")
    wake(first)
    run(first)
    unfreeze(user=agency.marta, client=agency.winery)
    wake(first)
    assert (run(first).state, first.begun) == ("late", True)
    with pytest.raises(Conflict) as refused:
        retry_publication(user=agency.marta, publication=half)
    assert (refused.value.code, f"{first.post_id}" in str(refused.value)) == ("change_in_doubt", True)
    retry_publication(user=agency.marta, publication=first)
    finish(first, half)
    assert (first.state, half.state, mastodon.texts()) == ("published", "published", NEW)


def test_between_two_posts_of_a_thread_nothing_is_in_doubt(
    agency: World, mastodon: Mastodon, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A worker died there: what is live is known, and what was to follow was never sent, whoever looks at it."""
    channel, told = channel_on(agency, mastodon, "mastodon"), PublicationJournal.sending

    def dies(journal: PublicationJournal, step: str = "publish") -> None:
        if step == "part:1":
            raise SystemExit
        told(journal, step)

    for looks in ("lease", "asker", "person"):
        with monkeypatch.context() as died, suppress(SystemExit):
            died.setattr(PublicationJournal, "sending", dies)
            run(agency.due(channels=[channel], text=OLD[0], parts=parts(OLD)))
        thread = Publication.objects.get(state="publishing")
        if looks != "lease":
            Publication.objects.filter(pk=thread.pk).update(state="unknown")
        wake(thread)
        if looks == "person":
            page = words(Staff(agency.marta).open("social_publication_resolve", thread.pk))
            assert "il resto resta non inviato" in page
            thread = resolve_publication(user=agency.marta, publication=thread, outcome="published")
            assert (thread.state, thread.detail) == ("failed", "È online 1 dei suoi 4 post. Il resto non è uscito.")
            retry_publication(user=agency.marta, publication=thread)
        else:
            run(thread)
        thread.refresh_from_db()
        assert (thread.state, thread.begun, thread.progress["live"]) == ("scheduled", True, 1)
        assert (run(thread).state, thread.progress["live"], mastodon.texts()) == ("published", 4, OLD)
        mastodon.statuses.clear()


def test_what_a_person_saw_says_nothing_of_a_try_since(agency: World, mastodon: Mastodon) -> None:
    """The page was opened before it was sent again, or the button was pressed twice: sent a second time it would be double."""
    mastodon.again(_0=Cut(), _1=AnswerLost())
    once = run(agency.due(channels=[channel_on(agency, mastodon, "mastodon")], text="Uno"))
    seen, staff = {"outcome": "not_published", "tries": 1}, Staff(agency.marta)
    Caller(agency.marta).post(f"publications/{once.pk}/resolve/", seen, 200)
    assert (run(once).state, once.tries, mastodon.texts()) == ("unknown", 2, ["Uno"])
    assert Caller(agency.marta).post(f"publications/{once.pk}/resolve/", seen, 409)["code"] == "sent_since"
    page = words(staff.send("social_publication_resolve", once.pk, data=seen))
    assert "Da quando hai guardato è stato inviato un’altra volta" in page
    once.refresh_from_db()
    assert once.state == "unknown"
    page = staff.open("social_publication_resolve", once.pk).content.decode()
    assert '<input type="hidden" name="tries" value="2" id="id_tries">' in page
    staff.send("social_publication_resolve", once.pk, data={"outcome": "published", "tries": 2})
    once.refresh_from_db()
    assert (once.state, mastodon.texts()) == ("published", ["Uno"])


def test_what_was_changed_in_part_is_not_called_unchanged(agency: World, mastodon: Mastodon) -> None:
    """Of two posts the first is changed, and the server says no to the second: nobody sends the rest by the old words."""
    mastodon.again(_2=NO)
    half = half_on(agency, channel_on(agency, mastodon, "mastodon"))
    mastodon.again(_1=NO)
    first = run(change(agency, half, ["Uno.", "Due.", "Tre."]))
    assert (first.state, first.wake_at, mastodon.texts()) == ("unknown", None, ["Uno.", "Due"])
    with pytest.raises(Conflict) as refused:
        retry_publication(user=agency.marta, publication=half)
    assert refused.value.code == "acted_on"
    mastodon.again()
    resolve_publication(user=agency.marta, publication=first, outcome="not_published")
    finish(first, half)
    assert (half.state, mastodon.texts()) == ("published", ["Uno.", "Due.", "Tre."])
    mastodon.again(_1=NO)
    asked = take_down(user=agency.vito, publication=half, because=WHY)
    approve(asked, agency.marta)
    end = run(asked.publications.get())
    assert (end.state, mastodon.texts()) == ("unknown", ["Uno.", "Due."])


def test_a_change_whose_rest_waits_behind_an_agreed_end_is_kept_for_it(agency: World) -> None:
    """Withdrawn, the end keeps nothing: the rest goes out as the change has it, below the numbers that that has given."""
    with FakeX() as server:
        server.on("POST /2/tweets", None, None, Answer(403, {"title": "Forbidden", "detail": "No."}))
        half = half_on(agency, channel_on(agency, server, "x"))
        server.good_day()
        end = take_down(user=agency.vito, publication=half, because=WHY)
        edit_post(user=agency.vito, post=end, publish_at=timezone.now() + dt.timedelta(days=1))
        approve(end, agency.marta)
        first = run(change(agency, half))
        half.refresh_from_db()
        assert (first.state, first.detail, half.state, server.texts()) == ("published", "", "failed", NEW[:2])
        withdraw_post(user=agency.vito, post=Post.objects.get(pk=end.pk))
        retry_publication(user=agency.marta, publication=half)
        assert (run(half).state, server.texts()) == ("published", NEW)
        assert half.remote_id.split(",")[0] == server.posts[0].ids[1]


@pytest.mark.parametrize(
    ("third", "told"),
    [("Tre.", []), ("Detto prima", ["repeated"]), ("Uno", ["repeated_within"]), ("Due.", ["repeated_within"])],
)
def test_of_the_rest_it_is_said_where_the_network_refuses_the_same_words(
    agency: World, third: str, told: list[str]
) -> None:
    with FakeX() as server:
        channel = channel_on(agency, server, "x")
        assert run(agency.due(channels=[channel], text="Detto prima")).state == "published"
        server.on("POST /2/tweets", None, None, Answer(403, {"title": "Forbidden", "detail": "No."}))
        half = half_on(agency, channel, ["Uno", "Due", "Tre"])
        plan = parts(["Uno", "Due.", third])
        post = correct_publication(user=agency.vito, publication=half, act="edit", because=WHY, text="Uno", parts=plan)
        [found] = Caller(agency.vito).get(f"posts/{post.pk}/preflight/")
        assert [problem["code"] for problem in found["problems"]] == told
        if told == ["repeated_within"]:
            with pytest.raises(ValidationError):
                submit_post(user=agency.vito, post=post)
