"""Pictures in: what is not one is refused, what is one tells nothing of where it was taken."""

import io
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from PIL import Image, ImageChops, ImageOps, PngImagePlugin

from social.fitting import item_of, wanted
from social.models import Media
from social.networks import NETWORKS
from social.renditions import expected, make
from social.services import add_media, describe_media, edit_post
from tests.computing import computing
from tests.world import World, review_of

BROKEN = (
    Path(__file__).parent / "broken"
)  # small pictures with a few bytes changed, each of which upset Pillow in its own way


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
    return said(world, data)[0]


def said(world: World, data: bytes) -> tuple[str, str]:
    with pytest.raises(ValidationError) as refused:
        add(world, io.BytesIO(data))
    assert list(refused.value.error_dict) == ["file"]
    assert not Media.objects.exists()
    error = refused.value.error_dict["file"][0]
    return str(error.code), error.messages[0]


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
    [b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"GIF89a", b"MZ" + b"\0" * 100],
    ids=["svg", "cut gif", "program"],
)
def test_what_is_not_a_picture(world: World, data: bytes) -> None:
    assert code(world, data) == "not_a_picture"


def test_one_that_is_cut_off_says_so(world: World) -> None:
    """It is a JPEG, so it is not told to be none."""
    assert said(world, picture(size=(400, 300)).getvalue()[:-60]) == (
        "picture_broken",
        "This JPEG is damaged or cut off. Save it anew with your picture program and send it again.",
    )


@pytest.mark.parametrize(
    ("head", "name"),
    [
        (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "HEIC"),
        (b"\0\0\0\x18ftypavif\0\0\0\0mif1", "AVIF"),
        (b"<?xml version='1.0'?><svg xmlns='http://www.w3.org/2000/svg'/>", "SVG"),
        (b"RIFF\0\0\0\0AVI LIST", "AVI"),
        (b"II*\0\x08\0\0\0", "TIFF"),
    ],
)
def test_what_people_send_often_and_networks_don_t_take_is_named(world: World, head: bytes, name: str) -> None:
    assert said(world, head + bytes(500)) == (
        "not_a_picture",
        f"{name} is a type that networks don't take. Save it as JPEG or PNG (a video as MP4) and send that.",
    )


def patched(data: bytes, *places: tuple[int, int]) -> bytes:
    changed = bytearray(data)
    for at, byte in places:
        changed[at] = byte
    return bytes(changed)


def told() -> bytes:
    """A picture whose camera tells a lot."""
    exif = Image.Exif()
    exif[0x010F], exif[0x0112] = "Cam", 6
    exif.get_ifd(0x8825)[1] = "N"
    exif.get_ifd(0x8769)[0x9003] = "2026:01:01 00:00:00"
    return picture(size=(20, 10), exif=exif).getvalue()


CUT_GIFS = (
    "47494638376114000a008000000000000000002c0000000014000a00000819000108c448b0a0c18308132a5cc8b0a1c38710234a9ca830200021",
    "47494638376114000a008000d700000000002e2c0000000014000a000008190001081c48b0a0c18308132a5cc8b0a1c38710234a9ca83020002c",
)


@pytest.mark.parametrize("data", [*map(bytes.fromhex, CUT_GIFS)], ids=["GIF: IndexError", "GIF: struct.error"])
def test_what_breaks_the_library_is_broken(world: World, data: bytes) -> None:
    """What Pillow raises of it is none of its own errors."""
    assert code(world, data) == "picture_broken"


@pytest.mark.parametrize("path", sorted(BROKEN.glob("*.gif")), ids=lambda path: path.stem)
def test_animations_that_break_off(world: World, path: Path) -> None:
    assert code(world, path.read_bytes()) == "picture_broken"


@pytest.mark.parametrize("path", sorted(BROKEN.glob("*.jpg")), ids=lambda path: path.stem)
def test_a_broken_exif_goes_and_the_picture_stays(world: World, path: Path) -> None:
    media = add(world, io.BytesIO(path.read_bytes()))
    with media.file.open() as stored, Image.open(stored) as image:
        assert (image.format, sorted(image.size), dict(image.getexif())) == ("JPEG", [40, 48], {})


@pytest.mark.filterwarnings("ignore:Corrupt EXIF")
def test_an_exif_that_ends_too_early_is_no_reason_to_refuse_a_picture(world: World) -> None:
    """Pillow warns of it while it looks for the resolution, before anything is decoded."""
    exif = b"Exif\0\0II*\0\x08\0\0\0\xff\xff" + b"\x07" * 60
    media = add(world, picture(exif=exif))
    assert (media.mime, media.width, media.height) == ("image/jpeg", 60, 40)


def test_what_was_made_for_print_has_the_colours_of_screens(world: World) -> None:
    out = io.BytesIO()
    Image.new("CMYK", (60, 40), (0, 255, 255, 0)).save(out, "JPEG")
    media = add(world, io.BytesIO(out.getvalue()))
    with media.file.open() as stored, Image.open(stored) as image:
        assert (image.mode, "adobe_transform" in image.info) == ("RGB", False)
        assert [round(value / 255) for value in image.resize((1, 1)).tobytes()] == [1, 0, 0]


@pytest.mark.parametrize("held", range(1, 9))
def test_however_the_camera_was_held(world: World, held: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = held
    out = io.BytesIO()
    image = Image.new("RGB", (64, 32), "white")
    image.paste("black", (0, 0, 32, 16))  # the upper left quarter
    image.save(out, "JPEG", exif=exif, quality=95)
    media = add(world, io.BytesIO(out.getvalue()))
    with media.file.open() as stored, Image.open(stored) as kept, Image.open(out) as given:
        lowest, highest = ImageChops.difference(kept, ImageOps.exif_transpose(given)).convert("L").getextrema()
        assert (lowest, float(str(highest)) < 16) == (0, True)


def test_a_camera_s_picture_with_others_behind_it(world: World) -> None:
    out = io.BytesIO()
    image = Image.new("RGB", (60, 40), "#7A1F3D")
    image.save(out, "MPO", save_all=True, append_images=[image.resize((30, 20))])
    media = add(world, io.BytesIO(out.getvalue()))
    with media.file.open() as stored, Image.open(stored) as kept:
        assert (media.mime, kept.format, kept.size) == ("image/jpeg", "JPEG", (60, 40))


@pytest.mark.parametrize(
    "places",
    [[(41, 25), (118, 71), (119, 38)], [(135, 3), (161, 4), (177, 110)]],
    ids=["EXIF: struct.error", "EXIF: TypeError"],
)
def test_an_exif_that_breaks_the_library_goes_and_the_picture_stays(
    world: World, places: list[tuple[int, int]]
) -> None:
    media = add(world, io.BytesIO(patched(told(), *places)))
    with media.file.open() as stored, Image.open(stored) as image:
        assert (sorted(image.size), dict(image.getexif())) == ([10, 20], {})


def test_two_hundred_megapixels(world: World) -> None:
    bomb = io.BytesIO()
    Image.new("1", (20_000, 10_000)).save(bomb, "PNG")
    assert len(bomb.getvalue()) < 100_000
    assert code(world, bomb.getvalue()) == "too_large"


def test_one_pixel_by_thirty_thousand(world: World) -> None:
    assert code(world, picture("PNG", (1, 30_000)).getvalue()) == "too_thin"


def animation(kind: str, frames: int, size: tuple[int, int]) -> bytes:
    """One whose frames differ, so that none is left out."""
    out, pictures = io.BytesIO(), [Image.new("P", size, number * 8 % 256) for number in range(frames)]
    for picture in pictures:
        picture.putpalette([value for step in range(256) for value in (step, 80, 90)])
    pictures[0].save(out, kind, save_all=True, append_images=pictures[1:])
    return out.getvalue()


def test_an_animation_is_written_anew(world: World) -> None:
    media = add(world, io.BytesIO(animation("GIF", 3, (80, 60))))
    with media.file.open() as stored, Image.open(stored) as image:
        assert (image.format, getattr(image, "n_frames", 1), image.size) == ("GIF", 3, (80, 60))


@pytest.mark.parametrize("kind", ["WEBP", "PNG"])
def test_a_moving_picture_stands_still_where_networks_do_not_play_it(world: World, kind: str, tmp_path: Path) -> None:
    """What is shown before approval and goes out is what readers see: the first picture."""
    media = add(world, io.BytesIO(animation(kind, 3, (800, 600))))
    assert media.kind == "image"
    assert media.duration == pytest.approx(0.3, abs=0.21)
    item, seen = item_of(media), dict[str, Any]()
    for slug in sorted(NETWORKS.keys() - {"googleplus", "youtube"}):
        want = wanted(slug, media)
        if want is None:
            seen[slug] = "moves"
            continue
        folder = tmp_path / slug
        folder.mkdir()
        made = make(Path(media.file.path), item, want.asked, folder)
        with Image.open(made.path) as image:
            seen[slug] = "moves" if getattr(image, "n_frames", 1) > 1 else "still"
        assert expected(want.asked, item).seconds == 0
    plays = {"sandbox", "wordpress"} | ({"newsletter"} if kind == "PNG" else set())
    assert {slug for slug, how in seen.items() if how == "moves"} == plays
    still = add(world, picture(kind, (80, 61)))
    assert (still.duration, wanted("bluesky", still), wanted("x", still)) == (None, None, None)


@pytest.mark.parametrize(("kind", "frames", "size"), [("GIF", 30, (2_000, 2_000)), ("WEBP", 30, (2_000, 2_000))])
def test_an_animation_that_is_light_and_long(world: World, kind: str, frames: int, size: tuple[int, int]) -> None:
    """Half a megabyte that takes a core a minute to write anew."""
    data = animation(kind, frames, size)
    assert len(data) < 1_000_000
    with computing() as seconds:
        assert code(world, data) == "animation_too_long"
        assert seconds() < 1


def test_an_animation_of_very_many_frames(world: World) -> None:
    head = b"GIF89a\x01\x00\x01\x00\x80\x00\x00\xff\xff\xff\x00\x00\x00"
    frame = b"\x2c\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02\x44\x01\x00"
    assert code(world, head + frame * 1_001 + b";") == "animation_too_long"


def test_what_is_written_anew_is_no_heavier_than_what_may_come(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    data = picture("JPEG", (400, 400), quality=10).getvalue()  # written anew with more quality, it is heavier
    monkeypatch.setattr("social.arriving.MOST_BYTES", len(data))
    assert code(world, data) == "too_heavy"


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
