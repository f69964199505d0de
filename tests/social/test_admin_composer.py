"""Vito writes a post in the staff's pages, and whatever goes wrong, nothing he typed is lost."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from approvals.models import Review
from social.digest import content_of
from social.models import Media, Post, PostState, PostVersion
from social.services import create_label, edit_label, edit_post, retire_channel
from strategy.services import create_pillar, edit_pillar
from tests.browsing import Staff, words
from tests.social.pictures import png, stored
from tests.world import World, approve, sandbox

ROME = ZoneInfo("Europe/Rome")


@pytest.fixture(autouse=True)
def _english(world: World) -> None:
    for person in (world.vito, world.ada, world.elena):
        person.language = "en"
        person.save(update_fields=["language"])


def typed(world: World, **fields: Any) -> dict[str, Any]:
    """A form as the browser sends it."""
    return {
        "token": "uno",
        "title": "Vendemmia",
        "text": "Oggi si vendemmia.",
        "channels": [world.page.pk],
        "do": "save",
        **fields,
    }


def write(world: World, post: Post | None = None, /, **fields: Any) -> Any:
    """What Vito gets when he sends the form."""
    vito = Staff(world.vito)
    data = typed(world, **fields)
    if post is None:
        return vito.send("social_post_add", data=data)
    data.setdefault("revision", post.revision)
    return vito.send("social_post_change", post.pk, data=data)


def test_a_post_is_written_and_submitted_in_one(world: World) -> None:
    picture = stored(world.vito, world.winery)
    second = sandbox(world.marta, world.winery, "roero-due")
    answer = write(
        world,
        do="submit",
        link="https://example.org/vino",
        channels=[world.page.pk, second.pk],
        media=[picture.pk],
        day="2030-03-30",
        time="09:00",
        **{f"own_{second.pk}": "on", f"text_{second.pk}": "Qui con altre parole."},
    )
    post = Post.objects.get()
    assert answer.redirect_chain == [(f"/admin/social/post/{post.pk}/", 302)]
    assert (post.state, post.publish_at, post.publish_zone) == (
        PostState.IN_REVIEW,
        datetime(2030, 3, 30, 8, 0, tzinfo=UTC),
        "Europe/Rome",
    )
    assert post.version is not None
    entries = post.version.content["channels"]
    assert [(entry["text"], entry["link"]) for entry in entries] == [
        ("Oggi si vendemmia.", "https://example.org/vino"),
        ("Qui con altre parole.", "https://example.org/vino"),
    ]
    assert [entry["media"][0]["alt_text"] for entry in entries] == ["Grappoli", "Grappoli"]


def test_the_client_is_chosen_first_when_there_are_several(world: World) -> None:
    ada = Staff(world.ada)
    assert "For which client? Cantina Roero Comune di Alba" in words(ada.open("social_post_add"))
    page = words(ada.open("social_post_add", query=f"?client={world.town.pk}"))
    assert "Comune di Alba" in page
    assert "Cantina Roero" not in page
    assert Staff(world.vito).open("social_post_add", query=f"?client={world.town.pk}").status_code == 404
    assert Staff(world.vito).open("social_post_add", query="?client=x").status_code == 404


def test_who_is_no_staff_does_not_write(world: World) -> None:
    for person in [world.cliente, world.nonna, world.carlo]:
        answer = Staff(person).open("social_post_add")
        assert (answer.status_code, answer.url) == (302, "/admin/login/?next=/admin/social/post/add/")
        assert Staff(person).browser.get(answer.url).status_code == 403


BAD: list[tuple[dict[str, Any], str]] = [
    ({"text": "u" * 501, "do": "submit"}, "Too long for Sandbox: 501 of 500. This is where it is cut."),
    ({"text": "a\x00b"}, "Null characters are not allowed."),
    ({"link": "example.org"}, "Enter a valid URL."),
    ({"day": "2020-01-01", "time": "09:00"}, "This time has passed. Choose one to come, or none."),
    ({"day": "2030-01-01"}, "A time needs both: the day and the hour."),
    ({"day": "domani", "time": "09:00"}, "This is no time. Type the day and the hour."),
    ({"day": "2030-03-31", "time": "02:30"}, "02:30 does not exist that night"),
    ({"day": "2030-10-27", "time": "02:30"}, "02:30 comes twice that night"),
    ({"channels": [], "do": "submit"}, "Choose at least one channel."),
    ({"text": "", "do": "submit"}, "Nothing goes out on Sandbox yet"),
    ({"title": "t" * 201}, "Ensure this value has at most 200 characters (it has 201)."),
    ({"chain": "999999"}, "That choice is not one of the available choices."),
]


@pytest.mark.parametrize(("fields", "said"), BAD)
def test_bad_input_is_answered_beside_the_field_and_nothing_typed_is_lost(
    world: World, fields: dict[str, Any], said: str
) -> None:
    sent: dict[str, Any] = {"text": "Parole mie & <b>tue</b>", "title": "Il mio titolo", **fields}
    answer = write(world, **sent)
    assert answer.status_code == 200
    page = words(answer)
    assert said in page
    form = answer.context["form"]
    for name in ("title", "text", "link", "day", "time"):
        assert form[name].value() == sent.get(name)
    assert [row.chosen for row in answer.context["form"].rows()] == [bool(fields.get("channels", True))]
    assert "<b>tue</b>" not in answer.content.decode()
    # Asking for approval keeps a draft of what can't be approved yet; what can't be kept at all is not kept.
    assert Post.objects.count() == (1 if fields.get("do") == "submit" else 0)
    assert not PostVersion.objects.exists()


def test_a_draft_that_could_not_be_submitted_is_saved_once_and_goes_on_from_there(world: World) -> None:
    answer = write(world, text="u" * 501, do="submit")
    post = Post.objects.get()
    form = answer.context["form"]
    assert answer.context["action"] == f"/admin/social/post/{post.pk}/change/"
    answer = write(world, post, text="u" * 500, do="submit", revision=form["revision"].value())
    post.refresh_from_db()
    assert (Post.objects.count(), post.state) == (1, PostState.IN_REVIEW)


def test_another_clients_things_are_no_choice_and_are_refused(world: World) -> None:
    foreign = stored(world.bruno, world.town, alt_text="CANARINO", colour="#1F5A7A")
    page = Staff(world.vito).open("social_post_add").content.decode()
    for canary in ("CANARINO", world.town.name, world.town_chain.name, world.town_page.handle):
        assert canary not in page
    label = create_label(user=world.bruno, client=world.town, name="CANARINO")
    pillar = create_pillar(user=world.bruno, client=world.town, name="CANARINO")
    tries: list[dict[str, Any]] = [
        {"labels": [label.pk]},
        {"pillar": pillar.pk},
        {"channels": [world.town_page.pk]},
        {"media": [foreign.pk]},
        {f"pictures_{world.page.pk}": "on", f"media_{world.page.pk}": [foreign.pk]},
        {"chain": world.town_chain.pk},
    ]
    for fields in tries:
        answer = write(world, **fields)
        assert answer.status_code == 200
        assert answer.context["form"].errors
        assert "CANARINO" not in answer.content.decode()
    assert not Post.objects.exists()
    # It is there for who may see it: the walk above had something to leak.
    assert "CANARINO" in Staff(world.bruno).open("social_post_add").content.decode()


def test_a_double_click_makes_one_post_one_version_one_review(world: World) -> None:
    first, second = write(world, do="submit", token="clic"), None
    vito = Staff(world.vito)
    data = typed(world, do="submit", token="doppio", title="Doppio")
    first = vito.send("social_post_add", data=data)
    second = vito.send("social_post_add", data=data)
    assert "Submitted." in words(first)
    assert "It has been submitted already. It was asked once." in words(second)
    post = Post.objects.get(title="Doppio")
    assert (post.versions.count(), Review.objects.filter(subject_id=post.pk).count()) == (1, 1)


def test_a_double_click_on_save_saves_once(world: World) -> None:
    post = world.draft()
    write(world, post, text="Nuovo.", revision=1)
    answer = write(world, post, text="Nuovo.", revision=1)
    post.refresh_from_db()
    assert (answer.status_code, post.revision) == (200, 2)
    assert "It has been saved already." in words(answer)
    answer = write(world, post, text="Nuovo.", revision=1, do="submit")
    post.refresh_from_db()
    assert post.state == PostState.IN_REVIEW
    assert "Submitted." in words(answer)


def test_a_form_opened_yesterday_keeps_what_was_typed_and_shows_the_other_version(world: World) -> None:
    post = world.draft(text="Il testo di ieri.")
    edit_post(user=world.elena, post=post, text="Il testo di Elena.")
    answer = write(world, post, text="Il testo di Vito.", revision=1)
    assert answer.status_code == 409
    page = words(answer)
    assert "Somebody else has saved this post while you were writing." in page
    assert "What is saved now" in page
    assert "Il testo di Elena." in page
    form = answer.context["form"]
    assert (form["text"].value(), form["revision"].value()) == ("Il testo di Vito.", "2")
    post.refresh_from_db()
    assert post.text == "Il testo di Elena."
    write(world, post, text="Il testo di Vito.", revision="2")
    post.refresh_from_db()
    assert post.text == "Il testo di Vito."


def test_a_picture_is_uploaded_while_writing_and_the_rest_stays(world: World) -> None:
    answer = write(world, do="upload", file=png(), file_alt="Un grappolo", text="Parole.")
    media = Media.objects.get()
    form = answer.context["form"]
    assert (media.alt_text, form["text"].value()) == ("Un grappolo", "Parole.")
    assert [(row.media.pk, row.chosen) for row in form.shelf()] == [(media.pk, True)]
    assert not Post.objects.exists()


@pytest.mark.parametrize(
    ("file", "said"),
    [
        (SimpleUploadedFile("foto.png", b"not a picture", "image/png"), "This is not a picture or video we can use"),
        (SimpleUploadedFile("foto.png", b"x" * (20 * 1024 * 1024 + 1), "image/png"), "This file is too heavy"),
    ],
)
def test_a_file_that_is_no_picture_is_refused_and_the_form_stays(
    world: World, file: SimpleUploadedFile, said: str
) -> None:
    file.seek(0)
    answer = write(world, file=file, file_alt="Un grappolo", text="Parole.")
    page = words(answer)
    assert said in page
    assert "choose another file" in page
    assert answer.context["form"]["text"].value() == "Parole."
    assert answer.context["file_alt"] == "Un grappolo"
    assert not Post.objects.exists()


def test_pictures_go_out_in_the_places_given(world: World) -> None:
    one, two = stored(world.vito, world.winery, "uno"), stored(world.vito, world.winery, "due", "#123456")
    write(world, media=[one.pk, two.pk], **{f"media_place_{one.pk}": 2, f"media_place_{two.pk}": 1})
    post = Post.objects.get()
    assert [row.media.alt_text for row in post.media_rows.order_by("position")] == ["due", "uno"]


def test_a_channel_has_pictures_of_its_own_or_none_at_all(world: World) -> None:
    second, third = (sandbox(world.marta, world.winery, handle) for handle in ("roero-due", "roero-tre"))
    one, two = stored(world.vito, world.winery, "uno"), stored(world.vito, world.winery, "due", "#123456")
    here = f"media_{second.pk}"
    sent = {
        "channels": [world.page.pk, second.pk, third.pk],
        "media": [one.pk],
        f"pictures_{second.pk}": "on",
        here: [one.pk, two.pk],
        f"{here}_place_{two.pk}": 1,
        f"{here}_place_{one.pk}": 2,
        f"pictures_{third.pk}": "on",
        # Chosen, and the box not ticked: the post's go out.
        f"media_{world.page.pk}": [two.pk],
    }
    looked = write(world, do="check", **sent)
    assert [[p.alt_text for p in preview.pictures] for preview in looked.context["previews"]] == [
        ["uno"],
        ["due", "uno"],
        [],
    ]
    write(world, **sent)
    post = Post.objects.get()

    def going_out() -> list[list[str]]:
        return [[media["alt_text"] for media in entry["media"]] for entry in content_of(post)["channels"]]

    assert going_out() == [["uno"], ["due", "uno"], []]
    form = Staff(world.vito).open("social_post_change", post.pk).context["form"]
    rows = {row.channel.pk: row for row in form.rows()}
    assert {pk: bool(row.own_pictures.value()) for pk, row in rows.items()} == {
        world.page.pk: False,
        second.pk: True,
        third.pk: True,
    }
    assert [(row.media.alt_text, row.place) for row in rows[second.pk].shelf] == [("due", "1"), ("uno", "2")]
    # What the form shows may be sent back as it is; without the tick, the post's go out again.
    write(world, post, **{**sent, "revision": post.revision})
    assert going_out() == [["uno"], ["due", "uno"], []]
    post.refresh_from_db()
    write(world, post, channels=sent["channels"], media=[one.pk], revision=post.revision)
    assert going_out() == [["uno"], ["uno"], ["uno"]]


def test_looking_writes_nothing(world: World) -> None:
    vito = Staff(world.vito)
    before = (Post.objects.count(), Media.objects.count())
    answer = vito.send(
        "social_post_preview", world.winery.pk, data=typed(world, text="u" * 501 + "🍇", day="2030-01-01", time="09:00")
    )
    page = words(answer)
    assert "502 of 500" in page
    assert "Goes out: Tuesday 1 January 2030, 09:00, Rome time" in page
    assert "cut here" in page
    assert write(world, do="check", text="u" * 501).context["previews"][0].used == 501
    assert (Post.objects.count(), Media.objects.count()) == before
    assert vito.send("social_post_preview", world.town.pk, data=typed(world)).status_code == 404
    assert vito.open("social_post_preview", world.winery.pk).status_code == 405


def test_a_time_already_there_may_stay_and_a_new_one_alone_keeps_the_approval(world: World) -> None:
    at = (timezone.now() + timedelta(days=3)).replace(hour=9, microsecond=123456)
    post = world.approved(publish_at=at)
    local = at.astimezone(ROME)
    fields = {"title": post.title, "text": post.text, "day": f"{local:%Y-%m-%d}", "time": f"{local:%H:%M}"}
    write(world, post, **fields)
    post.refresh_from_db()
    assert (post.publish_at, post.state) == (at, PostState.SCHEDULED)
    later = local + timedelta(days=1)
    write(world, post, **{**fields, "day": f"{later:%Y-%m-%d}"})
    post.refresh_from_db()
    assert post.state == PostState.SCHEDULED
    assert post.publications.get().due_at == later.replace(second=0, microsecond=0).astimezone(UTC)


def test_an_edit_of_what_goes_out_takes_the_approval_back_and_the_composer_says_so_before(world: World) -> None:
    post = world.submitted()
    approve(post, world.elena)
    page = words(Staff(world.vito).open("social_post_change", post.pk))
    assert "that approval no longer counts" in page
    write(world, post, text="Altre parole.")
    post.refresh_from_db()
    assert post.state == PostState.DRAFT


def test_pillar_and_labels_are_chosen_and_what_is_retired_stays(world: World) -> None:
    prices, legal, gone = (
        create_label(user=world.elena, client=world.winery, name=name) for name in ("Prezzi", "Legale", "Vecchia")
    )
    vines, other = (create_pillar(user=world.elena, client=world.winery, name=name) for name in ("Vigna", "Bottega"))
    write(world, labels=[prices.pk, gone.pk], pillar=vines.pk)
    post = Post.objects.get()
    assert (sorted(post.labels.values_list("name", flat=True)), post.pillar) == (["Prezzi", "Vecchia"], vines)
    edit_label(user=world.marta, label=gone, retired=True)
    edit_pillar(user=world.marta, pillar=vines, retired=True)
    form = Staff(world.vito).open("social_post_change", post.pk).context["form"]
    offered = (
        [name for _pk, name in form.fields["labels"].choices],
        [name for _pk, name in form.fields["pillar"].choices],
    )
    assert offered == (["Legale", "Prezzi", "Vecchia (retired)"], ["none", "Bottega", "Vigna (retired)"])
    write(world, post, labels=[legal.pk, gone.pk], pillar=vines.pk)
    post.refresh_from_db()
    assert (sorted(post.labels.values_list("name", flat=True)), post.pillar) == (["Legale", "Vecchia"], vines)
    # A new post is offered neither.
    page = words(Staff(world.vito).open("social_post_add"))
    assert "(retired)" not in page
    for fields in ({"labels": [gone.pk]}, {"pillar": vines.pk}):
        answer = write(world, token="altro", title="Altro", **fields)
        assert list(answer.context["form"].errors) == list(fields)
    assert Post.objects.count() == 1
    assert other.name in page


def test_a_change_of_labels_takes_the_approval_back_and_the_composer_says_so_before(world: World) -> None:
    prices = create_label(user=world.elena, client=world.winery, name="Prezzi")
    post = world.submitted()
    page = words(Staff(world.vito).open("social_post_change", post.pk))
    assert "If you change what goes out, its pillar or its labels, that approval no longer counts" in page
    write(world, post, labels=[prices.pk])
    post.refresh_from_db()
    assert post.state == PostState.DRAFT
    answer = write(world, post, labels=[prices.pk], revision=1)
    assert "It has been saved already." in words(answer)
    assert write(world, post, labels=[], revision=1).status_code == 409


def test_what_is_out_or_cancelled_is_not_written_any_more(world: World) -> None:
    post = world.draft()
    Staff(world.vito).send("social_post_cancel", post.pk)
    answer = Staff(world.vito).open("social_post_change", post.pk)
    assert (answer.status_code, answer.url) == (302, f"/admin/social/post/{post.pk}/")
    answer = write(world, post, text="Un'altra cosa.")
    assert answer.status_code == 409
    assert answer.context["form"]["text"].value() == "Un'altra cosa."


def test_a_retired_channel_is_said_and_left_out(world: World) -> None:
    second = sandbox(world.marta, world.winery, "roero-due")
    post = world.draft(channels=[world.page, second])
    retire_channel(user=world.marta, channel=second)
    answer = Staff(world.vito).open("social_post_change", post.pk)
    assert [channel.pk for channel in answer.context["form"].retired()] == [second.pk]
    write(world, post)
    assert [variant.channel_id for variant in post.variants.all()] == [world.page.pk]


@pytest.mark.parametrize("rows", [1, 3])
def test_the_composer_asks_a_fixed_number_of_times(
    world: World, rows: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    more = [sandbox(world.marta, world.winery, f"roero-{number}") for number in range(rows - 1)]
    pictures = [stored(world.vito, world.winery, f"{number}", f"#00000{number}") for number in range(rows)]
    labels = [create_label(user=world.elena, client=world.winery, name=f"{number}") for number in range(rows)]
    pillar = create_pillar(user=world.elena, client=world.winery, name="Vigna")
    post = world.draft(channels=[world.page, *more], media=pictures, labels=labels, pillar=pillar)
    vito = Staff(world.vito)
    vito.open("social_post_change", post.pk)  # content types and the like are asked once
    with django_assert_num_queries(22):
        vito.open("social_post_change", post.pk)
    assert Post.objects.count() == 1
