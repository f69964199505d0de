"""Renditions: ordered when a picture is put on a post's channel, made once by whoever claims the order, kept for ever.

The row is the order, unique for a client's bytes and a recipe. A worker claims it by one conditional UPDATE, which gives it
a lease that it prolongs while it works; where it dies, the next one takes over when that is over.
"""

import hashlib
import logging
import tempfile
import time
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from threading import BoundedSemaphore
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.models import F
from django.utils import timezone

from social import ffmpeg, renditions
from social.digest import shelves_of
from social.fitting import STILL, STILL_RECIPE, STILL_WORDS, Want, item_of, wanted
from social.models import Media, Post, Rendition
from social.renditions import CannotFit, Made, pictures
from social.storing import on_disk, put

log = logging.getLogger(__name__)

QUEUE = 20  # orders that wait at the workers, at most: what is due to go out need not wait for more
DEEP = 20_000  # orders among which the sweep finds whose turn it is
HAND_OUT = timedelta(seconds=10)  # for so long an order that was handed out is not handed out again
LEASE = timedelta(seconds=90)
PATIENCE = 15.0  # seconds that a submission waits for a picture which somebody else is making
MOST_TRIES = 3
WITHOUT_FFMPEG = timedelta(minutes=1)
A_FEW = BoundedSemaphore(max(1, settings.THREADS // 4))  # pictures of a process at a time: the other threads publish
SOON = timedelta(seconds=1)
ONE_VIDEO = BoundedSemaphore(1)  # of a process at a time: ffmpeg takes all the cores that there are


# In turns between the clients, and no more than can be made soon.
ORDERS = """
WITH waiting AS (
    SELECT id, client_id, wake_at FROM social_rendition WHERE wake_at <= %(now)s ORDER BY wake_at LIMIT %(deep)s
), turns AS (
    SELECT id, row_number() OVER (PARTITION BY client_id ORDER BY wake_at, id) AS turn FROM waiting
), chosen AS MATERIALIZED (
    SELECT id, turn FROM turns ORDER BY turn, id LIMIT greatest(0, %(queue)s - (
        SELECT count(*) FROM social_rendition WHERE wake_at > %(now)s AND wake_at <= %(again)s
    ))
), handed AS (
    UPDATE social_rendition SET wake_at = %(again)s FROM chosen
    WHERE social_rendition.id = chosen.id AND wake_at <= %(now)s
    RETURNING social_rendition.id, turn
)
SELECT id FROM handed ORDER BY turn, id
"""


class LostError(Exception):
    """Somebody else has the order by now."""


def order(wants: Iterable[Want]) -> None:
    """Ask for what is wanted, unless that was done before: for the database to remember and a worker to make."""
    now = timezone.now()
    rows = {
        (want.media.client_id, *want.key): Rendition(
            client_id=want.media.client_id,
            source=want.key[0],
            recipe=want.key[1],
            asked=renditions.words_of(want.asked),
            wake_at=now,
        )
        for want in wants
    }
    if rows:
        Rendition.objects.bulk_create(rows.values(), ignore_conflicts=True)


def order_for(post: Post) -> None:
    """Ask for all that this post's channels want of its pictures and videos; one query where it has none."""
    rows = list(post.media_rows.select_related("media"))
    if not rows:
        return
    variants = list(post.variants.select_related("channel"))
    found = [
        wanted(variant.channel.network, item)
        for variant in variants
        for shelf in shelves_of(post, variant, rows)
        for item in shelf
    ]
    order(want for want in found if want)


def hand_out(now: datetime) -> list[int]:
    """The orders that a worker is to make now; they wait again after ``HAND_OUT``, in case whoever got them dies."""
    with connection.cursor() as cursor:
        cursor.execute(ORDERS, {"now": now, "again": now + HAND_OUT, "deep": DEEP, "queue": QUEUE})
        return [row[0] for row in cursor.fetchall()]


def make(*, rendition_id: int) -> None:
    """Make what was ordered, unless somebody else does or has."""
    row = Rendition.objects.filter(pk=rendition_id, made_at=None).first()
    if row is None:
        return
    media = Media.objects.filter(client=row.client_id, sha256=row.source).first()
    if media is None:
        return
    place = ONE_VIDEO if media.is_video else A_FEW
    if not place.acquire(blocking=False):
        if not media.is_video:
            _put_back(row)
        return  # it is handed out again soon
    try:
        if _claim(row):
            _make(row, media)
    finally:
        place.release()


def _put_back(row: Rendition) -> None:
    """This worker makes as many as it may: somebody has it in a second, unless somebody has it already."""
    now = timezone.now()
    mine = Rendition.objects.filter(pk=row.pk, made_at=None, tries=row.tries, wake_at__lte=now + HAND_OUT)
    mine.update(wake_at=now + SOON)


def make_now(wants: Iterable[Want]) -> None:
    """Make the pictures among what is wanted, or wait for whoever is at it; videos are ordered alone: they take long."""
    wants = list(wants)
    order(wants)
    broken = Rendition.objects.filter(made_at=None, problem="broke", source__in={want.key[0] for want in wants})
    broken.update(wake_at=timezone.now(), tries=0, problem="")  # whoever asks again may have mended what was wrong
    for want in wants:
        if not want.media.is_video:
            _make_now(want)


def _make_now(want: Want) -> None:
    source, recipe = want.key
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        row = Rendition.objects.get(client=want.media.client_id, source=source, recipe=recipe)
        if row.made_at or row.wake_at is None:
            return
        if _claim(row):
            _make(row, want.media)
            return
        time.sleep(0.1)


def keep_still(media: Media, picture: bytes) -> None:
    """Keep a video's first picture (PNG), small, unless there is one of the same bytes already."""
    found = {"client_id": media.client_id, "source": media.sha256, "recipe": STILL_RECIPE}
    if Rendition.objects.filter(**found).exists():
        return
    with tempfile.TemporaryDirectory(prefix="filo-") as folder:
        source = Path(folder) / "still"
        source.write_bytes(picture)
        made = pictures.make(source, STILL, STILL.kinds[0], Path(folder))
        row = Rendition(**found, asked=STILL_WORDS, **_facts(made), made_at=timezone.now())
        put(row.file, made.path)
    Rendition.objects.bulk_create([row], ignore_conflicts=True)


def _claim(row: Rendition) -> bool:
    # In somebody's lease it wakes later than anything that was only handed out.
    now = timezone.now()
    free = Rendition.objects.filter(pk=row.pk, made_at=None, tries=row.tries, wake_at__lte=now + HAND_OUT)
    if not free.update(wake_at=now + LEASE, tries=F("tries") + 1):
        return False
    row.tries += 1
    return True


def _make(row: Rendition, media: Media) -> None:
    try:
        with on_disk(media.file) as source, tempfile.TemporaryDirectory(prefix="filo-") as folder:
            made = renditions.make(
                source, item_of(media), renditions.asked_in(row.asked), Path(folder), alive=lambda: _prolong(row)
            )
            _keep(row, made)
    except LostError:
        log.warning("somebody else goes on", extra={"rendition": row.pk})
    except CannotFit as error:
        _update(row, wake_at=None, problem=error.code)
    except ffmpeg.FfmpegMissing:
        _update(row, wake_at=timezone.now() + WITHOUT_FFMPEG, problem="no_ffmpeg", tries=row.tries - 1)
    except (OSError, ffmpeg.FfmpegError) as error:
        log.warning("a rendition could not be made: %s", error, extra={"rendition": row.pk})
        over = row.tries >= MOST_TRIES
        _update(row, wake_at=None if over else timezone.now() + LEASE, problem="broke" if over else "")


def _prolong(row: Rendition) -> None:
    if not _update(row, wake_at=timezone.now() + LEASE):
        raise LostError


def _keep(row: Rendition, made: Made) -> None:
    """Store the bytes, then say in one update what they are: it is made with that and not before."""
    facts = _facts(made)
    for name, value in facts.items():
        setattr(row, name, value)
    put(row.file, made.path)
    if not _update(row, **facts, file=row.file.name, made_at=timezone.now(), wake_at=None, problem=""):
        raise LostError


def _facts(made: Made) -> Mapping[str, Any]:
    with made.path.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    plain = {
        "mime": made.mime,
        "width": made.width,
        "height": made.height,
        "size": made.path.stat().st_size,
        "sha256": digest,
    }
    if not made.mime.startswith("video/"):
        return plain
    found = ffmpeg.probe(made.path, "mov")
    return {
        **plain,
        "duration": round(found.seconds, 3),
        "rate": found.rate,
        "codec": found.codec,
        "sound": found.sound,
        "rotation": found.rotation,
    }


def _update(row: Rendition, **fields: Any) -> bool:
    """Whether the order was still ours."""
    return bool(Rendition.objects.filter(pk=row.pk, made_at=None, tries=row.tries).update(**fields))
