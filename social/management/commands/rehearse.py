"""``rehearse CHANNEL``: the whole way on a real account, with a post that is deleted at once; prints what differs."""

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db.models import QuerySet

from accounts.errors import Conflict
from social.models import Channel
from social.services.rehearsing import Rehearsal, Step

MARKS = {"as expected": "  ", "differs": "! ", "can't be told": "? "}


class Command(BaseCommand):
    """Exit status 1 where anything differs from what was expected, or something was left behind."""

    help = (
        "Does the whole way on a real account: identity, preflight, upload, publish, find, read back, edit, numbers, delete, as "
        "far as the network has them. What it posts says that it is a rehearsal, is private where the network has that, and is "
        "deleted at once. Asks before it posts."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Which channel, and what of it."""
        parser.add_argument("channel", metavar="CHANNEL", help="its number, or NETWORK:HANDLE")
        parser.add_argument("--yes", action="store_true", help="post without asking")
        parser.add_argument("--no-picture", action="store_true", help="words alone")
        parser.add_argument(
            "--field", action="append", default=[], metavar="NAME=VALUE", help="what this network asks beside the text"
        )

    def handle(self, *, channel: str, yes: bool, no_picture: bool, field: list[str], **_options: Any) -> None:
        """Ask, do, tell."""
        found = self._channel(channel)
        fields = dict(one.partition("=")[::2] for one in field)
        try:
            rehearsal = Rehearsal(found, fields=fields, picture=not no_picture)
            self._tell(rehearsal)
            if not yes and not self._agreed():
                raise CommandError("Nothing was posted.")
            steps = [self._told(step) for step in rehearsal.steps()]
        except Conflict as conflict:
            raise CommandError(f"{conflict} Nothing was posted.") from None
        if rehearsal.left_behind:
            self.stdout.write(f"Left behind, delete it by hand: {rehearsal.left_behind}")
        differs = [step.name for step in steps if step.verdict == "differs"]
        if differs or rehearsal.left_behind:
            raise CommandError(f"Differs: {', '.join(differs) or 'something was left behind'}.")
        self.stdout.write("Everything was as expected, and nothing is left.")

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
        lines = [
            f"{channel.client.name}: {channel.name} on {rehearsal.network.name} ({channel.handle})",
            f"posts: {content.text[:70]}{'…' if len(content.text) > 70 else ''}",  # noqa: PLR2004 - a line
            f"with: {'a video' if any(item.is_video for item in content.media) else f'{len(content.media)} pictures'}; {', '.join(f'{k}={v}' for k, v in content.fields.items()) or 'no fields'}",
            f"costs: {f'{price.dollars} US dollars' if price else 'nothing'}",
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
