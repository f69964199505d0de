"""What goes out, as a network is given it: the approved words, pictures and videos, and the account they go out on."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, BinaryIO

from social.networks.stored import Stored


@dataclass(frozen=True, slots=True)
class MediaItem:
    """One picture or video, as it goes out on this network: metadata stripped, its type found by content.

    `size` is in bytes, `width` and `height` in pixels. `open` gives a fresh binary stream of the very bytes of `sha256`, which
    the network closes (see `social.networks.stored`).
    Of a video, and of a WebP or PNG that moves: `seconds` long. Of a video: `rate` frames a second, `codec` and `sound` as ffprobe names them (`h264`, `aac`; empty
    where there is none), `captions` as SubRip, `cover` the picture that stands for it until it is played.
    `address` makes a public web address of it, for networks that fetch media themselves: signed, good for hours, made when
    it is asked for and never kept. None where this installation has no public address.
    """

    sha256: str
    mime: str
    width: int
    height: int
    size: int
    alt_text: str
    open: Callable[[], BinaryIO]
    seconds: float = 0.0
    rate: float = 0.0
    codec: str = ""
    sound: str = ""
    captions: str = ""
    cover: "MediaItem | None" = None
    address: Callable[[], str] | None = field(default=None, compare=False, repr=False)

    def __post_init__(self) -> None:
        """Whatever opens it, nobody is given other bytes than those of the digest."""
        source = self.open.source if isinstance(self.open, Stored) else self.open
        if source is self.open or self.open.sha256 != self.sha256:  # type: ignore[attr-defined]
            object.__setattr__(self, "open", Stored(source, self.sha256, is_video=self.is_video))

    @property
    def moves(self) -> bool:
        """Whether it is a WebP or PNG of several pictures, which most networks show standing still."""
        return not self.is_video and self.seconds > 0

    @property
    def is_video(self) -> bool:
        """Whether it moves and lasts; an animated GIF is a picture."""
        return self.mime.startswith("video/")


@dataclass(frozen=True, slots=True)
class Part:
    """One more post of a thread, below the one before."""

    text: str
    media: tuple[MediaItem, ...] = ()


@dataclass(frozen=True, slots=True)
class Content:
    """What goes out on one channel: the very words, link and pictures that were approved.

    `parts` follow as a thread, where the network has threads. `comment` is the first comment below it, by ourselves.
    `fields` are what this network asks beside the text, by the names of its `Field`s (a video's title, a board, a
    subject). `allows` is what the account's own server has said that it takes (`Identity.allows`), empty where nobody
    knows: then the network's usual limits hold.
    """

    text: str
    link: str = ""
    media: tuple[MediaItem, ...] = ()
    parts: tuple[Part, ...] = ()
    comment: str = ""
    fields: Mapping[str, Any] = field(default_factory=dict)
    allows: Mapping[str, Any] = field(default_factory=dict)

    @property
    def posts(self) -> int:
        """How many posts it is, with those of its thread and its first comment."""
        return 1 + len(self.parts) + bool(self.comment)

    @property
    def all_media(self) -> tuple[MediaItem, ...]:
        """Its own, and those of its thread."""
        return (*self.media, *(item for part in self.parts for item in part.media))


@dataclass(frozen=True, slots=True)
class Account:
    """A channel, as a network needs it.

    `server` is a base URL, empty for the network's usual one. `identity` is the network's own stable id of the
    account, once known (on Bluesky the DID), else empty: where it is set, nothing is published as anybody else. `app` is
    what the network gave this installation when it was registered there (`client_id`, `client_secret` …). `channel` is
    the number of the channel here, 0 where these credentials are none's yet. `allows` is what its server has said when it was
    last asked (`Identity.allows`), empty where nobody knows.
    """

    handle: str
    server: str = ""
    credentials: Mapping[str, Any] = field(default_factory=dict, repr=False)
    identity: str = ""
    app: Mapping[str, Any] = field(default_factory=dict, repr=False)
    channel: int = field(default=0, compare=False)
    allows: Mapping[str, Any] = field(default_factory=dict, compare=False)
