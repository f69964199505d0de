"""Pictures and videos made as networks want them: a large photo for six of them, and a video beside ffmpeg alone."""

import io
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from django.test import override_settings
from PIL import Image

from agency.bench.figures import Figure, Part, Progress
from agency.bench.reviewing import Office, office, timed
from social.fitting import Want
from social.models import Media, Rendition
from social.networks.asking import Rendition as Asked
from social.services import add_media, renditions

TITLE = "Pictures and videos for networks"
ABOUT = (
    "A photo of 12 megapixels, made for six networks one after the other, from the order to the stored bytes; and a video "
    "of 30 seconds in 1080p made 720p, beside ffmpeg itself with the same arguments: what we add is the order, the look at "
    "what came out, its digest and its place. Each measured in turns, the median of them."
)
STILL = ("image/jpeg", "image/png")
# What six networks ask of pictures, or near it: what counts is how much work it is, and that stays comparable.
SIX = (
    Asked(kinds=(*STILL, "image/webp"), max_bytes=2_000_000, max_width=2000, max_height=2000),
    Asked(kinds=("image/jpeg",), max_bytes=8_000_000, max_width=1440, narrowest=0.8, widest=1.91),
    Asked(kinds=STILL, max_bytes=4_000_000, max_width=2048, max_height=2048),
    Asked(kinds=STILL, max_bytes=5_000_000, max_width=1920, max_height=1080),
    Asked(kinds=STILL, max_bytes=8_000_000, max_width=1440, max_height=1440),
    Asked(kinds=("image/jpeg",), max_bytes=10_000_000, max_width=1000, narrowest=0.66, widest=0.67),
)
SCREEN = Asked(kinds=("video/mp4",), max_bytes=100_000_000, max_width=1280, max_height=720, codecs=("h264",))


@dataclass(frozen=True)
class Size:
    """How much of it."""

    photo: tuple[int, int]
    seconds: int
    screen: str
    rounds: int

    @property
    def steps(self) -> int:
        """How many the progress counts."""
        return 3 * self.rounds


FULL = Size(photo=(4000, 3000), seconds=30, screen="1920x1080", rounds=3)
SMALL = Size(photo=(400, 300), seconds=1, screen="1920x1080", rounds=1)


def measure(progress: Progress, size: Size = FULL) -> Part:
    """Measure both; needs ffmpeg, and leaves nothing behind."""
    on_disk = {"default": {"BACKEND": "django.core.files.storage.FileSystemStorage"}}
    with (
        tempfile.TemporaryDirectory(prefix="filo-bench-") as folder,
        override_settings(MEDIA_ROOT=folder, STORAGES=on_disk),
    ):
        return Part("media", TITLE, ABOUT, [*_photo(progress, size, office()), *_video(progress, size, office())])


def _photo(progress: Progress, size: Size, at: Office) -> list[Figure]:
    media = _added(at, photo(size.photo))
    took = [_made(media, SIX) for _ in _rounds(progress, size)]
    what = f"{size.photo[0] * size.photo[1] / 1e6:.3g} megapixels for six networks"
    return [Figure(what=what, value=median(took), unit="s", target=1.5)]


def _video(progress: Progress, size: Size, at: Office) -> list[Figure]:
    with tempfile.TemporaryDirectory(prefix="filo-bench-") as folder:
        source = Path(folder) / "source.mp4"
        _film(size, source)
        media = _added(at, source.read_bytes())
        bare, ours = [], []
        for _ in _rounds(progress, size):  # in turns: what else the machine does is in both
            bare.append(timed(lambda: _alone(Path(media.file.path), Path(folder) / "out.mp4")))
            progress(1)
            ours.append(_made(media, (SCREEN,)))
    return [
        Figure(what=f"{size.seconds} s of {size.screen}, by ffmpeg alone", value=median(bare), unit="s"),
        Figure(what="the same by us", value=median(ours), unit="s"),
        Figure(what="ratio", value=median(ours) / median(bare), unit="×", target=1.2),
    ]


def _rounds(progress: Progress, size: Size) -> "map[int]":
    def step(number: int) -> int:
        progress(1)
        return number

    return map(step, range(size.rounds))


def _added(at: Office, data: bytes) -> Media:
    return add_media(user=at.author, client=at.client, file=io.BytesIO(data))


def _made(media: Media, asked: tuple[Asked, ...]) -> float:
    """How long it takes to make these from nothing, in seconds."""
    fresh = _for_another(media)  # what is made is kept for ever: each round is of another client, with the same bytes
    wants = [Want(fresh, one) for one in asked]

    def work() -> None:
        renditions.order(wants)
        for row in Rendition.objects.filter(client=fresh.client_id, made_at=None):
            renditions.make(rendition_id=row.pk)

    took = timed(work)
    recipes = [want.key[1] for want in wants]  # a video has its first picture besides
    made = Rendition.objects.filter(client=fresh.client_id, made_at__isnull=False, recipe__in=recipes).count()
    if made != len(asked):
        message = f"{made} of {len(asked)} could be made"
        raise RuntimeError(message)
    return took


def _for_another(media: Media) -> Media:
    with media.file.open("rb") as file:
        return _added(office(), file.read())


def photo(size: tuple[int, int]) -> bytes:
    """A JPEG that is about as hard as a photo: soft shades, and the grain of a sensor on them."""
    shades = [Image.linear_gradient("L"), Image.radial_gradient("L"), Image.linear_gradient("L").rotate(90)]
    soft = Image.merge("RGB", [shade.resize(size) for shade in shades])
    quarter = (max(1, size[0] // 4), max(1, size[1] // 4))
    rough = Image.merge("RGB", [Image.effect_noise(quarter, 60).resize(size) for _ in range(3)])
    grain = Image.merge("RGB", [Image.effect_noise(size, 12)] * 3)
    out = io.BytesIO()
    Image.blend(Image.blend(soft, rough, 0.4), grain, 0.3).save(out, "JPEG", quality=92)
    return out.getvalue()


def _film(size: Size, path: Path) -> None:
    picture = ["-f", "lavfi", "-i", f"testsrc2=size={size.screen}:rate=30:duration={size.seconds}"]
    sound = ["-f", "lavfi", "-i", f"sine=frequency=440:duration={size.seconds}"]
    how = [
        "-vf",
        "noise=alls=8:allf=t",
        "-c:v",
        "libx264",
        "-preset",
        "ultrafast",
        "-pix_fmt",
        "yuv420p",
        "-c:a",
        "aac",
    ]
    subprocess.run(["ffmpeg", "-v", "error", *picture, *sound, *how, path], check=True)


def _alone(source: Path, out: Path) -> None:
    filters = ["-vf", "scale=1280:720:flags=bicubic,setsar=1"]
    picture = ["-c:v", "libx264", "-preset", "veryfast", "-crf", "21", "-pix_fmt", "yuv420p", "-profile:v", "high"]
    how = [*filters, *picture, "-c:a", "copy", "-movflags", "+faststart"]
    subprocess.run(["ffmpeg", "-v", "error", "-nostdin", "-y", "-i", source, *how, out], check=True)
