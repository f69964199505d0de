"""Rules that several networks share, with the sentences that go with them; a network gives the figures."""

import dataclasses
from collections.abc import Callable, Collection, Iterable, Iterator
from urllib.parse import urlsplit

from django.utils.translation import gettext_lazy as _

from social.networks import subtitles
from social.networks.base import Content, Field, MediaItem, Network, Preflight, Problem, too_long
from social.networks.text import count_graphemes, fitting_as, unspeakable

MAX_POSTS = 25  # of one publication: a `remote_id` has room for the numbers of so many


def checked(network: Network, content: Content) -> Preflight:
    """The network's preflight, and what holds for every network: that nothing is left out of what was written.

    What the network has no way to carry (a thread, a comment, a field that it does not ask) is refused, whatever its own
    rules say of it.
    """
    found = network.preflight(content)
    said = {(problem.code, problem.detail) for problem in found.problems}
    more = [problem for problem in _carried(network, content) if (problem.code, problem.detail) not in said]
    return dataclasses.replace(found, problems=(*found.problems, *more)) if more else found


def _carried(network: Network, content: Content) -> Iterator[Problem]:
    if not network.threads:
        yield from one_post(network.name, content)
    if not network.comments:
        yield from no_comment(network.name, content)
    yield from fields_fit(network.name, network.fields, content)
    yield from _videos_whole(network, content)
    asks = subtitles.FIELD in network.fields
    yield from subtitles.left_out(network.name, content, takes=network.captions, asks=asks)


def _videos_whole(network: Network, content: Content) -> Iterator[Problem]:
    """Warn where a video's cover or alternative text stays away, since the network has no place for it."""
    films = [item for item in content.all_media if item.is_video]
    if any(item.cover for item in films) and not network.takes_cover(content):
        sentence = _("%(network)s takes no cover: it doesn't go out.")
        yield Problem("cover_lost", "warning", sentence, {"network": network.name})
    if any(item.alt_text.strip() for item in films) and not network.describes_videos:
        sentence = _("%(network)s has no alternative texts for videos: say in the post what it shows.")
        yield Problem("video_alt_text_lost", "warning", sentence, {"network": network.name})


def article(network: Network, content: Content, *, most: int, beside: Iterable[Problem]) -> Preflight:
    """The preflight of what is read as an article, of at most so many graphemes: no thread, no comment, and what is `beside`."""
    used = count_graphemes(content.text)
    problems = [
        *empty(network.name, content),
        *speakable(network.name, content),
        *web_link(network.name, content.link),
        *one_post(network.name, content),
        *no_comment(network.name, content),
        *fields_fit(network.name, network.fields, content),
        *beside,
    ]
    if used <= most:
        return Preflight(used, most, "graphemes", None, tuple(problems))
    cut_at = fitting_as(content.text, most, lambda _: 1)
    return Preflight(used, most, "graphemes", cut_at, (too_long(network.name, used, most), *problems))


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
    """Refuse NUL and lone surrogates, in all words that go out and in what is read aloud of pictures."""
    parts = [text for part in content.parts for text in (part.text, *(item.alt_text for item in part.media))]
    for text in (content.text, content.link, content.comment, *(item.alt_text for item in content.media), *parts):
        if unspeakable(text):
            yield Problem(
                "text_not_valid",
                "error",
                _("The text holds a character that %(network)s can't carry. Type that part again."),
                {"network": network},
            )
            return


def pictures(network: str, media: tuple[MediaItem, ...], *, most: int, kinds: Collection[str]) -> Iterator[Problem]:
    """Check number and kinds of pictures (of videos among them, where it takes these as one), and warn of missing alternative texts."""
    if len(media) > most:
        yield Problem(
            "media_too_many",
            "error",
            _("Too many pictures for %(network)s: %(used)d of %(limit)d."),
            {"network": network, "used": len(media), "limit": most},
        )
    for number, item in enumerate(media, start=1):
        if item.is_video and item.mime not in kinds:
            sentence = _("%(network)s takes no videos in posts: put in a picture.")
            yield Problem("media_kind", "error", sentence, {"network": network})
            continue
        if item.mime not in kinds:
            yield Problem(
                "media_kind",
                "error",
                _("%(network)s does not take picture %(number)d: it is %(mime)s."),
                {"network": network, "number": number, "mime": item.mime},
            )
        if not item.alt_text.strip():
            sentence = (
                _("Video %(number)d has no alternative text: people who can't see it won't know what it shows.")
                if item.is_video
                else _("Picture %(number)d has no alternative text: people who can't see it won't know what it shows.")
            )
            yield Problem("alt_text_missing", "warning", sentence, {"number": number})


def videos(  # noqa: PLR0913 - the figures of a video, all by name
    network: str,
    media: tuple[MediaItem, ...],
    *,
    most: int,
    kinds: Collection[str],
    shortest: float = 0.0,
    longest: float,
    max_bytes: int,
) -> Iterator[Problem]:
    """Check number, kinds, length (seconds) and weight (bytes) of videos."""
    shown = [item for item in media if item.is_video]
    if len(shown) > most:
        yield Problem(
            "media_too_many_videos",
            "error",
            _("Too many videos for %(network)s: %(used)d of %(limit)d."),
            {"network": network, "used": len(shown), "limit": most},
        )
    for item in shown:
        if item.mime not in kinds:
            sentence = _("%(network)s does not take this kind of video: it is %(mime)s.")
            yield Problem("media_kind", "error", sentence, {"network": network, "mime": item.mime})
        if item.seconds and not shortest <= item.seconds <= longest:
            yield Problem(
                "media_length",
                "error",
                _("The video lasts %(seconds)d s: %(network)s takes %(shortest)d to %(longest)d s."),
                {
                    "network": network,
                    "seconds": round(item.seconds),
                    "shortest": round(shortest),
                    "longest": round(longest),
                },
            )
        if item.size > max_bytes:
            yield Problem(
                "media_too_heavy",
                "error",
                _("The video weighs %(used)d MB: %(network)s takes at most %(limit)d MB."),
                {"network": network, "used": -(-item.size // 1_000_000), "limit": max_bytes // 1_000_000},
            )


def pictures_or_video(network: str, media: tuple[MediaItem, ...]) -> Iterator[Problem]:
    """Refuse pictures beside a video, where the network takes but one of these."""
    if 0 < sum(item.is_video for item in media) < len(media):
        sentence = _("%(network)s takes pictures or a video, not both.")
        yield Problem("media_mixed", "error", sentence, {"network": network})


def one_post(network: str, content: Content) -> Iterator[Problem]:
    """Refuse the parts of a thread where the network has no threads."""
    if content.parts:
        sentence = _("%(network)s has no threads: put it into one post.")
        yield Problem("no_threads", "error", sentence, {"network": network})


def comment_fits(network: str, content: Content, *, most: int, measure: Callable[[str], int]) -> Iterator[Problem]:
    """Check the length of the first comment."""
    used = measure(content.comment)
    if used > most:
        yield Problem(
            "comment_too_long",
            "error",
            _("The first comment is too long for %(network)s: %(used)d of %(limit)d."),
            {"network": network, "used": used, "limit": most},
        )


def parts_fit(network: str, content: Content, *, most: int, measure: Callable[[str], int]) -> Iterator[Problem]:
    """Check each further post of a thread: that there is something in it, and that it is not too long."""
    for number, part in enumerate(content.parts, start=2):
        used = measure(part.text)
        if used > most:
            yield Problem(
                "part_too_long",
                "error",
                _("Post %(number)d of the thread is too long for %(network)s: %(used)d of %(limit)d."),
                {"network": network, "number": number, "used": used, "limit": most},
            )
        if not (part.text.strip() or part.media):
            yield Problem(
                "part_empty",
                "error",
                _("Post %(number)d of the thread is empty: write a text, or take it out."),
                {"number": number},
            )


NO_ADDRESS = _(
    "%(network)s fetches pictures and videos itself, and this installation has no public address for them. "
    "Who runs Filo can set one up."
)


def addressed(network: str, content: Content) -> Iterator[Problem]:
    """Refuse media without a public address, where the network fetches them itself."""
    if any(item.address is None for item in content.all_media):
        yield Problem("media_no_address", "error", NO_ADDRESS, {"network": network})


def no_alt_texts(network: str, media: Collection[MediaItem]) -> Iterator[Problem]:
    """Warn where a picture's alternative text is lost, since the network has no place for it."""
    if any(item.alt_text.strip() and not item.is_video for item in media):
        sentence = _("%(network)s has no alternative texts: say in the post what the pictures show.")
        yield Problem("alt_text_lost", "warning", sentence, {"network": network})


def thread_fits(content: Content) -> Iterator[Problem]:
    """Check of how many posts a thread is, its first comment included. The limit is ours: no network names one."""
    posts = content.posts
    if posts > MAX_POSTS:
        sentence = _("A thread here has at most %(limit)d posts: this one has %(used)d.")
        yield Problem("thread_too_long", "error", sentence, {"used": posts, "limit": MAX_POSTS})


def alt_texts(network: str, media: tuple[MediaItem, ...], *, most: int) -> Iterator[Problem]:
    """Refuse an alternative text of more characters than the network takes."""
    for number, item in enumerate(media, start=1):
        if len(item.alt_text) > most:
            yield Problem(
                "alt_text_too_long",
                "error",
                _("The alternative text of picture %(number)d is too long for %(network)s: %(used)d of %(limit)d."),
                {"network": network, "number": number, "used": len(item.alt_text), "limit": most},
            )


def fields_fit(network: str, fields: Collection[Field], content: Content) -> Iterator[Problem]:
    """Check what a network asks beside the text: that it is there where it has to be, not too long, one of the choices."""
    for field in fields:
        given = content.fields.get(field.name)
        named = {"network": network, "field": field.label}
        longest = max(map(len, _texts(given)), default=0)
        if field.required and (given is None or not str(given).strip()):
            yield Problem("field_missing", "error", _("%(network)s asks for one thing more: %(field)s."), named)
        elif field.most is not None and longest > field.most:
            sentence = _("%(field)s is too long for %(network)s: %(used)d of %(limit)d.")
            yield Problem("field_too_long", "error", sentence, {**named, "used": longest, "limit": field.most})
        elif field.kind == "choice" and given and str(given) not in {value for value, _label in field.choices}:
            sentence = _("%(network)s does not know this choice: %(field)s.")
            yield Problem("field_not_valid", "error", sentence, named)


def _texts(given: object) -> list[str]:
    """The texts of a field: itself, or those of its list."""
    if isinstance(given, str):
        return [given]
    return [str(text) for text in given] if isinstance(given, list | tuple) else []


def no_comment(network: str, content: Content) -> Iterator[Problem]:
    """Refuse a first comment where the network has none."""
    if content.comment:
        sentence = _("%(network)s has no first comment: put it into the post.")
        yield Problem("no_comments", "error", sentence, {"network": network})


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
