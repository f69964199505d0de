"""Pictures as a network asks for them.

They are turned upright, given sRGB colours, made smaller, and given ground at their sides in the average colour of their
edges; then quality steps down until the weight fits, and then size.
"""

import io
from collections.abc import Iterable
from pathlib import Path

from PIL import Image, ImageCms, ImageOps, ImageStat

from social.networks.asking import Rendition
from social.networks.content import MediaItem
from social.renditions.shape import CannotFit, Made, Shape, shape

FORMATS = {"image/jpeg": "JPEG", "image/png": "PNG", "image/webp": "WEBP", "image/gif": "GIF"}
QUALITIES = (90, 82, 74, 66, 58)
SHRINK = 0.75
SMALLEST = 0.05  # of its first size: nobody would see anything on less
MOST_FRAME_PIXELS = 400_000_000  # of all frames of an animation together, that are worked on
ORIENTATION = 0x0112
TURNED = 5  # and above: width and height change places
SRGB = ImageCms.createProfile("sRGB")


def target(asked: Rendition, item: MediaItem) -> str:
    """The type it is made into: its own where the network takes it, else the first that it takes.

    A PNG that is too heavy becomes a JPEG where the network takes those: nothing else makes a photo lighter.
    """
    mime = item.mime if item.mime in asked.kinds else asked.kinds[0]
    if mime == "image/png" and item.size > asked.max_bytes and "image/jpeg" in asked.kinds:
        return "image/jpeg"
    return mime


def make(source: Path, asked: Rendition, mime: str, folder: Path) -> Made:
    """Make it. Raises ``CannotFit``, and ``OSError`` where the picture can't be read."""
    if mime not in FORMATS:
        raise CannotFit("kind")
    try:
        with Image.open(source, formats=list(FORMATS.values())) as image:
            moving = getattr(image, "is_animated", False) and not asked.first_only
            if moving and mime == Image.MIME.get(str(image.format)):
                data, size = _animated(image, asked)
            else:
                data, size = _still(image, asked, mime)
    except (CannotFit, OSError):
        raise
    except (
        Exception
    ) as error:  # what a decoder makes of damaged bytes is no error of ours, and no reason to try for ever
        raise CannotFit("broken") from error
    path = folder / "picture"
    path.write_bytes(data)
    return Made(path, mime, *size)


def _still(image: Image.Image, asked: Rendition, mime: str) -> tuple[bytes, tuple[int, int]]:
    width, height = image.size
    turned = image.getexif().get(ORIENTATION, 1) >= TURNED
    first = shape(height, width, asked) if turned else shape(width, height, asked)
    # The decoder itself gives a half or a quarter, where that is still enough: most of the time of a large photo.
    image.draft(None, first.shown[::-1] if turned else first.shown)
    upright = _plain(ImageOps.exif_transpose(image))
    small = coloured(upright.resize(first.shown, Image.Resampling.LANCZOS, reducing_gap=2.0), image)
    whole = _grounded(small, first, mime)
    scale = 1.0
    while scale >= SMALLEST:
        size = (max(1, round(first.width * scale)), max(1, round(first.height * scale)))
        again = whole if scale == 1 else whole.resize(size, Image.Resampling.LANCZOS)
        for data in _written(again, mime):
            if len(data) <= asked.max_bytes:
                return data, again.size
        scale *= SHRINK
    raise CannotFit("too_heavy")


def _written(image: Image.Image, mime: str) -> Iterable[bytes]:
    kind = FORMATS[mime]
    if kind in {"JPEG", "WEBP"}:
        return (_bytes(image, kind, quality=quality) for quality in QUALITIES)
    if kind == "GIF":
        return [_bytes(image.convert("RGB").quantize(), kind)]
    return [_bytes(image, kind, optimize=True)]


def _bytes(image: Image.Image, kind: str, **options: int | bool) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def _plain(image: Image.Image) -> Image.Image:
    """With channels that can be scaled: no palette, no 16 bits."""
    if image.mode.startswith("I"):
        image = image.convert("I").point(lambda value: value * (1 / 256)).convert("L")
    if image.has_transparency_data:
        return image.convert("RGBA")
    return image if image.mode in {"RGB", "CMYK", "L"} else image.convert("RGB")


def coloured(image: Image.Image, original: Image.Image) -> Image.Image:
    """Give it in sRGB, which is what networks take a picture for; a profile that can't be read is none."""
    profile = original.info.get("icc_profile")
    if profile:
        try:
            own = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            if "srgb" not in ImageCms.getProfileDescription(own).lower():
                return _converted(image, own)
        except (ImageCms.PyCMSError, OSError, ValueError):
            pass
    return image if image.mode in {"RGB", "RGBA"} else image.convert("RGB")


def _converted(image: Image.Image, own: ImageCms.ImageCmsProfile) -> Image.Image:
    alpha = image.getchannel("A") if image.mode == "RGBA" else None
    bare = image.convert("RGB") if alpha else image
    changed = ImageCms.profileToProfile(bare, own, SRGB, outputMode="RGB")
    if changed is None:
        return image.convert("RGB")
    if alpha:
        changed.putalpha(alpha)
    return changed


def _grounded(image: Image.Image, form: Shape, mime: str) -> Image.Image:
    """On the ground that its form asks; without transparency where the type has none."""
    if image.mode == "RGBA" and (form.padded or FORMATS[mime] in {"JPEG", "GIF"}):
        white = Image.new("RGBA", image.size, "white")
        image = Image.alpha_composite(white, image).convert("RGB")
    if not form.padded:
        return image
    ground = Image.new("RGB", (form.width, form.height), edge_colour(image, sides=form.shown[0] < form.width))
    ground.paste(image, form.at)
    return ground


def edge_colour(image: Image.Image, *, sides: bool) -> tuple[int, int, int]:
    """The average colour of the two edges at which there is ground: left and right, or above and below."""
    width, height = image.size
    if sides:
        edges = [(0, 0, 1, height), (width - 1, 0, width, height)]
    else:
        edges = [(0, 0, width, 1), (0, height - 1, width, height)]
    one, other = (ImageStat.Stat(image.convert("RGB").crop(edge)).mean for edge in edges)
    red, green, blue = (round((a + b) / 2) for a, b in zip(one, other, strict=True))
    return red, green, blue


def _animated(image: Image.Image, asked: Rendition) -> tuple[bytes, tuple[int, int]]:
    """All of its frames, smaller until the weight fits."""
    frames = int(getattr(image, "n_frames", 1))
    scale = 1.0
    while scale >= SMALLEST:
        form = shape(*image.size, asked, scale=scale)
        if form.width * form.height * frames > MOST_FRAME_PIXELS:
            raise CannotFit("too_heavy")
        data = _animation(image, form, frames)
        if len(data) <= asked.max_bytes:
            return data, (form.width, form.height)
        scale = min(scale, form.shown[0] / image.width) * SHRINK
    raise CannotFit("too_heavy")


def _animation(image: Image.Image, form: Shape, frames: int) -> bytes:
    shown: list[Image.Image] = []
    lasting: list[int] = []
    for number in range(frames):
        image.seek(number)
        frame = image.convert("RGBA").resize(form.shown, Image.Resampling.LANCZOS)
        shown.append(_grounded(frame, form, "image/png"))
        lasting.append(int(image.info.get("duration", 100)))
    out = io.BytesIO()
    first, *others = shown
    first.save(
        out,
        str(image.format),
        save_all=True,
        append_images=others,
        duration=lasting,
        loop=image.info.get("loop", 0),
        disposal=2,
    )
    return out.getvalue()
