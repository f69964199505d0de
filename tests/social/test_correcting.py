"""What is live is corrected and taken down through an approval of its own, and the original stays."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ObjectDoesNotExist, PermissionDenied, ValidationError
from django.utils import timezone

from accounts.errors import Conflict
from approvals.models import Chain
from approvals.services import StepPlan, save_chain
from audit.models import Event
from clients.models import Client, Role
from clients.services import freeze, unfreeze
from social import networks
from social.digest import content_of
from social.models import Post, Publication, SandboxPost, Use
from social.networks.base import Content, Journal, Limit, Published
from social.networks.sandbox import Sandbox
from social.services import (
    asking,
    cancel_post,
    claiming,
    correct_publication,
    create_channel,
    describe_media,
    edit_channel,
    edit_post,
    publishing,
    resolve_publication,
    retire_channel,
    retry_publication,
    settling,
    submit_post,
    take_down,
)
from social.services.changing import require_change
from social.services.content_rows import PartPlan, VariantPlan
from social.services.correctable import possible
from tests.rest.caller import Caller
from tests.social.pictures import stored
from tests.social.publishing.stepwise import Stepwise
from tests.social.test_publishing import heal, outcomes, run, told, wake
from tests.world import World, approve, review_of, short_chain_for_corrections

WHY = "L'anno è sbagliato."


@pytest.fixture
def short(world: World) -> Chain:
    """The winery's chain for corrections: its manager alone."""
    return short_chain_for_corrections(world)


@pytest.fixture
def live(world: World, short: Chain) -> Publication:
    """Something of the winery's that is out."""
    return run(world.due(text="Vendemmia 2025."))


def page() -> list[str]:
    return list(SandboxPost.objects.order_by("id").values_list("text", flat=True))


def approved(world: World, post: Post) -> Publication:
    approve(post, world.marta)
    return post.publications.get()


def edit(world: World, live: Publication, text: str = "Vendemmia 2026.") -> Publication:
    draft = correct_publication(user=world.vito, publication=live, act="edit", because=WHY, text=text)
    return approved(world, submit_post(user=world.vito, post=draft))


def down(world: World, live: Publication) -> Publication:
    return approved(world, take_down(user=world.vito, publication=live, because=WHY))


def test_an_edit_changes_what_is_live_and_the_original_stays(world: World, live: Publication, short: Chain) -> None:
    draft = correct_publication(user=world.vito, publication=live, act="edit", because=WHY)
    assert (draft.text, draft.state, draft.before) == ("Vendemmia 2025.", "draft", live.version)
    with pytest.raises(ValidationError) as nothing:
        submit_post(user=world.vito, post=draft)
    assert nothing.value.error_dict["text"][0].code == "unchanged"
    edit_post(user=world.vito, post=draft, text="Vendemmia 2026.")
    post = submit_post(user=world.vito, post=draft)
    assert review_of(post).chain == short
    assert post.version is not None
    assert post.version.content["act"] == {
        "kind": "edit",
        "publication": live.pk,
        "before": live.version.digest,
        "because": WHY,
    }
    publication = approved(world, post)
    assert (publication.act, publication.target, publication.state) == ("edit", live, "scheduled")
    assert (run(publication).state, publication.get_state_display()) == ("published", "Changed")
    assert page() == ["Vendemmia 2026."]
    live.refresh_from_db()
    assert (live.state, live.version.content["channels"][0]["text"]) == ("published", "Vendemmia 2025.")
    event = Event.objects.filter(verb="publication.edited").get()
    assert (event.data["of"], event.digest) == (live.pk, post.version.digest)


def test_taking_down_asks_why_and_keeps_ours(world: World, live: Publication) -> None:
    with pytest.raises(ValidationError) as why:
        take_down(user=world.vito, publication=live, because=" ")
    assert why.value.error_dict["because"][0].code == "required"
    post = take_down(user=world.vito, publication=live, because=WHY)
    assert post.version is not None
    assert post.version.content["channels"] == live.version.content["channels"]
    with pytest.raises(Conflict) as twice:
        take_down(user=world.elena, publication=live, because="Di nuovo.")
    assert twice.value.code == "already_asked"
    publication = run(approved(world, post))
    assert (publication.state, publication.get_state_display(), page()) == ("published", "Taken down", [])
    live.refresh_from_db()
    assert live.taken_down_at is not None
    assert (live.state, live.permalink != "", live.version.content["channels"][0]["text"]) == (
        "published",
        True,
        "Vendemmia 2025.",
    )
    with pytest.raises(Conflict) as over:
        correct_publication(user=world.vito, publication=live, act="new_post")
    assert over.value.code == "taken_down"


def test_a_change_takes_of_the_limits_what_it_costs_and_no_more(
    world: World, live: Publication, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Changing and taking down are no uploads, and wait for what they take themselves."""

    def units(cost: int) -> Limit:
        return Limit("units", "Unità al giorno", 100, timedelta(days=1), cost=cost)

    posts = Limit("posts", "Post al giorno", 1, timedelta(days=1))
    monkeypatch.setattr(Sandbox, "budgets", lambda *_: (posts, units(60)))
    monkeypatch.setattr(Sandbox, "edit_budgets", lambda *_: (units(50),))
    monkeypatch.setattr(Sandbox, "delete_budgets", lambda *_: (units(40),))
    changed, channel = edit(world, live), live.channel_id
    assert changed.uses == {f"sandbox:units:{channel}": 50}
    assert run(changed).state == "published"
    post = take_down(user=world.vito, publication=live, because=WHY)
    gone = approved(world, post)
    assert gone.uses == {f"sandbox:units:{channel}": 40}
    assert run(gone).state == "published"
    assert sorted(Use.objects.values_list("key", "cost")) == [(f"sandbox:units:{channel}", cost) for cost in (40, 50)]
    Client.objects.filter(pk=world.winery.pk).update(lateness_minutes=3_000)
    later = run(world.due(text="Altro."))
    assert (later.state, later.detail) == ("scheduled", "Unità al giorno: tutti e 100 sono usati.")


def test_a_take_down_waits_for_a_limit(world: World, live: Publication, monkeypatch: pytest.MonkeyPatch) -> None:
    Client.objects.filter(pk=world.winery.pk).update(lateness_minutes=3_000)
    most = Limit("deletions", "Cancellazioni al giorno", 1, timedelta(days=1), cost=1)
    monkeypatch.setattr(Sandbox, "budgets", lambda *_: ())
    monkeypatch.setattr(Sandbox, "delete_budgets", lambda *_: (most,))
    other = run(world.due(text="Altro."))
    assert run(down(world, live)).state == "published"
    waits = run(down(world, other))
    assert (waits.state, waits.detail) == ("scheduled", "Cancellazioni al giorno: tutti e 1 sono usati.")


def test_what_is_gone_already_is_taken_down(world: World, live: Publication) -> None:
    SandboxPost.objects.all().delete()
    assert run(down(world, live)).state == "published"


def test_a_new_post_is_linked_to_what_it_corrects(world: World, live: Publication) -> None:
    draft = correct_publication(user=world.vito, publication=live, act="new_post", text="Era il 2026.")
    assert run(approved(world, submit_post(user=world.vito, post=draft))).state == "published"
    assert page() == ["Vendemmia 2025.", "Era il 2026."]
    assert list(live.corrections.all()) == [draft]


def test_without_a_chain_of_their_own_corrections_take_the_usual_one(world: World) -> None:
    live = run(world.due())
    save_chain(
        user=world.ada,
        client=None,
        name="Agenzia, correzioni",
        subject="correction",
        is_default=True,
        steps=[StepPlan(name="Account", role=Role.MANAGER)],
    )
    draft = correct_publication(user=world.vito, publication=live, act="new_post", text="Era il 2026.")
    assert review_of(submit_post(user=world.vito, post=draft)).chain == world.chain


def test_what_can_not_be_done_is_refused_with_words(
    world: World, live: Publication, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Sandbox, "threads", False)
    monkeypatch.setattr(Sandbox, "comments", False)
    with pytest.raises(ValidationError) as none:
        correct_publication(user=world.vito, publication=live, act="reply", text="Scusate.")
    assert none.value.message_dict == {"act": ["On Sandbox what is live can't be answered from here."]}
    with pytest.raises(Conflict) as part:
        take_down(user=world.vito, publication=run(edit(world, live)), because=WHY)
    assert part.value.code == "part_of_another"
    with pytest.raises(Conflict) as waiting:
        correct_publication(user=world.vito, publication=world.due(), act="edit")
    assert waiting.value.code == "not_live"
    draft = correct_publication(user=world.vito, publication=live, act="edit")
    with pytest.raises(ValidationError):
        edit_post(user=world.vito, post=draft, channels=[])
    asked = take_down(user=world.vito, publication=live, because=WHY)
    with pytest.raises(ValidationError):
        edit_post(user=world.vito, post=asked, text="Altro.")
    with pytest.raises(ValidationError):
        edit_post(user=world.vito, post=asked, because="")
    edit_post(user=world.vito, post=asked, because="Un altro motivo.")
    asked.refresh_from_db()
    assert (asked.state, asked.version) == ("draft", None)


def entry(*media: str, comment: str = "", link: str = "", part: str = "Due", **more: str) -> dict[str, Any]:
    """What goes out on a channel, with these pictures on its second post."""
    parts = [{"text": part, "media": [{"sha256": sha256, **more} for sha256 in media]}] if part else []
    words = {"comment": comment} if comment else {}
    return {"text": "Uno", "link": link, "media": [], "options": {}, "parts": parts, **words}


@pytest.mark.parametrize(
    ("network", "before", "after", "field", "code"),
    [
        ("x", entry("a"), entry("b"), "parts", "words_only"),  # another picture further down
        ("mastodon", entry("a"), entry("a", captions="1"), "parts", "words_only"),
        ("x", entry(), entry(part=""), "parts", "same_posts"),
        ("wordpress", entry(part=""), entry(part="", comment="Qui"), "parts", "same_posts"),
        ("facebook", entry(part="", comment="Qui"), entry(part="", comment="Là"), "comment", "same_comment"),
        ("linkedin", entry(part="", comment="Qui"), entry(part="", comment="Là"), "comment", "same_comment"),
        ("linkedin", entry(part=""), entry(part="", link="https://a.example"), "link", "words_only"),
    ],
)
def test_what_a_network_would_leave_as_it_was_is_refused_beforehand(
    network: str, before: dict[str, Any], after: dict[str, Any], field: str, code: str
) -> None:
    with pytest.raises(ValidationError) as refused:
        require_change(networks.get(network), before, after)
    assert [(name, errors[0].code) for name, errors in refused.value.error_dict.items()] == [(field, code)]
    for changed in ({"text": "Uno."}, {"text": "Uno.", "media": []}):
        require_change(networks.get(network), before, {**before, **changed})
    if networks.get(network).threads:
        both = entry("a", comment="Qui"), entry("a", comment="Là")
        require_change(networks.get(network), *both)


@pytest.mark.parametrize(("was", "becomes", "sound"), [(1, 1, True), (1, 2, False), (2, 1, False), (0, 1, False)])
def test_on_telegram_a_post_keeps_how_many_pictures_it_has(was: int, becomes: int, sound: bool) -> None:  # noqa: FBT001
    before, after = (
        {**entry(part=""), "media": [{"sha256": f"{name}{number}"} for number in range(many)]}
        for name, many in (("a", was), ("b", becomes))
    )
    if sound:
        require_change(networks.get("telegram"), before, after)
        return
    with pytest.raises(ValidationError) as refused:
        require_change(networks.get("telegram"), before, after)
    assert refused.value.error_dict["media"][0].code == "same_media"
    require_change(networks.get("wordpress"), before, after)  # which changes as many as one likes


@pytest.mark.parametrize(
    ("network", "was", "becomes", "sound"),
    [
        ("x", {}, {"replies": "following"}, False),
        ("mastodon", {"visibility": "unlisted"}, {}, False),
        ("mastodon", {}, {"content_warning": "Vino"}, True),
        ("wordpress", {"title": "Uno"}, {"title": "Due"}, True),
        ("wordpress", {"categories": ["Vino"]}, {}, False),  # WordPress would keep them
        ("wordpress", {}, {"status": "draft"}, False),
    ],
)
def test_what_is_asked_beside_the_text_is_changed_where_the_network_changes_it(
    network: str,
    was: dict[str, Any],
    becomes: dict[str, Any],
    sound: bool,  # noqa: FBT001
) -> None:
    before, after = ({**entry(part=""), "options": options} for options in (was, becomes))
    if sound:
        require_change(networks.get(network), before, after)
        return
    with pytest.raises(ValidationError) as refused:
        require_change(networks.get(network), before, {**after, "text": "Uno."})
    assert refused.value.error_dict["variants"][0].code == "field_stays"


def test_each_network_names_fields_of_its_own_as_those_that_change() -> None:
    for network in networks.NETWORKS.values():
        assert set(network.keeps_fields) <= set(network.edits_fields) <= {field.name for field in network.fields}


def test_a_change_of_words_says_of_pictures_what_is_live(
    world: World, live: Publication, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the library says of a picture by now is not approved where the network would go on showing what it said before."""
    media = stored(world.vito, world.winery, "Uva")
    shown = run(world.due(text="Vendemmia 2025.", media=[media]))
    describe_media(user=world.vito, media=media, alt_text="Un grappolo")
    draft = correct_publication(user=world.vito, publication=shown, act="edit", because=WHY, text="Era il 2026.")
    said = []
    for words_only in (False, True):
        monkeypatch.setattr(Sandbox, "edits_media", not words_only)
        monkeypatch.setattr(Sandbox, "edits_alt_texts", not words_only)
        said.append(content_of(draft)["channels"][0]["media"][0]["alt_text"])
    assert said == ["Un grappolo", "Uva"]
    post = submit_post(user=world.vito, post=draft)
    describe_media(user=world.vito, media=media, alt_text="Tre grappoli")  # which takes no approval of it back
    change = run(approved(world, post))
    assert (change.state, change.version.content["channels"][0]["media"][0]["alt_text"]) == ("published", "Uva")


def test_a_thread_in_the_sandbox_is_answered_and_not_changed() -> None:
    before = entry()
    with pytest.raises(ValidationError) as refused:
        require_change(networks.get("sandbox"), before, {**before, "text": "Uno."})
    assert refused.value.error_dict["parts"][0].code == "single_posts"
    single = entry(part="")
    require_change(networks.get("sandbox"), single, {**single, "text": "Uno."})


def test_nobody_else_corrects_or_takes_down(world: World, live: Publication) -> None:
    for user in (world.bruno, world.sindaco, world.carlo):
        with pytest.raises(ObjectDoesNotExist):
            correct_publication(user=user, publication=live, act="edit")
        with pytest.raises(ObjectDoesNotExist):
            take_down(user=user, publication=live, because=WHY)
    for user in (world.cliente, world.nonna):
        with pytest.raises(PermissionDenied):
            take_down(user=user, publication=live, because=WHY)


@pytest.mark.parametrize(
    ("behaviour", "outcome"), [("refuse", "refused"), ("throttle", "throttled"), ("unavailable", "not_sent")]
)
@pytest.mark.parametrize("act", [edit, down])
def test_a_no_leaves_what_is_live_as_it_was(
    world: World, live: Publication, behaviour: str, outcome: str, act: Any
) -> None:
    edit_channel(user=world.marta, channel=world.page, credentials={"behaviour": behaviour})
    publication = run(act(world, live))
    assert (outcomes(publication), publication.begun) == ([outcome], False)
    assert publication.state == ("failed" if behaviour == "refuse" else "scheduled")
    assert page() == ["Vendemmia 2025."]
    heal(world)
    if behaviour == "refuse":
        retry_publication(user=world.marta, publication=publication)
    wake(publication)
    assert run(publication).state == "published"


@pytest.mark.parametrize("act", [edit, down])
def test_an_unclear_change_is_made_again_and_is_one(world: World, live: Publication, act: Any) -> None:
    edit_channel(user=world.marta, channel=world.page, credentials={"behaviour": "drop_after_accept"})
    publication = run(act(world, live))
    assert (publication.state, publication.begun) == ("unknown", True)
    with pytest.raises(Conflict):
        cancel_post(user=world.marta, post=publication.post)
    heal(world)
    wake(publication)
    run(publication)  # a change is asked about by making it again; what is gone is seen to be gone
    assert run(publication).state == "published"
    assert page() == (["Vendemmia 2026."] if act is edit else [])


def test_what_may_be_live_is_not_acted_on_before_somebody_knows(world: World) -> None:
    edit_channel(user=world.marta, channel=world.page, credentials={"behaviour": "drop_after_accept"})
    doubtful, vito = run(world.due()), Caller(world.vito)
    assert (doubtful.state, possible(doubtful)) == ("unknown", [])
    for path, given in (("take_down", {}), ("correct", {"act": "edit"}), ("correct", {"act": "new_post"})):
        told = vito.post(f"publications/{doubtful.pk}/{path}/", {"because": WHY, **given}, 409)
        assert told["code"] == "in_doubt"


def test_an_answer_whose_number_nobody_knows_is_not_called_taken_down(world: World, live: Publication) -> None:
    draft = correct_publication(user=world.vito, publication=live, act="reply", text="Era il 2026.")
    answer = run(approved(world, submit_post(user=world.vito, post=draft)))
    Publication.objects.filter(pk=answer.pk).update(remote_id="")  # as where a person has said that it is live
    gone = run(down(world, live))
    answer.refresh_from_db()
    assert (gone.state, page(), answer.taken_down_at) == ("published", ["Era il 2026."], None)
    assert gone.detail.startswith("Una nostra risposta resta lì")


def test_an_answer_is_one_post(world: World, live: Publication, monkeypatch: pytest.MonkeyPatch) -> None:
    """What of it would not be sent is not approved."""
    monkeypatch.setattr(Sandbox, "fields", networks.get("mastodon").fields)
    fields = {"content_warning": "Vino"}
    for given, at, code in (
        ({"parts": [PartPlan(text="E poi.")]}, "parts", "one_post"),
        ({"comment": "Qui."}, "comment", "one_post"),
        ({"variants": [VariantPlan(channel=world.page, fields=fields)]}, "variants", "field_stays"),
    ):
        draft = correct_publication(user=world.vito, publication=live, act="reply", text="Era il 2026.")
        edit_post(user=world.vito, post=draft, **given)
        with pytest.raises(ValidationError) as refused:
            submit_post(user=world.vito, post=draft)
        assert refused.value.error_dict[at][0].code == code


def test_an_answer_to_what_is_taken_down_meanwhile_is_given_up(world: World, live: Publication) -> None:
    drafts = [correct_publication(user=world.vito, publication=live, act="reply", text=text) for text in ("Uno", "Due")]
    answer = approved(world, submit_post(user=world.vito, post=drafts[0]))
    wake(answer, due_at=timezone.now() + timedelta(hours=1))
    run(down(world, live))
    wake(answer, due_at=timezone.now())
    assert (run(answer).state, page()) == ("cancelled", [])
    told = Caller(world.vito).post(f"posts/{drafts[1].pk}/submit/", {}, 409)
    assert told["code"] == "taken_down"


def test_a_change_that_never_gets_an_answer_asks_a_person(world: World, live: Publication) -> None:
    edit_channel(user=world.marta, channel=world.page, credentials={"behaviour": "drop_after_accept"})
    publication = run(edit(world, live))
    for _turn in range(10):
        if publication.wake_at is None:
            break
        wake(publication)
        run(publication)
    assert (publication.state, publication.wake_at, set(outcomes(publication))) == ("unknown", None, {"unknown"})
    assert told("publication_unknown") == ["Marta Gallo", "Vito Serra"]
    found = resolve_publication(user=world.marta, publication=publication, outcome="published")
    assert found.state == "published"


def test_what_a_person_has_said_is_live_is_corrected_by_a_new_post_alone(world: World, live: Publication) -> None:
    Publication.objects.filter(pk=live.pk).update(remote_id="")
    live.refresh_from_db()
    assert possible(live) == ["new_post"]
    for act in ("edit", "reply"):
        with pytest.raises(Conflict) as refused:
            correct_publication(user=world.vito, publication=live, act=act, because=WHY)
        assert refused.value.code == "not_known_there"
    with pytest.raises(Conflict):
        take_down(user=world.vito, publication=live, because=WHY)
    draft = correct_publication(user=world.vito, publication=live, act="new_post", because=WHY, text="È il 2026.")
    soon = timezone.now() + timedelta(hours=1)
    approve(submit_post(user=world.vito, post=edit_post(user=world.vito, post=draft, publish_at=soon)), world.marta)
    out = draft.publications.get()
    Publication.objects.filter(pk=out.pk).update(due_at=timezone.now(), wake_at=timezone.now())
    assert run(out).state == "published"
    assert page() == ["Vendemmia 2025.", "È il 2026."]


def test_a_no_after_an_unclear_try_is_not_called_undone(world: World, live: Publication) -> None:
    edit_channel(user=world.marta, channel=world.page, credentials={"behaviour": "drop_after_accept"})
    publication = run(edit(world, live))
    edit_channel(user=world.marta, channel=world.page, credentials={"behaviour": "refuse"})
    wake(publication)
    run(publication)
    assert (run(publication).state, publication.wake_at) == ("unknown", None)
    assert page() == ["Vendemmia 2026."]


@pytest.mark.parametrize("act", [edit, down])
def test_a_worker_killed_over_a_change_is_followed_by_one_that_makes_it(
    world: World, live: Publication, act: Any
) -> None:
    publication = act(world, live)
    assert claiming.claim(publication_id=publication.pk, now=timezone.now()) is not None
    wake(publication)
    settling.end_lease(publication_id=publication.pk)
    asking.ask(publication_id=publication.pk)
    run(publication)
    assert (run(publication).state, outcomes(publication)) == ("published", ["unknown", "published"])
    assert page() == (["Vendemmia 2026."] if act is edit else [])


def test_an_edit_of_what_was_taken_down_meanwhile_is_given_up(world: World, live: Publication) -> None:
    change = edit(world, live)
    wake(change, due_at=timezone.now() + timedelta(hours=1))
    assert run(down(world, live)).state == "published"
    wake(change, due_at=timezone.now())
    assert (run(change).state, change.detail, page()) == (
        "cancelled",
        "Ciò che corregge nel frattempo è stato tolto.",
        [],
    )


def test_two_edits_of_the_same_words_are_not_both_made(world: World, live: Publication) -> None:
    first, second = edit(world, live, "Uno."), edit(world, live, "Due.")
    run(first)
    second.refresh_from_db()
    assert (first.state, second.state, page()) == ("published", "cancelled", ["Uno."])


def test_one_thing_at_a_time_is_done_to_what_is_live(world: World, live: Publication) -> None:
    change, end = edit(world, live), down(world, live)
    assert claiming.claim(publication_id=change.pk, now=timezone.now()) is not None
    publishing.publish(publication_id=end.pk)
    end.refresh_from_db()
    assert (end.state, end.tries) == ("scheduled", 0)
    assert end.wake_at is not None
    assert end.wake_at > timezone.now()


def test_a_stop_holds_corrections_too(world: World, live: Publication) -> None:
    change = edit(world, live)
    freeze(user=world.vito, client=world.winery, reason="Si decide.")
    assert (run(change).state, page()) == ("scheduled", ["Vendemmia 2025."])
    unfreeze(user=world.marta, client=world.winery)
    wake(change)
    assert run(change).state == "late"
    retry_publication(user=world.marta, publication=change)
    assert (run(change).state, page()) == ("published", ["Vendemmia 2026."])


def test_a_retired_channel_takes_no_corrections(world: World, live: Publication) -> None:
    change = edit(world, live)
    retire_channel(user=world.marta, channel=world.page)
    change.refresh_from_db()
    assert change.state == "cancelled"
    with pytest.raises(Conflict):
        take_down(user=world.vito, publication=live, because=WHY)


class Threaded(Stepwise):
    """A network with threads: each part is below the one before, and each has a number of its own."""

    slug = "threaded"
    deletes = True

    def publish(self, account: Any, content: Content, keys: Any, journal: Journal) -> Published:
        """Show what is not there yet."""
        texts = {"publish": content.text, **{f"part:{n}": part.text for n, part in enumerate(content.parts, start=1)}}
        for step, text in texts.items():
            if journal.given(step) is None:
                journal.sending(step)
                self._call(step, {}, shows=(account.handle, text))
                journal.sent(step, {"id": f"{len(self.live)}"})
        return Published("1", "https://threaded.example/1")

    def delete(self, account: Any, live: Published) -> None:
        """Note what was taken down."""
        self.calls.append(f"delete {live.remote_id}")


@pytest.fixture
def threaded(world: World, short: Chain, monkeypatch: pytest.MonkeyPatch) -> Threaded:
    network = Threaded()
    monkeypatch.setitem(networks.NETWORKS, "threaded", network)
    return network


def test_an_answer_is_sent_below_what_is_live_and_goes_with_it(world: World, threaded: Threaded) -> None:
    channel = create_channel(user=world.marta, client=world.winery, network="threaded", handle="roero")
    live = run(world.due(channels=[channel], text="Vendemmia 2025."))
    draft = correct_publication(user=world.vito, publication=live, act="reply", because=WHY, text="Era il 2026.")
    answer = run(approved(world, submit_post(user=world.vito, post=draft)))
    assert (answer.state, answer.remote_id, answer.begun) == ("published", "2", True)
    assert threaded.live == [("roero", "Vendemmia 2025."), ("roero", "Era il 2026.")]
    run(down(world, live))
    assert threaded.calls[-2:] == ["delete 2", "delete 1"]
    answer.refresh_from_db()
    assert answer.taken_down_at is not None


def test_an_answer_on_the_sandbox_stands_below(world: World, live: Publication) -> None:
    draft = correct_publication(user=world.vito, publication=live, act="reply", text="Era il 2026.")
    answer = run(approved(world, submit_post(user=world.vito, post=draft)))
    assert answer.state == "published"
    (root, below) = SandboxPost.objects.order_by("id")
    assert (root.text, below.text, below.below) == ("Vendemmia 2025.", "Era il 2026.", root)
    run(down(world, live))
    assert page() == []


def test_an_answer_never_sends_again_what_is_above_it(world: World, threaded: Threaded) -> None:
    channel = create_channel(user=world.marta, client=world.winery, network="threaded", handle="roero")
    live = run(world.due(channels=[channel], text="Vendemmia 2025.", parts=[PartPlan(text="Poi si pigia.")]))
    # What was written down is not all of it.
    Publication.objects.filter(pk=live.pk).update(progress={"steps": {"upload": {"given": {}, "until": None}}})
    draft = correct_publication(user=world.vito, publication=live, act="reply", text="Era il 2026.")
    answer = run(approved(world, submit_post(user=world.vito, post=draft)))
    assert (answer.state, outcomes(answer), len(threaded.live)) == ("failed", ["refused"], 2)
