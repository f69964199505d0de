"""A picture that a network takes otherwise: made once, shown to who approves, and the very bytes that go out."""

import base64
import hashlib
import io
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import DatabaseError, transaction
from django.db.models import QuerySet
from django.test import Client as Browser
from django.utils import timezone
from PIL import Image
from pytest_django import DjangoAssertNumQueries

from approvals.proof.pictures import packed
from clients.models import Client
from social.digest import content_of, digest_of
from social.fitting import STILL_RECIPE, Want, wanted
from social.models import Channel, Media, Post, Rendition
from social.networks import asking
from social.networks.bluesky import PICTURE
from social.previews import previews
from social.services import add_media, edit_post, renditions, submit_post
from social.services.checks import check_content, content_for, stock_of
from social.services.exhibiting import exhibit_of
from tests.social.pictures import png
from tests.social.videos import remade, video
from tests.world import World, review_of


@pytest.fixture(autouse=True)
def _own_storage(settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"


@pytest.fixture
def sky(world: World) -> Channel:
    """The winery's account on Bluesky, which takes 2,000,000 bytes a picture."""
    return Channel.objects.create(client=world.winery, network="bluesky", handle="roero.example", name="Bluesky")


@pytest.fixture(scope="module")
def heavy() -> bytes:
    """A photo of more than that."""
    out = io.BytesIO()
    Image.effect_noise((2400, 1800), 80).convert("RGB").save(out, "JPEG", quality=100)
    assert len(out.getvalue()) > 2_000_000
    return out.getvalue()


@pytest.fixture
def photo(world: World, heavy: bytes) -> Media:
    return add_media(user=world.vito, client=world.winery, file=io.BytesIO(heavy), alt_text="Grappoli")


def film(world: World, ending: str = "mov") -> Media:
    """A video that the sandbox wants as MP4."""
    data = remade(video("mp4", sound=False), ["-c:v", "prores_ks"], ending) if ending == "mov" else video(ending)
    return add_media(user=world.vito, client=world.winery, file=io.BytesIO(data), alt_text="Film")


def shown(post: Post) -> list[dict[str, Any]]:
    return [media for entry in content_of(post)["channels"] for media in entry["media"]]


def codes(post: Post) -> list[str]:
    found = check_content(post.client_id, content_of(post))
    return [problem.code for check in found for problem in check.preflight.problems]


def made(**fields: Any) -> Rendition:
    return ordered().get(made_at__isnull=False, **fields)


def ordered() -> QuerySet[Rendition]:
    """What networks asked for; a video's first picture is kept beside."""
    return Rendition.objects.exclude(recipe=STILL_RECIPE)


def stored(row: Rendition) -> bytes:
    with row.file.open("rb") as file:
        data: bytes = file.read()
        return data


def test_what_needs_nothing_made_is_byte_for_byte_what_it_was(world: World, photo: Media) -> None:
    post = world.submitted(media=[photo])
    assert post.version is not None
    assert post.version.content["channels"][0]["media"] == [
        {"sha256": photo.sha256, "mime": "image/jpeg", "alt_text": "Grappoli"}
    ]
    assert not ordered().exists()


def test_the_digest_names_the_bytes_that_go_out(world: World, sky: Channel, photo: Media) -> None:
    post = world.submitted(channels=[sky, world.page], media=[photo])
    row = made(source=photo.sha256)
    assert post.version is not None
    entries = {entry["network"]: entry["media"] for entry in post.version.content["channels"]}
    plain = {"sha256": photo.sha256, "mime": "image/jpeg", "alt_text": "Grappoli"}
    assert entries == {"bluesky": [{**plain, "rendition": row.sha256}], "sandbox": [plain]}
    assert hashlib.sha256(stored(row)).hexdigest() == row.sha256
    assert (len(stored(row)) == row.size, row.size <= 2_000_000) == (True, True)
    assert post.version.digest == digest_of(content_of(post))


def test_saving_asks_for_it_and_a_worker_makes_it(world: World, sky: Channel, photo: Media) -> None:
    post = world.draft(channels=[sky], media=[photo])
    (row,) = ordered()
    assert (row.source, row.made_at, row.client) == (photo.sha256, None, world.winery)
    assert shown(post)[0]["rendition"] == ""
    assert codes(post) == ["media_not_ready"]
    (check,) = check_content(post.client_id, content_of(post))
    said = check.preflight.problems[0]
    assert (said.level, said.detail) == (
        "error",
        "Picture 1 is still being made ready for Bluesky. That takes a moment.",
    )
    assert renditions.hand_out(timezone.now()) == [row.pk]
    assert renditions.hand_out(timezone.now()) == []
    renditions.make(rendition_id=row.pk)
    assert shown(post)[0]["rendition"] == made().sha256
    assert codes(post) == []


def ordered_by(client: Client, number: int) -> list[int]:
    """So many orders of a client, since a while."""
    now = timezone.now()
    rows = [
        Rendition(
            client=client, source=f"{n:064x}", recipe="r", asked={}, wake_at=now - timedelta(seconds=60 - n / 100)
        )
        for n in range(number)
    ]
    return [row.pk for row in Rendition.objects.bulk_create(rows)]


def test_a_flood_of_orders_is_handed_out_bit_by_bit_and_in_turns(world: World) -> None:
    flood, now = ordered_by(world.winery, 100), timezone.now()
    town = ordered_by(world.town, 2)
    Rendition.objects.filter(pk__in=town).update(wake_at=now)
    first = renditions.hand_out(now)
    assert (len(first), first[:4]) == (renditions.QUEUE, [flood[0], town[0], flood[1], town[1]])
    assert renditions.hand_out(now + timedelta(seconds=1)) == []  # nobody has begun with any of them
    Rendition.objects.filter(pk__in=first[:5]).update(wake_at=now + renditions.LEASE)  # five are being made
    assert renditions.hand_out(now + timedelta(seconds=2)) == flood[18:23]


def test_pictures_leave_threads_to_what_is_due(world: World, sky: Channel, photo: Media) -> None:
    world.draft(channels=[sky], media=[photo])
    (pk,) = renditions.hand_out(timezone.now())
    places = settings.THREADS // 4
    for _place in range(places):
        assert renditions.A_FEW.acquire(blocking=False)
    try:
        renditions.make(rendition_id=pk)
        assert Rendition.objects.get(pk=pk).made_at is None
        assert renditions.hand_out(timezone.now() + timedelta(seconds=2)) == [pk]  # others have it soon
    finally:
        renditions.A_FEW.release(places)
    Rendition.objects.filter(pk=pk).update(wake_at=timezone.now())
    renditions.make(rendition_id=pk)
    assert Rendition.objects.get(pk=pk).made_at is not None


def test_the_same_is_never_made_twice(world: World, sky: Channel, photo: Media) -> None:
    world.submitted(channels=[sky], media=[photo])
    first = made()
    for _ in range(2):
        world.submitted(channels=[sky], media=[photo])
    renditions.make(rendition_id=first.pk)
    assert list(Rendition.objects.values_list("pk", "made_at", "tries")) == [(first.pk, first.made_at, 1)]


def test_whoever_comes_while_it_is_being_made_leaves_it_alone(world: World, photo: Media) -> None:
    renditions.order([Want(photo, PICTURE)])
    row = ordered().get()
    Rendition.objects.update(wake_at=timezone.now() + timedelta(seconds=80), tries=1)
    renditions.make(rendition_id=row.pk)
    row.refresh_from_db()
    assert (row.made_at, row.tries) == (None, 1)
    Rendition.objects.update(wake_at=timezone.now() - timedelta(seconds=1))  # it died
    renditions.make(rendition_id=row.pk)
    assert made().tries == 2


def test_another_client_s_is_made_anew(world: World, heavy: bytes) -> None:
    for user, client in ((world.vito, world.winery), (world.bruno, world.town)):
        media = add_media(user=user, client=client, file=io.BytesIO(heavy))
        renditions.make_now([Want(media, PICTURE)])
    assert Rendition.objects.filter(made_at__isnull=False).values("client").distinct().count() == 2


def test_once_made_it_is_kept_as_it_is(world: World, photo: Media) -> None:
    renditions.make_now([Want(photo, PICTURE)])
    for verb in (lambda: Rendition.objects.update(sha256="0" * 64), lambda: Rendition.objects.all().delete()):
        with pytest.raises(DatabaseError, match="rendition"), transaction.atomic():
            verb()


def test_the_approver_and_the_network_get_the_same(world: World, sky: Channel, photo: Media) -> None:
    post = world.submitted(channels=[sky], media=[photo])
    row = made()
    assert post.version is not None
    (preview,) = previews(post.client_id, post.version.content, sign=True)
    (picture,) = preview.pictures
    assert (picture.sha256, picture.width, picture.height) == (photo.sha256, row.width, row.height)
    answer = Browser().get(picture.url)
    assert b"".join(answer) == stored(row)
    entry = post.version.content["channels"][0]
    (item,) = content_for(entry, stock_of([(post.client_id, entry)])[post.client_id], sky).media
    with item.open() as stream:
        assert (item.sha256, item.size, item.mime, stream.read()) == (row.sha256, row.size, "image/jpeg", stored(row))
    (part,) = exhibit_of(review_of(post)).parts
    assert [(shown.sha256, shown.size, shown.read()) for shown in part.pictures] == [
        (row.sha256, row.size, stored(row))
    ]


def test_making_it_changes_nothing_that_people_wrote(world: World, sky: Channel, photo: Media) -> None:
    post = world.approved(channels=[sky], media=[photo])
    Rendition.objects.filter(made_at=None).delete()
    edit_post(user=world.vito, post=post, title="Un altro titolo", media=[photo])
    post.refresh_from_db()
    assert post.state == "approved"


def test_what_can_t_be_made_to_fit_is_said(world: World, sky: Channel, photo: Media) -> None:
    post = world.draft(channels=[sky], media=[photo])
    Rendition.objects.update(wake_at=None, problem="too_heavy")
    with pytest.raises(ValidationError) as refused:
        submit_post(user=world.vito, post=post)
    assert refused.value.message_dict == {
        "media": ["Bluesky: Bluesky can't take picture or video 1: it is too heavy, and can't be made light enough."]
    }


def test_what_broke_is_tried_again_when_somebody_asks(world: World, sky: Channel, photo: Media) -> None:
    post = world.draft(channels=[sky], media=[photo])
    name, path = photo.file.name, photo.file.path
    with open(path, "rb") as file:  # noqa: PTH123 - the very bytes are taken away for a while
        data = file.read()
    photo.file.storage.delete(str(name))
    row = ordered().get()
    for _ in range(renditions.MOST_TRIES):
        Rendition.objects.update(wake_at=timezone.now())
        renditions.make(rendition_id=row.pk)
    row.refresh_from_db()
    assert (row.problem, row.wake_at, row.tries) == ("broke", None, 3)
    assert codes(post) == ["media_cannot_fit"]
    photo.file.storage.save(str(name), io.BytesIO(data))
    submit_post(user=world.vito, post=post)
    post.refresh_from_db()
    assert post.state == "in_review"


@pytest.mark.parametrize("rows", [1, 3])
def test_previews_of_renditions_ask_a_fixed_number_of_times(
    world: World, sky: Channel, photo: Media, rows: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    more = [
        Channel.objects.create(client=world.winery, network="bluesky", handle=f"r{n}.example", name="B")
        for n in range(rows - 1)
    ]
    post = world.submitted(channels=[sky, *more], media=[photo])
    assert post.version is not None
    with django_assert_num_queries(3):
        assert len(previews(world.winery.pk, post.version.content)) == rows


# Videos


def test_a_video_is_awaited_and_then_goes_out_as_it_was_made(world: World) -> None:
    item = film(world)
    post = world.draft(media=[item])
    with pytest.raises(ValidationError) as refused:
        submit_post(user=world.vito, post=post)
    assert refused.value.message_dict == {
        "media": ["Cantina Roero (prova): Video 1 is still being made ready for Sandbox. That may take some minutes."]
    }
    (pk,) = renditions.hand_out(timezone.now())
    renditions.make(rendition_id=pk)
    submit_post(user=world.vito, post=post)
    row = made()
    assert (row.mime, row.codec, row.rate) == ("video/mp4", "h264", 25.0)
    assert row.duration == pytest.approx(2, abs=0.1)
    post.refresh_from_db()
    assert post.version is not None
    (preview,) = previews(post.client_id, post.version.content)
    assert (preview.pictures[0].is_video, preview.pictures[0].url) == (True, f"/renditions/{row.pk}/")


def test_a_proof_holds_one_picture_of_a_video_under_the_video_s_own_digest(world: World) -> None:
    item = film(world, "webm")
    (part,) = exhibit_of(review_of(world.submitted(media=[item]))).parts
    (record,) = packed(part.pictures).values()
    assert (list(packed(part.pictures)), record["copy"], record["mime"], record["size"]) == (
        [item.sha256],
        "reduced",
        "image/jpeg",
        item.size,
    )
    with Image.open(io.BytesIO(base64.b64decode(record["data"]))) as image:
        assert image.size == (320, 180)


def test_a_video_that_the_network_plays_goes_out_as_it_is(world: World) -> None:
    post = world.submitted(media=[film(world, "webm")])
    assert not ordered().exists()
    assert post.version is not None
    assert post.version.content["channels"][0]["media"][0]["mime"] == "video/webm"


def test_one_video_at_a_time(world: World) -> None:
    want = wanted("sandbox", film(world))
    assert want is not None
    renditions.order([want])
    row = ordered().get()
    with renditions.ONE_VIDEO:
        renditions.make(rendition_id=row.pk)
    row.refresh_from_db()
    assert (row.tries, row.made_at) == (0, None)


def test_without_ffmpeg_it_waits_and_says_so(world: World, monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    post = world.draft(media=[film(world)])
    row = ordered().get()
    with monkeypatch.context() as without:
        without.setenv("PATH", str(tmp_path))
        renditions.make(rendition_id=row.pk)
    row.refresh_from_db()
    assert (row.problem, row.tries, row.wake_at is None) == ("no_ffmpeg", 0, False)
    assert codes(post) == ["media_cannot_fit"]
    ordered().update(wake_at=timezone.now())
    renditions.make(rendition_id=row.pk)
    assert made().problem == ""


def test_captions_and_cover_are_part_of_what_is_approved(world: World) -> None:
    cover = add_media(user=world.vito, client=world.winery, file=png(), alt_text="Copertina")
    words = "1\n00:00:00,000 --> 00:00:01,000\nOggi si vendemmia.\n"
    item = add_media(
        user=world.vito,
        client=world.winery,
        file=io.BytesIO(video("webm")),
        alt_text="Film",
        captions=words,
        cover=cover,
    )
    post = world.submitted(media=[item])
    assert post.version is not None
    entry = post.version.content["channels"][0]
    assert entry["media"] == [
        {
            "sha256": item.sha256,
            "mime": "video/webm",
            "alt_text": "Film",
            "captions": words,
            "cover": cover.sha256,
        }
    ]
    (going,) = content_for(entry, stock_of([(post.client_id, entry)])[post.client_id], world.page).media
    assert (going.captions, going.cover and going.cover.sha256, going.seconds > 1.9) == (words, cover.sha256, True)


# Who may see it


def test_a_rendition_opens_for_its_people_and_for_nobody_else(world: World, photo: Media) -> None:
    renditions.make_now([Want(photo, asking.Rendition(kinds=("image/jpeg",), max_bytes=100_000))])
    address = f"/renditions/{made().pk}/"
    answers = {}
    for person in (world.vito, world.ada, world.bruno, world.carlo):
        browser = Browser()
        browser.force_login(person)
        answers[person.email.partition("@")[0]] = closed(browser.get(address))
    assert answers == {"vito": 200, "ada": 200, "bruno": 404, "carlo": 404}
    assert closed(Browser().get(address)) == 404


def closed(answer: Any) -> int:
    for _ in parts(answer):
        pass
    return int(answer.status_code)


def parts(answer: Any) -> Iterator[bytes]:
    yield from answer
