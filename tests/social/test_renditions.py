"""Pictures and videos made as a network asks for them: smaller, lighter, of another kind, on ground, never cropped."""

import dataclasses
import hashlib
import io
from pathlib import Path

import pytest
from PIL import Image, ImageCms, ImageDraw

from social import ffmpeg
from social.networks import get
from social.networks.asking import Rendition
from social.networks.content import MediaItem
from social.renditions import CannotFit, Made, asked_in, expected, fits, make, recipe_of, words_of
from social.renditions.shape import Shape, shape
from tests.social.videos import remade, video

JPEG = Rendition(kinds=("image/jpeg",), max_bytes=8_000_000, max_width=1080, narrowest=0.8, widest=1.91)
ANY = Rendition(kinds=("image/png", "image/jpeg", "image/webp", "image/gif"), max_bytes=1_000_000)
MP4 = Rendition(kinds=("video/mp4",), max_bytes=100_000_000)


def item_of(data: bytes, mime: str) -> MediaItem:
    """As the database would tell it."""
    size, more = (0, 0), {}
    if mime.startswith("image/"):
        with Image.open(io.BytesIO(data)) as image:
            size = image.size
    else:
        path = Path("/tmp") / f"filo-probed-{hashlib.sha256(data).hexdigest()}"  # noqa: S108 - gone two lines below
        path.write_bytes(data)
        found = ffmpeg.probe(path, "matroska" if mime == "video/webm" else "mov")
        path.unlink()
        size = (found.width, found.height)
        more = {"seconds": found.seconds, "rate": found.rate, "codec": found.codec, "sound": found.sound}
    return MediaItem(hashlib.sha256(data).hexdigest(), mime, *size, len(data), "", lambda: io.BytesIO(data), **more)  # type: ignore[arg-type]


def remake(data: bytes, mime: str, asked: Rendition, folder: Path) -> Made:
    source = folder / "source"
    source.write_bytes(data)
    return make(source, item_of(data, mime), asked, folder)


def jpeg(size: tuple[int, int], colour: str = "#7A1F3D", **options: object) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, colour).save(out, "JPEG", **options)
    return out.getvalue()


def noise(size: tuple[int, int], kind: str, mode: str = "RGB") -> bytes:
    out = io.BytesIO()
    image = Image.effect_noise(size, 90).convert(mode)
    image.save(out, kind, **({"compress_level": 1} if kind == "PNG" else {"quality": 100}))
    return out.getvalue()


def test_a_recipe_is_named_by_all_that_is_asked() -> None:
    again = asked_in(words_of(JPEG))
    assert (again, recipe_of(again)) == (JPEG, recipe_of(JPEG))
    others = [dataclasses.replace(JPEG, max_width=1081), dataclasses.replace(JPEG, kinds=("image/jpeg", "image/png"))]
    assert len({recipe_of(asked) for asked in (JPEG, *others)}) == 3


@pytest.mark.parametrize(
    ("size", "form"),
    [
        ((800, 800), Shape(800, 800, (800, 800))),
        ((4000, 3000), Shape(1080, 810, (1080, 810))),
        ((300, 600), Shape(480, 600, (300, 600))),
        ((3000, 500), Shape(1080, 566, (1080, 180))),
        ((600, 750), Shape(600, 750, (600, 750))),
    ],
)
def test_how_large_it_becomes(size: tuple[int, int], form: Shape) -> None:
    found = shape(*size, JPEG)
    assert found == form
    assert 0.8 <= found.width / found.height <= 1.91


def test_no_size_at_all_leaves_the_bounds() -> None:
    for width in range(1, 400, 7):
        for height in range(1, 400, 11):
            for step in (1, 2):
                found = shape(width * step, height * step, dataclasses.replace(JPEG, max_width=322), step=step)
                if min(found.width, found.height) > 40:
                    assert 0.8 - 1e-6 <= found.width / found.height <= 1.91 + 1e-6, (width, height)
                assert found.width <= 322
                assert (found.width % step, found.height % step) == (0, 0)
                assert (found.shown[0] <= found.width, found.shown[1] <= found.height) == (True, True)


def test_what_is_as_it_is_asked_fits() -> None:
    item = item_of(jpeg((800, 800)), "image/jpeg")
    assert fits(JPEG, item)
    wrong = [
        {"mime": "image/png"},
        {"size": 8_000_001},
        {"width": 1081, "height": 1000},
        {"width": 799, "height": 1000},
        {"width": 1000, "height": 500},
    ]
    assert [fits(JPEG, dataclasses.replace(item, **change)) for change in wrong] == [False] * 5  # type: ignore[arg-type]


def test_a_photo_is_made_smaller_and_keeps_its_proportions(tmp_path: Path) -> None:
    made = remake(jpeg((4000, 3000)), "image/jpeg", JPEG, tmp_path)
    with Image.open(made.path) as image:
        assert (made.mime, image.format, image.size) == ("image/jpeg", "JPEG", (1080, 810))
    assert fits(JPEG, item_of(made.path.read_bytes(), "image/jpeg"))


def test_nothing_is_cut_off_and_the_ground_is_the_colour_of_the_edges(tmp_path: Path) -> None:
    image = Image.new("RGB", (300, 900), "white")
    ImageDraw.Draw(image).rectangle((0, 0, 9, 899), fill="#204060")
    ImageDraw.Draw(image).rectangle((290, 0, 299, 899), fill="#406080")
    out = io.BytesIO()
    image.save(out, "PNG")
    made = remake(out.getvalue(), "image/png", JPEG, tmp_path)
    with Image.open(made.path) as found:
        assert found.size == (720, 900)
        colours = [found.getpixel((x, 450)) for x in (0, 100, 215, 360, 504, 600, 719)]
    ground = (0x30, 0x50, 0x70)
    assert [
        near(one, other)
        for one, other in zip(colours, [ground, ground, (0x20, 0x40, 0x60), (255, 255, 255)], strict=False)
    ] == [True] * 4
    assert [near(colours[4], (0x40, 0x60, 0x80)), near(colours[5], ground), near(colours[6], ground)] == [True] * 3


def near(one: object, other: tuple[int, int, int]) -> bool:
    assert isinstance(one, tuple)
    return all(abs(a - b) <= 6 for a, b in zip(one, other, strict=True))


def test_quality_steps_down_until_the_weight_fits_and_then_size(tmp_path: Path) -> None:
    data = noise((1200, 900), "JPEG")
    light = dataclasses.replace(JPEG, max_bytes=700_000, max_width=1200)
    made = remake(data, "image/jpeg", light, tmp_path)
    assert (made.width, made.height, made.path.stat().st_size <= 700_000) == (1200, 900, True)
    lighter = remake(data, "image/jpeg", dataclasses.replace(light, max_bytes=60_000), tmp_path)
    assert (lighter.width < 1200, lighter.path.stat().st_size <= 60_000) == (True, True)
    with pytest.raises(CannotFit, match="too_heavy"):
        remake(data, "image/jpeg", dataclasses.replace(light, max_bytes=100), tmp_path)


@pytest.mark.parametrize(("kind", "becomes"), [("PNG", "image/jpeg"), ("WEBP", "image/webp"), ("JPEG", "image/jpeg")])
def test_the_kind_stays_where_the_network_takes_it(tmp_path: Path, kind: str, becomes: str) -> None:
    data = noise((1000, 800), kind)
    asked = dataclasses.replace(ANY, max_bytes=len(data) // 4)
    made = remake(data, f"image/{kind.lower()}", asked, tmp_path)
    assert (made.mime, made.path.stat().st_size <= asked.max_bytes) == (becomes, True)


def test_a_transparent_picture_stays_so_unless_it_can_t(tmp_path: Path) -> None:
    out = io.BytesIO()
    Image.new("RGBA", (600, 600), (0, 0, 0, 0)).save(out, "PNG")
    asked = dataclasses.replace(ANY, max_width=300)
    with Image.open(remake(out.getvalue(), "image/png", asked, tmp_path).path) as image:
        assert (image.mode, image.size, image.getpixel((5, 5))[3]) == ("RGBA", (300, 300), 0)  # type: ignore[index]
    with Image.open(remake(out.getvalue(), "image/png", JPEG, tmp_path).path) as image:
        assert image.getpixel((5, 5)) == (255, 255, 255)


def test_an_orientation_is_applied(tmp_path: Path) -> None:
    image = Image.new("RGB", (400, 300), "white")
    ImageDraw.Draw(image).rectangle((0, 0, 399, 29), fill="#c00000")  # what is above while the camera lies
    exif = Image.Exif()
    exif[0x0112] = 6
    out = io.BytesIO()
    image.save(out, "JPEG", exif=exif, quality=95)
    source = tmp_path / "source"
    source.write_bytes(out.getvalue())
    item = dataclasses.replace(item_of(out.getvalue(), "image/jpeg"), width=300, height=400)
    made = make(source, item, dataclasses.replace(ANY, max_height=200), tmp_path)
    with Image.open(made.path) as found:
        assert (found.size, found.getexif().get(0x0112)) == ((150, 200), None)
        right = found.convert("RGB").getpixel((147, 100))
    assert isinstance(right, tuple)
    assert (right[0] > 150, right[1] < 60) == (True, True)


def test_colours_of_another_profile_are_made_srgb(tmp_path: Path) -> None:
    # A profile that swaps nothing but says gamma 1: a middle grey of it is a light one of ours.
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    plain = remake(jpeg((500, 500), "#808080"), "image/jpeg", dataclasses.replace(JPEG, max_width=100), tmp_path)
    with Image.open(plain.path) as image:
        assert near(image.getpixel((50, 50)), (0x80, 0x80, 0x80))
    unreadable = jpeg((500, 500), "#808080", icc_profile=b"no profile at all")
    for profile in (unreadable, jpeg((500, 500), "#808080", icc_profile=lab)):
        made = remake(profile, "image/jpeg", dataclasses.replace(JPEG, max_width=100), tmp_path)
        with Image.open(made.path) as image:
            assert (image.mode, image.info.get("icc_profile")) == ("RGB", None)


def test_a_print_s_colours_become_a_screen_s(tmp_path: Path) -> None:
    out = io.BytesIO()
    Image.new("CMYK", (400, 400), (0, 255, 255, 0)).save(out, "JPEG")
    made = remake(out.getvalue(), "image/jpeg", dataclasses.replace(JPEG, max_width=100), tmp_path)
    with Image.open(made.path) as image:
        assert (image.mode, near(image.getpixel((50, 50)), (254, 0, 0))) == ("RGB", True)


def animation(size: tuple[int, int] = (400, 200)) -> bytes:
    frames = [Image.effect_noise(size, 90).convert("RGB") for _ in range(6)]
    out = io.BytesIO()
    frames[0].save(out, "GIF", save_all=True, append_images=frames[1:], duration=80, loop=0)
    return out.getvalue()


def test_an_animation_is_what_the_network_makes_of_it(tmp_path: Path) -> None:
    data = animation()
    smaller = remake(data, "image/gif", dataclasses.replace(ANY, max_bytes=len(data) // 3), tmp_path)
    with Image.open(smaller.path) as image:
        assert (image.format, image.n_frames, image.info["duration"]) == ("GIF", 6, 80)  # type: ignore[attr-defined]
        assert image.size < (400, 200)
    assert smaller.path.stat().st_size <= len(data) // 3
    still = remake(data, "image/gif", dataclasses.replace(JPEG, widest=2.0), tmp_path)
    assert (still.mime, still.width, still.height) == ("image/jpeg", 400, 200)
    moving = remake(data, "image/gif", MP4, tmp_path)
    found = ffmpeg.probe(moving.path, "mov")
    assert (moving.mime, found.codec, found.width, found.height) == ("video/mp4", "h264", 400, 200)
    assert found.seconds == pytest.approx(0.48, abs=0.1)


@pytest.mark.parametrize(("slug", "mime"), [("bluesky", "image/jpeg"), ("facebook", "image/jpeg"), ("x", "image/gif")])
def test_a_gif_that_stands_still_there_stands_still_here(slug: str, mime: str) -> None:
    """What the network makes of it is what is shown before approval."""
    item = item_of(animation(), "image/gif")
    asked = get(slug).rendition(item)
    assert asked is not None
    assert expected(asked, item).mime == mime


def test_a_picture_is_no_video(tmp_path: Path) -> None:
    with pytest.raises(CannotFit, match="kind"):
        remake(video("webm"), "video/webm", dataclasses.replace(MP4, kinds=("image/jpeg",)), tmp_path)


# Videos


def test_another_container_is_a_copy(tmp_path: Path) -> None:
    data = remade(video("mp4"), ["-c", "copy"], "mov")
    item = item_of(data, "video/quicktime")
    assert not fits(MP4, item)
    made = remake(data, "video/quicktime", MP4, tmp_path)
    found = ffmpeg.probe(made.path, "mov")
    assert (made.mime, found.codec, found.sound, found.width) == ("video/mp4", "h264", "aac", 320)
    assert made.path.stat().st_size == pytest.approx(len(data), rel=0.05)


def test_what_is_not_taken_is_coded_anew(tmp_path: Path) -> None:
    asked = dataclasses.replace(MP4, codecs=("h264",), sounds=("aac",), max_width=160, max_rate=15)
    item = item_of(video("webm"), "video/webm")
    made = remake(video("webm"), "video/webm", asked, tmp_path)
    found = item_of(made.path.read_bytes(), "video/mp4")
    assert (found.codec, found.sound, found.width, found.height, found.rate) == ("h264", "aac", 160, 90, 15)
    assert fits(asked, found)
    said = expected(asked, item)
    assert (said.mime, said.codec, said.sound, said.width, said.height, said.rate) == (
        "video/mp4",
        "h264",
        "aac",
        160,
        90,
        15,
    )


def test_a_wide_video_gets_ground_above_and_below(tmp_path: Path) -> None:
    square = dataclasses.replace(MP4, narrowest=1.0, widest=1.0)
    made = remake(video("mp4"), "video/mp4", square, tmp_path)
    found = ffmpeg.probe(made.path, "mov")
    assert (found.width, found.height) == (320, 320)
    assert found.seconds == pytest.approx(2, abs=0.1)


def test_its_bits_are_what_its_weight_allows(tmp_path: Path) -> None:
    data = video("mp4", size="640x360", seconds=4, more=("-qp", "1"))
    asked = dataclasses.replace(MP4, max_bytes=len(data) // 3)
    made = remake(data, "video/mp4", asked, tmp_path)
    assert made.path.stat().st_size <= asked.max_bytes
    with pytest.raises(CannotFit, match="too_heavy"):
        remake(data, "video/mp4", dataclasses.replace(MP4, max_bytes=10_000), tmp_path)


def test_one_held_upright_is_upright(tmp_path: Path) -> None:
    turned = remade(video("mp4"), ["-c", "copy", "-metadata:s:v", "rotate=90"], "mov")
    made = remake(turned, "video/quicktime", dataclasses.replace(MP4, max_height=160), tmp_path)
    found = ffmpeg.probe(made.path, "mov")
    assert (found.width, found.height, found.rotation) == (90, 160, 0)


def test_whoever_makes_it_says_so_meanwhile(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ffmpeg, "ALIVE_SECONDS", 0.05)
    source = tmp_path / "source"
    source.write_bytes(video("mp4", size="1280x720", seconds=4))
    item = item_of(source.read_bytes(), "video/mp4")

    class GoneError(Exception):
        pass

    def alive() -> None:
        raise GoneError

    with pytest.raises(GoneError):
        make(source, item, dataclasses.replace(MP4, max_width=640), tmp_path, alive=alive)


@pytest.mark.parametrize("name", ["frame-index.gif", "frame-struct-1.gif", "frame-struct-2.gif"])
def test_what_is_damaged_can_t_be_made(name: str, tmp_path: Path) -> None:
    data = (Path(__file__).parent / "broken" / name).read_bytes()
    item = MediaItem("0" * 64, "image/gif", 48, 40, len(data), "", lambda: io.BytesIO(data))
    source = tmp_path / "source"
    source.write_bytes(data)
    with pytest.raises(CannotFit, match="broken"):
        make(source, item, dataclasses.replace(ANY, max_width=20), tmp_path)
