"""What a server takes: its own word (`configuration` of its instance) where there is one, else Mastodon's usual limits.

Mastodon tells it at `/api/v2/instance` (since 4.0) and `/api/v1/instance` (since 3.4.2):
https://docs.joinmastodon.org/entities/Instance/#configuration. Pleroma and Akkoma say the text's limit as
`max_toot_chars`. A version that holds "compatible" (`2.7.2 (compatible; Akkoma 3.10)`) is not Mastodon itself: there
addresses are counted in full, whatever is said of them, and characters by code points, so that we never count too little.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from social.networks.mastodon.counting import Way

if TYPE_CHECKING:
    from social.networks.wire import Answer

MAX_TEXT = 500
URL_WEIGHT = 23
MAX_MEDIA = 4
MAX_ALT = 1_500
MAX_IMAGE_BYTES = 16_777_216
MAX_IMAGE_PIXELS = 33_177_600
MAX_VIDEO_BYTES = 103_809_024
IMAGE_KINDS = ("image/jpeg", "image/png", "image/gif", "image/webp")
VIDEO_KINDS = ("video/mp4", "video/quicktime", "video/webm")
USUAL_WAY = Way(URL_WEIGHT)
_HIGHEST = 10**12
_MOST_KINDS = 60
_NUMBERS = {
    "max_text": ("statuses", "max_characters"),
    "per_url": ("statuses", "characters_reserved_per_url"),
    "max_media": ("statuses", "max_media_attachments"),
    "max_alt": ("media_attachments", "description_limit"),
    "image_bytes": ("media_attachments", "image_size_limit"),
    "image_pixels": ("media_attachments", "image_matrix_limit"),
    "video_bytes": ("media_attachments", "video_size_limit"),
}


@dataclass(frozen=True, slots=True)
class Terms:
    """The limits of one server. Sizes in bytes and in pixels; `way` is how it counts text."""

    max_text: int = MAX_TEXT
    way: Way = USUAL_WAY
    max_media: int = MAX_MEDIA
    max_alt: int = MAX_ALT
    image_bytes: int = MAX_IMAGE_BYTES
    image_pixels: int = MAX_IMAGE_PIXELS
    video_bytes: int = MAX_VIDEO_BYTES
    kinds: frozenset[str] = frozenset({*IMAGE_KINDS, *VIDEO_KINDS})

    @classmethod
    def of(cls, allows: Mapping[str, Any]) -> "Terms":
        """Read what `heard` has written down; what is not there, or makes no sense, is as usual."""
        known = {name: allows[name] for name in _NUMBERS if _is_limit(allows.get(name))}
        per_url = known.pop("per_url", URL_WEIGHT)
        strange = allows.get("compatible") is True
        kinds = allows.get("kinds")
        if isinstance(kinds, list) and kinds:
            known["kinds"] = frozenset(str(kind) for kind in kinds)
        return cls(way=Way(0, points=True) if strange else Way(per_url), **known)


def heard(answer: "Answer") -> dict[str, Any]:
    """Write down what the instance says of itself, JSON-able: `Terms.of` reads it."""
    said = {name: answer.get("configuration", *path) for name, path in _NUMBERS.items()}
    if said["max_text"] is None:
        said["max_text"] = answer.get("max_toot_chars")
    allows: dict[str, Any] = {name: value for name, value in said.items() if _is_limit(value)}
    kinds = answer.get("configuration", "media_attachments", "supported_mime_types")
    if isinstance(kinds, list):
        named = [kind for kind in kinds[:_MOST_KINDS] if isinstance(kind, str)]
        allows["kinds"] = [kind for kind in named if kind in {*IMAGE_KINDS, *VIDEO_KINDS}]
    if "compatible" in str(answer.get("version") or ""):
        allows["compatible"] = True
    return allows


def _is_limit(value: Any) -> bool:
    return type(value) is int and 0 < value < _HIGHEST
