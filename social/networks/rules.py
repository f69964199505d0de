"""Rules that several networks share, with the sentences that go with them; a network gives the figures."""

from collections.abc import Collection, Iterator
from urllib.parse import urlsplit

from django.utils.translation import gettext_lazy as _

from social.networks.base import Content, MediaItem, Problem
from social.networks.text import unspeakable


def empty(network: str, content: Content) -> Iterator[Problem]:
    """Refuse a content without words, link and picture."""
    if not (content.text.strip() or content.link or content.media):
        yield Problem(
            "nothing_to_publish",
            "error",
            _("Nothing goes out on %(network)s yet: write a text, or add a picture or a link."),
            {"network": network},
        )


def speakable(network: str, content: Content) -> Iterator[Problem]:
    """Refuse NUL and lone surrogates, in the text and in what is read aloud of pictures."""
    for text in (content.text, content.link, *(item.alt_text for item in content.media)):
        if unspeakable(text):
            yield Problem(
                "text_not_valid",
                "error",
                _("The text holds a character that %(network)s can't carry. Type that part again."),
                {"network": network},
            )
            return


def pictures(network: str, media: tuple[MediaItem, ...], *, most: int, kinds: Collection[str]) -> Iterator[Problem]:
    """Check number and kinds of pictures, and warn where one has no alternative text."""
    if len(media) > most:
        yield Problem(
            "media_too_many",
            "error",
            _("Too many pictures for %(network)s: %(used)d of %(limit)d."),
            {"network": network, "used": len(media), "limit": most},
        )
    for number, item in enumerate(media, start=1):
        if item.mime not in kinds:
            yield Problem(
                "media_kind",
                "error",
                _("%(network)s does not take picture %(number)d: it is %(mime)s."),
                {"network": network, "number": number, "mime": item.mime},
            )
        if not item.alt_text.strip():
            yield Problem(
                "alt_text_missing",
                "warning",
                _("Picture %(number)d has no alternative text: people who can't see it won't know what it shows."),
                {"number": number},
            )


def web_link(network: str, link: str) -> Iterator[Problem]:
    """Refuse a link that is not a whole web address."""
    if link and not is_web_link(link):
        yield Problem(
            "link_not_valid",
            "error",
            _("The link is not a whole web address for %(network)s: it starts with https:// and has no spaces."),
            {"network": network},
        )


def is_web_link(link: str) -> bool:
    """Say whether the link is an http or https address with a host and without white space."""
    if any(char.isspace() for char in link):
        return False
    try:
        parts = urlsplit(link)
        return parts.scheme in {"http", "https"} and bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:  # an address that Python can't take apart, such as http://[ or a port over 65535
        return False
