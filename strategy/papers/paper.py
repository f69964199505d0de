"""What a strategy on paper is made from: a content as versions have it, and what must be known beside it. Plain data."""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

Content = Mapping[str, Any]
Said = Literal["approved", "changes", "nothing", "silence", "left_out"]


@dataclass(frozen=True, kw_only=True)
class Told:
    """One seat of the agreement: who was asked, and what they said. Of a step that was left out, ``comment`` says why."""

    step: str
    name: str
    said: Said
    for_whom: str = ""  # whose deputy they were
    at: datetime | None = None
    comment: str = ""


@dataclass(frozen=True, kw_only=True)
class Contested:
    """Something that was contested on the way. ``settled`` tells how it ended, in words, or that it did not."""

    name: str
    at: datetime
    text: str
    passage: str = ""
    settled: str = ""


@dataclass(frozen=True, kw_only=True)
class Minutes:
    """How it was agreed: who, when, what was contested."""

    chain: str
    asked_by: str
    asked_at: datetime
    agreed_at: datetime | None = None
    told: tuple[Told, ...] = ()
    contested: tuple[Contested, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Paper:
    """A strategy to be taken away. ``version`` is None for a draft, which nobody agreed on.

    ``exact`` is the canonical content, of which ``digest`` is the SHA-256. Times are on the client's clock already.
    ``pictures`` has the bytes of what the bodies name by ``media:ID``, by ID; what is missing there is said in its place.
    """

    content: Content
    exact: bytes
    client: str
    colour: str
    agency: str
    made_at: datetime
    zone: str
    version: int | None = None
    digest: str = ""
    minutes: Minutes | None = None
    logo: bytes | None = None
    pictures: Mapping[int, bytes] = field(default_factory=dict)

    @property
    def stem(self) -> str:
        """What its file is called, without what says of which form it is."""
        bare = unicodedata.normalize("NFKD", self.content["title"].lower())  # à is a and its accent, which is left out
        signs = [sign for sign in bare if not unicodedata.combining(sign)]
        title = "".join(sign if sign.isascii() and sign.isalnum() else "-" for sign in signs)
        name = "-".join(word for word in title.split("-") if word)[:60] or "strategy"
        return f"{name}-{self.version}" if self.version else f"{name}-draft"

    @property
    def described(self) -> dict[int, str]:
        """What is said of each picture that the content names, by its ID."""
        return {picture["id"]: picture["alt_text"] for picture in self.content["media"]}
