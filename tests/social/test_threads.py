"""A post may be a thread, with a first comment and what its network asks beside: written, approved and shown as one."""

import io
import json
from typing import Any

import pypdf
import pytest
from django.core.exceptions import ValidationError
from django.utils import translation

from approvals.proof import keys
from approvals.proof.files import proof_of
from approvals.proof.verify_evidence import verify
from approvals.rewording import Piece
from approvals.services import add_comment, take_over
from approvals.subjects import type_of
from social.differences import Below, Shot, differences
from social.digest import canonical, content_of, digest_of
from social.models import Channel, Media, Post, Rendition
from social.passages import passages_of
from social.previews import previews
from social.selectors import media as visible_media
from social.services import create_channel, describe_media, duplicate_post, edit_post, renditions, submit_post
from social.services.checks import check_content
from social.services.content_rows import PartPlan, VariantPlan
from social.services.facts import facts_of
from social.services.suggesting import reach_of
from tests.social.pictures import stored
from tests.social.test_suggesting import code
from tests.world import World, review_of, sandbox


@pytest.fixture(autouse=True)
def _own_storage(settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def photo(world: World) -> Media:
    return stored(world.vito, world.winery)


@pytest.fixture
def on_x(world: World) -> Channel:
    """A network that asks things beside the text."""
    return create_channel(
        user=world.marta, client=world.winery, network="x", handle="roero", name="X", credentials={"access_token": "t"}
    )


def entry_of(post: Post, channel: Channel) -> dict[str, Any]:
    """What would go out there."""
    return next(e for e in content_of(Post.objects.get(pk=post.pk))["channels"] if e["channel"] == channel.pk)


def errors(world: World, post: Post) -> dict[str, list[str]]:
    """What each field of a submission is refused for."""
    with pytest.raises(ValidationError) as refused:
        submit_post(user=world.vito, post=post)
    return {field: [str(e.code) for e in found] for field, found in refused.value.error_dict.items()}


THREAD = [PartPlan(text="Le mani sono viola."), PartPlan(text="Domani si pigia.")]


def test_a_content_without_any_of_it_is_what_it_always_was(world: World) -> None:
    post = world.draft()
    assert entry_of(post, world.page) == {
        "channel": world.page.pk,
        "network": "sandbox",
        "server": "",
        "handle": "cantina-roero",
        "text": "Oggi si vendemmia.",
        "link": "",
        "media": [],
        "options": {},
    }


def test_all_of_it_goes_out_and_is_in_the_digest(world: World, photo: Media, on_x: Channel) -> None:
    seen = set()
    parts = [PartPlan(text="Le mani sono viola.\r\n", media=[photo]), THREAD[1]]
    post = world.draft(channels=[world.page, on_x], parts=parts, comment=" Si prenota qui. ")
    seen.add(digest_of(content_of(post)))
    picture = {"sha256": photo.sha256, "mime": "image/png", "alt_text": "Grappoli"}
    shared = {
        "parts": [{"text": "Le mani sono viola.\n", "media": [picture]}, {"text": "Domani si pigia.", "media": []}],
        "comment": "Si prenota qui.",
    }
    for channel in (world.page, on_x):
        entry = entry_of(post, channel)
        assert {name: entry[name] for name in shared} == shared
    own = VariantPlan(channel=on_x, parts=[PartPlan(text="Solo qui.")], comment="", fields={"made_with_ai": True})
    edit_post(user=world.vito, post=post, variants=[own])
    entry = entry_of(post, on_x)
    assert (entry["parts"], entry["options"]) == ([{"text": "Solo qui.", "media": []}], {"made_with_ai": True})
    assert "comment" not in entry
    assert entry_of(post, world.page)["parts"] == shared["parts"]
    seen.add(digest_of(content_of(Post.objects.get(pk=post.pk))))
    edit_post(user=world.vito, post=post, variants=[VariantPlan(channel=on_x, parts=[])])
    assert {"parts", "options"} & entry_of(post, on_x).keys() == {"options"}
    edit_post(user=world.vito, post=post, parts=[parts[1], parts[0]])
    edit_post(user=world.vito, post=post, comment="")
    seen.add(digest_of(content_of(Post.objects.get(pk=post.pk))))
    edit_post(user=world.vito, post=post, parts=[])
    seen.add(digest_of(content_of(Post.objects.get(pk=post.pk))))
    assert len(seen) == 4
    assert post.media_rows.count() == 0


def test_a_change_in_a_part_takes_the_approval_back(world: World, photo: Media) -> None:
    post = world.approved(parts=[PartPlan(text="Le mani sono viola.", media=[photo])])
    describe_media(user=world.vito, media=photo, alt_text="Mani viola")
    post.refresh_from_db()
    assert post.state == "draft"
    post = submit_post(user=world.vito, post=post)
    edit_post(user=world.vito, post=post, parts=[PartPlan(text="Le mani sono blu.", media=[photo])])
    post.refresh_from_db()
    assert post.state == "draft"
    assert not post.version_id


def test_fields_are_of_the_kind_that_is_asked(world: World, on_x: Channel) -> None:
    post = world.draft(channels=[world.page, on_x])

    def refusal(channel: Channel, **fields: Any) -> str:
        with pytest.raises(ValidationError) as refused:
            edit_post(user=world.vito, post=post, variants=[VariantPlan(channel=channel, fields=fields)])
        (error,) = refused.value.error_dict["variants"]
        return str(error.code)

    assert refusal(on_x, board="Vini") == "unknown_field"
    assert refusal(world.page, replies="following") == "unknown_field"
    assert refusal(on_x, paid_partnership="yes") == "field_kind"
    assert refusal(on_x, replies=["following"]) == "field_kind"
    assert refusal(on_x, replies="\x00") == "null_character"
    # What says nothing is not kept.
    nothing = {"replies": "", "paid_partnership": False, "made_with_ai": None}
    edit_post(user=world.vito, post=post, variants=[VariantPlan(channel=on_x, fields=nothing)])
    assert entry_of(post, on_x)["options"] == {}
    edit_post(user=world.vito, post=post, variants=[VariantPlan(channel=on_x, fields={"replies": "everybody"})])
    assert errors(world, post) == {"variants": ["field_not_valid"]}


def test_what_a_network_has_no_way_to_carry_is_refused_before_anybody_is_asked(world: World) -> None:
    page = Channel.objects.create(client=world.winery, network="linkedin", handle="r", name="LinkedIn")
    post = world.draft(channels=[page], parts=THREAD, comment="Ciao")
    assert errors(world, post) == {"parts": ["no_threads"]}
    post = world.draft(channels=[world.page], parts=[PartPlan(text=" ")], comment="x" * 501)
    assert errors(world, post) == {"parts": ["part_empty"], "comment": ["comment_too_long"]}
    edit_post(user=world.vito, post=post, parts=[PartPlan(text="x" * 501)], comment="")
    assert errors(world, post) == {"parts": ["part_too_long"]}
    edit_post(user=world.vito, post=post, parts=[PartPlan(text=f"{n}") for n in range(25)])
    assert errors(world, post) == {"parts": ["thread_too_long"]}


def test_a_copy_has_all_of_it(world: World, photo: Media, on_x: Channel) -> None:
    own = VariantPlan(channel=on_x, parts=[PartPlan(text="Solo qui.", media=[photo])], fields={"replies": "verified"})
    post = world.draft(channels=[world.page, on_x], media=[photo], parts=THREAD, comment="Ciao", variants=[own])
    assert digest_of(content_of(duplicate_post(user=world.vito, post=post))) == digest_of(content_of(post))


def test_chains_ask_about_all_words_that_go_out(world: World, on_x: Channel) -> None:
    post = world.draft(channels=[on_x], parts=[PartPlan(text="Vai su roero.it")], comment="A soli 9 €")
    facts = facts_of(post)
    assert facts.texts == ("Oggi si vendemmia.", "Vai su roero.it", "A soli 9 €")
    assert facts.links


def test_pictures_of_a_part_are_seen_by_who_is_asked(world: World, photo: Media) -> None:
    assert photo not in visible_media(world.cliente)
    world.approved(parts=[PartPlan(text="Ecco", media=[photo])])
    assert photo in visible_media(world.cliente)


def test_pictures_of_a_part_are_made_as_the_network_wants_them(world: World, photo: Media) -> None:
    wants_jpeg = Channel.objects.create(client=world.winery, network="instagram", handle="r", name="Instagram")
    post = world.draft(channels=[wants_jpeg], parts=[PartPlan(text="Ecco", media=[photo])])
    (order,) = Rendition.objects.filter(source=photo.sha256)
    (shown,) = entry_of(post, wants_jpeg)["parts"][0]["media"]
    assert shown["rendition"] == ""
    renditions.make(rendition_id=order.pk)
    (shown,) = entry_of(post, wants_jpeg)["parts"][0]["media"]
    assert shown["rendition"] == Rendition.objects.get(pk=order.pk).sha256
    (check,) = check_content(world.winery.pk, content_of(post))
    assert check.content.parts[0].media[0].mime == "image/jpeg"


def test_what_is_new_is_told_post_by_post(world: World, photo: Media, on_x: Channel) -> None:
    post = world.draft(channels=[on_x], parts=[PartPlan(text="Uno"), PartPlan(text="Due", media=[photo])])
    old = content_of(post)
    edit_post(
        user=world.vito,
        post=post,
        parts=[PartPlan(text="Uno"), PartPlan(text="Nuovo"), PartPlan(text="Due")],
        comment="Ciao",
        variants=[VariantPlan(channel=on_x, fields={"replies": "verified"})],
    )
    new = content_of(Post.objects.get(pk=post.pk))
    (found,) = differences(world.winery.pk, old, new)
    shot = Shot(kind="removed", sha256=photo.sha256, alt_text="Grappoli", url=f"/media/{photo.pk}/")
    replaced = Below(
        number=3,
        text=(Piece("removed", "Due"), Piece("added", "Nuovo")),
        pictures_went=("Grappoli",),
        before=(shot,),
    )
    assert found.parts == (replaced, Below(number=4, came=True, text=(Piece("added", "Due"),)))
    assert found.comment == (Piece("added", "Ciao"),)
    assert [(asked.label, asked.words) for asked in found.asked] == [
        ("Who can reply", (Piece("added", "Verified accounts"),))
    ]
    (back,) = differences(world.winery.pk, new, old)
    assert [(part.number, part.went) for part in back.parts] == [(3, False), (4, True)]


def test_each_post_can_be_commented_on_and_counted(world: World, photo: Media, on_x: Channel) -> None:
    parts = [PartPlan(text="Le mani sono viola.", media=[photo])]
    own = VariantPlan(channel=on_x, fields={"replies": "verified"})
    post = world.draft(channels=[on_x], parts=parts, comment="Ciao", variants=[own])
    key = str(on_x.pk)
    found = passages_of(world.winery.pk, content_of(post))
    assert [(p.key, p.name, p.text) for p in found] == [
        (key, "X · X", "Oggi si vendemmia."),
        (f"{key}:part:1", "X · X, post 2 of the thread", "Le mani sono viola."),
        (f"{key}:comment", "X · X, first comment", "Ciao"),
    ]
    assert found[1].pictures == ((photo.sha256, "Grappoli"),)
    (preview,) = previews(world.winery.pk, content_of(post))
    assert [(b.key, b.number, b.shown, b.used, b.limit) for b in preview.below] == [
        (f"{key}:part:1", 2, "Le mani sono viola.", 19, 280),
        (f"{key}:comment", 0, "Ciao", 4, 280),
    ]
    assert [(told.label, told.value) for told in preview.asked] == [("Who can reply", "Verified accounts")]
    (check,) = check_content(world.winery.pk, content_of(post))
    assert check.content.parts[0].media[0].sha256 == photo.sha256
    assert (check.content.comment, dict(check.content.fields)) == ("Ciao", {"replies": "verified"})


def test_mails_and_proofs_have_all_of_it(world: World, photo: Media, on_x: Channel) -> None:
    own = VariantPlan(channel=on_x, comment="Solo qui", fields={"replies": "verified"})
    parts = [PartPlan(text="Le mani sono viola.", media=[photo])]
    post = world.approved(channels=[world.page, on_x], parts=parts, comment="Si prenota.", variants=[own])
    review = review_of(post)
    with translation.override("en"):
        page = world.page.name
        assert type_of(review).excerpts(review) == [
            (page, "Oggi si vendemmia."),
            (f"{page}, post 2 of the thread", "Le mani sono viola."),
            (f"{page}, first comment", "Si prenota."),
            ("X", "Oggi si vendemmia.\nWho can reply: Verified accounts"),
            ("X, post 2 of the thread", "Le mani sono viola."),
            ("X, first comment", "Solo qui"),
        ]
        files = [proof_of(user=world.marta, review=review, form=form) for form in ("json", "pdf")]
    assert [verify(file.data, trusted=keys.own()).problems for file in files] == [[], []]
    said = json.loads(files[0].data)["evidence"]
    assert said["subject"]["content"] == canonical(content_of(post)).decode()
    assert [(part["where"], part["text"], len(part["pictures"])) for part in said["parts"]] == [
        (f"{page} (cantina-roero)", "Oggi si vendemmia.", 0),
        (f"{page} (cantina-roero), post 2 of the thread", "Le mani sono viola.", 1),
        (f"{page} (cantina-roero), first comment", "Si prenota.", 0),
        ("X (roero)", "Oggi si vendemmia.", 0),
        ("X (roero), post 2 of the thread", "Le mani sono viola.", 1),
        ("X (roero), first comment", "Solo qui", 0),
    ]
    asked = {"label": "Who can reply", "words": "Verified accounts", "exact": "verified"}
    assert [part.get("asked") for part in said["parts"]] == [None, None, None, [asked], None, None]
    drawn = "".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(files[1].data)).pages)
    assert all(words in drawn for words in ("Solo qui", "post 2 of the thread", "Who can reply: Verified accounts"))


def test_suggested_words_come_into_the_post_they_are_about(world: World, photo: Media) -> None:
    second = sandbox(world.marta, world.winery, "roero-due")
    post = world.submitted(
        channels=[world.page, second],
        parts=[PartPlan(text="Le mani sono viola.", media=[photo]), PartPlan(text="Domani si pigia.")],
        comment="Si prenota qui.",
        variants=[VariantPlan(channel=second, comment="Vi aspettiamo.")],
    )
    review = review_of(post)
    both = f"{world.page.name}, {second.name}"
    reach = reach_of(post)
    assert reach[f"{second.pk}:part:1"] == f"Changes the post’s own thread, which goes out on {both}."
    assert reach[f"{world.page.pk}:comment"] == "Changes the post’s own first comment."
    assert reach[f"{second.pk}:comment"] == f"Changes the first comment of {second.name} alone."

    def suggest(part: str, text: str, quote: str, words: str) -> Any:
        start = text.index(quote)
        anchor = {"part": part, "start": start, "end": start + len(quote), "quote": quote}
        return add_comment(
            review=review, user=world.elena, text="", audience="internal", anchor=anchor, suggestion=words
        )

    said = [
        suggest(f"{world.page.pk}:part:1", "Le mani sono viola.", "viola", "blu"),
        suggest(f"{second.pk}:part:1", "Le mani sono viola.", "Le mani", "Mani e braccia"),
        suggest(f"{second.pk}:part:1", "Le mani sono viola.", "viola", "rosse"),
        suggest(f"{second.pk}:comment", "Vi aspettiamo.", "Vi", "Qui vi"),
    ]
    take_over(comment=said[0], user=world.vito)
    take_over(comment=said[1], user=world.vito)
    # It says viola there no more, on whichever channel.
    assert code(lambda: take_over(comment=said[2], user=world.vito)) == "passage_changed"
    take_over(comment=said[3], user=world.vito)
    post.refresh_from_db()
    assert (post.parts, post.comment) == (["Mani e braccia sono blu.", "Domani si pigia."], "Si prenota qui.")
    entry = entry_of(post, second)
    assert (entry["comment"], entry["parts"][0]["media"][0]["sha256"]) == ("Qui vi aspettiamo.", photo.sha256)
    post = submit_post(user=world.vito, post=post)
    assert post.version is not None
    assert post.version.holds("Qui vi")
