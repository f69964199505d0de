"""Compares the messages that the code has now with the Italian catalogues: none missing, none fuzzy, none left over.

And all of them with the apostrophe of printed Italian.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po

BASE = Path(__file__).resolve().parent.parent
CATALOGUES = ("django.po", "djangojs.po")
COMPLETE = "it"
# Says only what differs where one says Lei; the rest falls back on `it`.
PARTIAL = "it_Formal"
STRAIGHT = re.compile(r"(?<=[^\W\d_])'(?=[^\W\d_])")


def read(path: Path) -> Catalog:
    """A catalogue; an empty one where there is none."""
    if not path.exists():
        return Catalog()
    with path.open("rb") as file:
        return read_po(file)


def key(message: Message) -> tuple[str, str]:
    """What gettext looks a message up by."""
    singular = message.id if isinstance(message.id, str) else message.id[0]
    return (message.context or "", singular)


def translated(message: Message) -> bool:
    """Whether all forms of it are there and nobody has to look at them again."""
    forms = [message.string] if isinstance(message.string, str) else message.string
    return bool(forms) and all(forms) and not message.fuzzy


def forms_of(message: Message) -> list[str]:
    """What is said for it, one text for each plural."""
    return [text for text in ([message.string] if isinstance(message.string, str) else message.string) if text]


def extracted(domain: str) -> Catalog:
    """The messages that the code has now, taken from a copy so that this changes nothing."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "filo"
        tracked = subprocess.run(
            ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
            cwd=BASE,
            check=True,
            capture_output=True,
        ).stdout
        for name in filter(None, tracked.decode().split("\0")):
            if (BASE / name).is_file() and not name.startswith(("tests/", ".ci/", "locale/")):
                (copy / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(BASE / name, copy / name)
        (copy / "locale").mkdir()
        command = [sys.executable, "-m", "django", "makemessages", "-l", COMPLETE, "-d", domain, "--no-wrap", "-v", "0"]
        environment = {name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"}
        subprocess.run(command, cwd=copy, check=True, env=environment)
        return read(copy / "locale" / COMPLETE / "LC_MESSAGES" / f"{domain}.po")


def problems() -> list[str]:
    """One line for each message that is not as it should be."""
    found = []
    for file in CATALOGUES:
        now = {key(message): message for message in extracted(file.removesuffix(".po")) if message.id}
        italian = {key(m): m for m in read(BASE / "locale" / COMPLETE / "LC_MESSAGES" / file) if m.id}
        formal = {key(m): m for m in read(BASE / "locale" / PARTIAL / "LC_MESSAGES" / file) if m.id}
        for which, message in now.items():
            if which not in italian or not translated(italian[which]):
                where = ", ".join(f"{path}:{line}" for path, line in message.locations[:2])
                found.append(f"{file}: not in Italian: {which[1]!r} ({where})")
        found += [
            f"{file}: {COMPLETE} translates what nobody says: {which[1]!r}" for which in italian.keys() - now.keys()
        ]
        found += [
            f"{file}: {PARTIAL} translates what nobody says: {which[1]!r}" for which in formal.keys() - now.keys()
        ]
        found += [
            f"{file}: ’ is the apostrophe: {text!r}"
            for m in (*italian.values(), *formal.values())
            for text in forms_of(m)
            if STRAIGHT.search(text)
        ]
        found += [
            f"{file}: {PARTIAL} is not finished: {which[1]!r}" for which, m in formal.items() if not translated(m)
        ]
    return found


if __name__ == "__main__":
    lines = problems()
    print(*lines, sep="\n", end="\n" if lines else "")
    print(f"{len(lines)} messages to look at" if lines else "every message is there in Italian")
    sys.exit(bool(lines))
