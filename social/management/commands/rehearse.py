"""``rehearse CHANNEL``: the whole way on a real account, with a post that is deleted at once; prints what differs."""

import signal
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from types import FrameType
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db.models import QuerySet

from accounts.errors import Conflict
from social.models import Channel
from social.networks.base import Content
from social.services.rehearsing import EXTRAS, Rehearsal, Step, Wishes

MARKS = {"as expected": "  ", "differs": "! ", "can't be told": "? "}
STOPS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)  # whoever ends it wants nothing left behind, either
ONE_PRESS = 3.0  # seconds: what comes within them was one wish to stop, which make and a shell pass on once more
LINE = 70  # characters


class Command(BaseCommand):
    """Exit status 1 where anything differs from what was expected, or something was left behind."""

    help = (
        "Does the whole way on a real account: identity, preflight, upload, publish, find, read back, edit, numbers, delete, as "
        "far as the network has them, with a thread, a first comment, and alternative texts. What it posts says that it is a "
        "rehearsal, is private where the network has that, and is deleted at once, also where it is stopped with Ctrl-C. Asks "
        "before it posts."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Which channel, and what of it."""
        parser.add_argument("channel", metavar="CHANNEL", help="its number, or NETWORK:HANDLE")
        parser.add_argument("--yes", action="store_true", help="post without asking")
        parser.add_argument(
            "--posts", type=int, default=2, metavar="N", help="of how many posts a thread is (2; 1: none)"
        )
        parser.add_argument(
            "--video", action="store_true", help="a video instead of a picture, with its subtitles and its cover"
        )
        parser.add_argument(
            "--without", action="append", default=[], choices=EXTRAS, help="leave this out; may be given several times"
        )
        parser.add_argument("--no-picture", action="store_true", help="words alone: as --without picture")
        parser.add_argument(
            "--field", action="append", default=[], metavar="NAME=VALUE", help="what this network asks beside the text"
        )

    def handle(self, *, channel: str, yes: bool, **options: Any) -> None:
        """Ask, do, tell."""
        found, wishes = self._channel(channel), _wishes(options)
        try:
            rehearsal = Rehearsal(found, wishes)
            self._tell(rehearsal)
            if not yes and not self._agreed():
                raise CommandError("Nothing was posted.")
            differs = self._done(rehearsal)
        except Conflict as conflict:
            raise CommandError(f"{conflict} Nothing was posted.") from None
        if differs or rehearsal.left_behind or rehearsal.in_doubt:
            raise CommandError(f"Differs: {', '.join(differs) or 'something was left behind'}.")
        self.stdout.write("Everything was as expected, and nothing is left.")

    def _done(self, rehearsal: Rehearsal) -> list[str]:
        """Do it; which steps differ. However it ends, what stays is said."""
        try:
            with _stoppable(), closing(rehearsal.steps()) as steps:
                told = [self._told(step) for step in steps]
        except KeyboardInterrupt:
            raise CommandError("Stopped in the middle.", returncode=130) from None
        finally:
            self._tell_end(rehearsal)
        return [step.name for step in told if step.verdict == "differs"]

    def _tell_end(self, rehearsal: Rehearsal) -> None:
        if rehearsal.dollars:
            self.stdout.write(f"It cost {rehearsal.dollars} US dollars in all.")
        if rehearsal.left_behind:
            self.stdout.write(f"Left behind, delete it by hand: {rehearsal.left_behind}")
        if rehearsal.in_doubt:
            words = rehearsal.content.text.partition("\n")[0]
            self.stdout.write(f"More may be live than is known: look at {rehearsal.channel.handle} for “{words}”")

    def _channel(self, named: str) -> Channel:
        channels: QuerySet[Channel] = Channel.objects.select_related("client").exclude(status="retired")
        network, colon, handle = named.partition(":")
        rows = channels.filter(network=network, handle__iexact=handle.removeprefix("@")) if colon else channels.none()
        if named.isdecimal():
            rows = Channel.objects.select_related("client").filter(pk=int(named))
        if len(rows) != 1:
            raise CommandError(f"There {'is no channel' if not rows else 'are several channels'} {named}.")
        return rows[0]

    def _tell(self, rehearsal: Rehearsal) -> None:
        channel, content = rehearsal.channel, rehearsal.content
        price = rehearsal.network.price(content)
        words = content.text.partition("\n")[0]
        lines = [
            f"{channel.client.name}: {channel.name} on {rehearsal.network.name} ({channel.handle})",
            f"posts: {words[:LINE]}{'…' if len(content.text) > LINE else ''}",
            f"with: {_beside(content)}; {', '.join(f'{k}={v}' for k, v in content.fields.items()) or 'no fields'}",
            "seen by: as few as the network allows"
            if rehearsal.private
            else "seen by: everybody, as long as it is there",
            *(f"takes: {limit.cost} of “{limit.label}”, {used} used by now" for limit, used in rehearsal.takes),
            f"costs: {f'{price.dollars} US dollars; asking, changing and deleting may cost more' if price else 'nothing'}",
            "deletes it afterwards" if rehearsal.network.deletes else "can't delete it: this network has no way to",
        ]
        self.stdout.write("\n".join(lines))

    def _agreed(self) -> bool:
        if not sys.stdin.isatty():
            raise CommandError("Nobody is here to ask: --yes posts without asking.")
        return input("Post it? (yes/no) ").strip().lower() in {"y", "yes"}

    def _told(self, step: Step) -> Step:
        self.stdout.write(f"{MARKS[step.verdict]}{step.name}: expected {step.expected}; {step.found}")
        return step


def _wishes(options: dict[str, Any]) -> Wishes:
    without = {*options["without"], *(["picture"] if options["no_picture"] else [])}
    fields = dict(one.partition("=")[::2] for one in options["field"])
    return Wishes(fields=fields, posts=options["posts"], video=options["video"], without=frozenset(without))


def _beside(content: Content) -> str:
    """What goes out beside the words, in words."""
    found = []
    for item in content.media:
        more = [name for name in ("captions", "cover", "alt_text") if getattr(item, name)]
        named = "a video" if item.is_video else "a picture"
        found.append(f"{named} ({', '.join(more)})" if more else named)
    if content.parts:
        found.append(f"a thread of {1 + len(content.parts)}")
    if content.comment:
        found.append("a first comment")
    return ", ".join(found) or "words alone"


@contextmanager
def _stoppable() -> Iterator[None]:
    """Whoever ends the process stops the rehearsal, which then takes down what is live. Who does it again stops that, too."""
    first: list[float] = []

    def stop(_signal: int, _frame: FrameType | None) -> None:
        now = time.monotonic()
        if not first or now > first[0] + ONE_PRESS:
            first.append(now)
            raise KeyboardInterrupt

    before = {one: signal.signal(one, stop) for one in STOPS}
    try:
        yield
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)
