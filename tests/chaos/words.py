"""The words of a run: which post they are of, which version of it, and which part, can be read from each text."""

import re

SAID = re.compile(r"Chaos (\d{5}) v(\d)(?: (part \d|comment|reply))?")
COMMENT, REPLY = "comment", "reply"
CHANGED = 5  # the version of words that were changed when they were live


def asked_beside(network: str, number: int) -> dict[str, str]:
    """What a network asks beside the words: what stands over a newsletter's issue, the board of a pin."""
    return {"newsletter": {"subject": f"Chaos {number:05d}"}, "pinterest": {"board": "Vendemmia"}}.get(network, {})


def text_of(number: int, version: int, part: str = "") -> str:
    """The words of a post, or of a part of it; another version, other words."""
    return f"Chaos {number:05d} v{version}{part and f' {part}'}. Whatever breaks, this is read once."


def parts_of(number: int, version: int, many: int) -> list[str]:
    """The words of a thread's further posts."""
    return [text_of(number, version, f"part {part}") for part in range(1, many + 1)]


def comment_of(number: int, version: int) -> str:
    """The words of the first comment."""
    return text_of(number, version, COMMENT)


def place_of(text: str) -> tuple[int, str]:
    """The number of the post, and which part of it these words are, whatever their version; the first one is empty."""
    found = SAID.search(text)
    return (int(found[1]), found[3] or "") if found else (-1, "")


def named(text: str) -> str:
    """The words in short."""
    found = SAID.search(text)
    return found[0] if found else text[:14]
