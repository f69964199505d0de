"""What mail servers send back about newsletters, one message from a pipe or a whole mailbox from a folder."""

import mailbox
import os
import sys
from argparse import ArgumentParser
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError

from accounts.errors import Conflict
from newsletter.services.bounces import MOST_BYTES, take

TRY_AGAIN = 75  # EX_TEMPFAIL of sysexits.h: the mail server keeps the message and comes back with it


class Command(BaseCommand):
    """``take_bounces`` reads one message from its input; with a path, each message of an mbox file or a Maildir folder.

    From the input nothing but a fault that may pass is an error, since a mail server would bounce the bounce. A mailbox may
    be read any number of times: each copy comes back once.
    """

    help = "Take in bounces and complaints: one message from the input, or an mbox file or Maildir folder."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "mailbox", nargs="?", help="an mbox file or a Maildir folder; left out, one message is read"
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        """Take them in, and say how many became what."""
        if options["mailbox"]:
            self._all_of(Path(options["mailbox"]))
            return
        raw = sys.stdin.buffer.read(MOST_BYTES)
        while sys.stdin.buffer.read(1 << 20):
            pass  # the rest is read, or the server at the other end of the pipe would take it for a fault
        try:
            became = take(raw=raw).became
        except (Conflict, DatabaseError) as error:
            self.stderr.write(f"not now: {type(error).__name__}")
            sys.exit(TRY_AGAIN)
        self.stdout.write(became.value)

    def _all_of(self, path: Path) -> None:
        counts: Counter[str] = Counter()
        for raw in _messages(path):
            try:
                counts[take(raw=raw).became.value] += 1
            except Conflict:
                counts["later"] += 1
        self.stdout.write(", ".join(f"{number} {became}" for became, number in sorted(counts.items())) or "no messages")


def _messages(path: Path) -> Iterator[bytes]:
    if path.is_dir() and (path / "new").is_dir():
        for folder in ("new", "cur"):
            for file in sorted((path / folder).iterdir()):
                with file.open("rb") as opened:
                    yield opened.read(MOST_BYTES)
    elif path.is_file() and os.access(path, os.R_OK):
        box = mailbox.mbox(path, create=False)
        for key in box.iterkeys():
            with box.get_file(key) as opened:
                yield opened.read(MOST_BYTES)
        box.close()
    else:
        raise CommandError(f"{path} is neither an mbox file nor a Maildir folder")
