"""Pictures in: what is not one is refused, what is one tells nothing of where it was taken."""

import io
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from PIL import Image, PngImagePlugin

from social.models import Media
from social.services import add_media, describe_media, edit_post
from tests.world import World, review_of


@pytest.fixture(autouse=True)
def _own_storage(settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path


def picture(kind: str = "JPEG", size: tuple[int, int] = (60, 40), **options: Any) -> io.BytesIO:
    out = io.BytesIO()
    Image.new("RGB", size, "#7A1F3D").save(out, kind, **options)
    out.seek(0)
    return out


def add(world: World, file: io.BytesIO, alt_text: str = "") -> Media:
    return add_media(user=world.vito, client=world.winery, file=file, alt_text=alt_text)


def code(world: World, data: bytes) -> str:
    with pytest.raises(ValidationError) as refused:
        add(world, io.BytesIO(data))
    assert list(refused.value.error_dict) == ["file"]
    assert not Media.objects.exists()
    return str(refused.value.error_dict["file"][0].code)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF", "WEBP"])
def test_what_it_is_is_said_by_its_bytes(world: World, kind: str) -> None:
    media = add(world, picture(kind), "Grappoli")
    assert (media.mime, media.width, media.height, media.kind) == (f"image/{kind.lower()}", 60, 40, "image")
    with media.file.open() as stored:
        data = stored.read()
    assert len(data) == media.size
    with Image.open(io.BytesIO(data)) as image:
        assert image.format == kind


def test_where_and_with_what_it_was_taken_is_taken_out_and_it_stands_upright(world: World) -> None:
    exif = Image.Exif()
    exif[0x010F] = "Fotocamera segreta"
    exif[0x0112] = 6  # the camera was held upright
    exif.get_ifd(0x8825)[1] = "N"
    media = add(world, picture(exif=exif))
    with media.file.open() as stored, Image.open(stored) as image:
        assert dict(image.getexif()) == {}
        assert image.size == (40, 60)
    with media.file.open() as stored:
        assert b"segreta" not in stored.read()


def test_words_hidden_in_a_png_are_taken_out(world: World) -> None:
    info = PngImagePlugin.PngInfo()
    info.add_text("Comment", "via Roma 1")
    media = add(world, picture("PNG", pnginfo=info))
    with media.file.open() as stored:
        assert b"via Roma" not in stored.read()


@pytest.mark.parametrize(
    "data",
    [b"", b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"GIF89a", b"MZ" + b"\0" * 100, picture().getvalue()[:200]],
    ids=["empty", "svg", "cut gif", "program", "cut jpeg"],
)
def test_what_is_not_a_picture(world: World, data: bytes) -> None:
    assert code(world, data) == "not_a_picture"


def test_two_hundred_megapixels(world: World) -> None:
    bomb = io.BytesIO()
    Image.new("1", (20_000, 10_000)).save(bomb, "PNG")
    assert len(bomb.getvalue()) < 100_000
    assert code(world, bomb.getvalue()) == "too_large"


def test_one_pixel_by_thirty_thousand(world: World) -> None:
    assert code(world, picture("PNG", (1, 30_000)).getvalue()) == "too_thin"


def test_fifty_megabytes(world: World) -> None:
    assert code(world, picture().getvalue() + b"\0" * 50 * 1024**2) == "too_heavy"


def test_the_same_picture_lies_there_once(world: World) -> None:
    first = add(world, picture(), "Grappoli")
    assert add(world, picture(), "Grappoli") == first
    other = add(world, picture(), "Altre parole")
    assert (other.pk == first.pk, other.file.name == first.file.name) == (False, True)


def test_a_client_s_people_add_none(world: World) -> None:
    with pytest.raises(PermissionDenied):
        add_media(user=world.cliente, client=world.winery, file=picture())


def test_another_client_s_picture_does_not_exist(world: World) -> None:
    media = add_media(user=world.bruno, client=world.town, file=picture())
    with pytest.raises(ValidationError) as refused:
        world.draft(media=[media])
    assert refused.value.error_dict["media"][0].code == "does_not_exist"


def test_other_words_for_a_picture_take_approvals_back(world: World) -> None:
    media = add(world, picture(), "Grappoli")
    post = world.approved(media=[media])
    review = review_of(post)
    describe_media(user=world.vito, media=media, alt_text="Grappoli di nebbiolo")
    post.refresh_from_db()
    review.refresh_from_db()
    assert (post.state, review.state) == ("draft", "superseded")


def test_pictures_are_part_of_the_version_in_their_order(world: World) -> None:
    one, two = add(world, picture(), "uno"), add(world, picture(size=(50, 50)), "due")
    post = world.submitted(media=[two, one])
    assert post.version is not None
    entries = post.version.content["channels"][0]["media"]
    assert [(entry["alt_text"], entry["sha256"]) for entry in entries] == [("due", two.sha256), ("uno", one.sha256)]
    edit_post(user=world.vito, post=post, media=[one, two])
    post.refresh_from_db()
    assert post.state == "draft"
