"""What is shown of a thing that was under review: ``SubjectType.exhibit(review)`` gives it, whatever the thing is."""

from collections.abc import Callable
from dataclasses import dataclass

from accounts.models import User


@dataclass(frozen=True, kw_only=True)
class Picture:
    """One picture or video of a part. ``sha256`` (hex) is of the bytes that ``read`` gives; they are read only when they are needed.

    ``read`` raises ``OSError`` where the bytes are lost. ``still`` gives a picture that stands for a video, likewise:
    a proof holds that in its place, under the video's own SHA-256.
    """

    name: str
    alt_text: str
    sha256: str
    mime: str
    size: int  # bytes
    read: Callable[[], bytes]
    still: Callable[[], bytes] | None = None


@dataclass(frozen=True, kw_only=True)
class Asked:
    """One thing more that is told there: what it is called, in ``words``, and ``exact`` as the content has it."""

    label: str
    words: str
    exact: str | list[str] | bool


@dataclass(frozen=True, kw_only=True)
class Drawn:
    """How it is drawn there. Of the text, in characters of Unicode: ``at_once`` are seen without “more”, ``goes_out`` are sent.

    ``used`` and ``limit`` as the place itself counts, ``counted`` says that in words. ``card`` is the host that stands on
    the link's card; empty where the link has none.
    """

    at_once: int
    goes_out: int
    used: int
    limit: int
    counted: str
    card: str = ""


@dataclass(frozen=True, kw_only=True)
class Part:
    """Where it goes (``where``, on ``network``), and what goes there. ``link`` may be empty."""

    where: str
    network: str
    text: str
    link: str = ""
    pictures: tuple[Picture, ...] = ()
    asked: tuple[Asked, ...] = ()
    drawn: Drawn | None = None


@dataclass(frozen=True, kw_only=True)
class Credit:
    """Somebody whose suggested words were taken over into it, and stand there. ``internal``: the client's people know nothing of it."""

    user: User
    internal: bool


@dataclass(frozen=True, kw_only=True)
class Exhibit:
    """A version as it was put before people.

    ``content`` is the exact text, UTF-8, whose SHA-256 is the version's digest. Every text, link, picture's SHA-256 and
    description of ``parts`` stands in it: as a text of its own where it is JSON, else as it is. ``recipe`` tells an outsider
    in words how the one is made from the other.
    """

    content: str
    recipe: str
    parts: tuple[Part, ...]
    credits: tuple[Credit, ...] = ()
