"""What a network asks and allows: the fields of its forms, how media have to be, its limits and its price."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


PUBLIC = frozenset(
    {
        "behaviour",
        "bounce_domain",
        "chat_id",
        "expires_at",
        "from_address",
        "from_name",
        "host",
        "latency_ms",
        "location",
        "login",
        "long_lived",
        "most_an_hour",
        "organization",
        "person",
        "port",
        "refresh_expires_at",
        "reply_to",
        "security",
        "user",
        "username",
    }
)
"""What of a channel's credentials is no secret: addresses, names, numbers and times. All else is one, whoever put it there."""


@dataclass(frozen=True, slots=True)
class Need:
    """One field of a channel's `credentials`."""

    name: str
    label: "StrOrPromise"
    required: bool = True

    @property
    def secret(self) -> bool:
        """Never shown again once given, and never repeated: whatever is not named in `PUBLIC`."""
        return self.name not in PUBLIC


@dataclass(frozen=True, slots=True)
class Field:
    """One thing that a network asks beside the text; it is approved and goes out like the text.

    `kind` is what is typed: `line` and `text` are words of at most `most` characters, `words` a list of them, `choice`
    one of `choices` (value and label), `yes` true or false.
    """

    name: str
    label: "StrOrPromise"
    kind: Literal["line", "text", "words", "choice", "yes"] = "line"
    required: bool = False
    most: int | None = None
    choices: tuple[tuple[str, "StrOrPromise"], ...] = ()
    help: "StrOrPromise" = ""


@dataclass(frozen=True, slots=True)
class Proportions:
    """What a preview draws: width divided by height, at the narrowest and the widest, and of a link card's picture.

    `fold_at` is the number of graphemes after which the network hides the rest behind "more", None where it never does.
    """

    narrowest: float
    widest: float
    card: float
    fold_at: int | None = None


@dataclass(frozen=True, slots=True)
class Rendition:
    """How a picture or video has to be for a network: what does not fit is made to.

    Sizes in pixels and bytes; `narrowest` and `widest` are width divided by height, and what is beyond is padded with
    the average colour of its edge, never cropped. `mime` is the first kind that the network takes where it does not
    take the original's. Of videos: frames a second, bits a second of picture and sound together, and the codecs of
    both that the network takes, as ffprobe names them (empty: whatever it is); what has to be made is H.264 and AAC.
    `first_only`: of a picture that moves, the first one alone.
    """

    kinds: tuple[str, ...]
    max_bytes: int
    max_width: int = 0
    max_height: int = 0
    narrowest: float = 0.0
    widest: float = 0.0
    max_rate: float = 0.0
    max_bits: int = 0
    codecs: tuple[str, ...] = ()
    sounds: tuple[str, ...] = ()
    first_only: bool = False


@dataclass(frozen=True, slots=True)
class Limit:
    """So many of something within a time, which all workers share: what is over waits.

    `name` tells a network's limits apart (`posts`). `scope` says what it counts over: `channel`, `app` (all clients of
    this installation) or the host of a server. `window` is a span that slides, or, with `zone`, a calendar day there.
    `cost` is what this one publication takes of it.
    """

    name: str
    label: "StrOrPromise"
    most: int
    window: dt.timedelta
    scope: str = "channel"
    zone: str = ""
    cost: int = 1


@dataclass(frozen=True, slots=True)
class Price:
    """What the network takes for one publication, in US dollars, and whose word that is."""

    dollars: Decimal
    source: str


@dataclass(frozen=True, slots=True)
class OAuth:
    """How an account there is connected by OAuth 2: where its person says yes, and where codes become tokens.

    `authorize` and `token` are whole addresses; where a channel has a server of its own, only their paths count.
    `separator` stands between the `scopes`. `pkce`: with a challenge (RFC 7636, S256). `basic`: the app shows its secret
    at `token` by HTTP Basic, else in the form. `more` is what `authorize` wants beside. `lasts` and `renews_for` are how
    long the access and the refresh token are good where the answer does not say, None where there is none; `rotates`:
    each renewal ends the refresh token that it was made with. `issuer` is the network's name for itself in `iss`
    (RFC 9207), where it has one. `client_name`: how it calls the app's id. `label`: whose account, where there are
    several ways. `ended`: what there is to say where a refresh token is over, beside that it is.
    """

    authorize: str
    token: str
    scopes: tuple[str, ...]
    pkce: bool = True
    separator: str = " "
    basic: bool = True
    more: Mapping[str, str] = field(default_factory=dict)
    lasts: dt.timedelta | None = None
    renews_for: dt.timedelta | None = None
    rotates: bool = False
    issuer: str = ""
    client_name: str = "client_id"
    label: "StrOrPromise" = ""
    ended: "StrOrPromise" = ""
