"""WordPress, by its own REST API (since 5.6, with application passwords): a client's blog or site.

What goes out is a post of blocks (`blocks`): the words as paragraphs, headings and links; the first picture as featured
image, further ones below the words; the link as last paragraph, where the text does not hold it yet. Beside the text are
asked title, excerpt, address (slug), categories, tags, the day that it shows and its state: published, or handed in as a
draft or for review. A day to come makes WordPress keep it back until then (`future`).

Never twice: an empty draft is made first, under a slug that only this publication has, and is then written and published by
its number (`publishing`). Pictures have a slug of their content and are sent to a site once. A slug that is taken silently
becomes another one in WordPress (`-2`): so one that was asked for is looked up first, and refused where it is taken.

Limits. WordPress has none of its own for text; ours is 100,000 characters. Of pictures a site takes what its PHP allows, 2 MB
where nobody changed it (https://www.php.net/manual/en/ini.core.php#ini.upload-max-filesize), and makes smaller what is wider
than 2,560 pixels (https://make.wordpress.org/core/2019/10/09/introducing-handling-of-big-images-in-wordpress-5-3/): so they
are made to fit both. What errors mean stands in `api`. All read 2026-11-29, and seen on a real WordPress 6.1.

No library: those there are (`wordpress-xmlrpc`, `wordpress-api`) are no longer kept, and have no door for our transport.
"""

import datetime as dt
import uuid
from typing import Any, ClassVar

from django.utils.translation import gettext_lazy as _

from social.networks import rules
from social.networks.base import (
    Account,
    Content,
    Field,
    Identity,
    Journal,
    Keys,
    MediaItem,
    Need,
    Network,
    Numbers,
    Preflight,
    Problem,
    Proportions,
    Published,
    Rendition,
)
from social.networks.layout import Layout

MAX_TEXT = 100_000
MAX_IMAGES = 50
MAX_IMAGE_BYTES = 2_000_000
MAX_SIDE = 2_560
MAX_TITLE = 300
MAX_SLUG = 180  # of 200 that the database has room for
MAX_EXCERPT = 1_000
MAX_TERMS = 30
IMAGE_KINDS = ("image/jpeg", "image/png", "image/gif", "image/webp")


class WordPress(Network):
    """See the module. The channel's server is the site's address, its handle the name that its account signs in with."""

    slug: ClassVar[str] = "wordpress"
    name: ClassVar[str] = "WordPress"
    needs: ClassVar[tuple[Need, ...]] = (
        Need("app_password", _("Application password")),
        Need("username", _("User name, where it is not the handle"), required=False),
    )
    fields: ClassVar[tuple[Field, ...]] = (
        Field("title", _("Title"), most=MAX_TITLE, help=_("Empty: the first line of the text, where it is short.")),
        Field("excerpt", _("Excerpt"), kind="text", most=MAX_EXCERPT),
        Field(
            "slug",
            _("Last part of the address"),
            most=MAX_SLUG,
            help=_("Such as la-nostra-vendemmia. Empty: WordPress makes it of the title."),
        ),
        Field("categories", _("Categories"), kind="words", help=_("As they are called on the site.")),
        Field("tags", _("Tags"), kind="words", help=_("What the site does not have yet is made.")),
        Field(
            "date",
            _("Day that the post shows"),
            most=25,
            help=_("Such as 2026-12-24 09:00, in the site's time. A day to come: WordPress shows it then."),
        ),
        Field(
            "status",
            _("Goes out as"),
            kind="choice",
            choices=(("", _("Published post")), ("draft", _("Draft")), ("pending", _("Draft for review"))),
        ),
    )
    limits: ClassVar[dict[str, Any]] = {
        "text": {"max": MAX_TEXT, "unit": "graphemes"},
        "media": {"max": MAX_IMAGES, "kinds": list(IMAGE_KINDS), "bytes": MAX_IMAGE_BYTES},
        "source": "https://developer.wordpress.org/rest-api/reference/posts/, and our own",
        "as_of": "2026-11-29",
    }
    proportions: ClassVar[Proportions] = Proportions(narrowest=0.5, widest=3.0, card=1.91)
    patience: ClassVar[int] = 130
    prepares: ClassVar[bool] = True
    certain: ClassVar[bool] = True
    plays: ClassVar[tuple[str, ...]] = ("image/webp", "image/png")
    edits: ClassVar[bool] = True
    edits_fields: ClassVar[tuple[str, ...]] = ("title", "excerpt", "categories", "tags")
    keeps_fields: ClassVar[tuple[str, ...]] = ("categories",)
    edits_media: ClassVar[bool] = True
    edits_alt_texts: ClassVar[bool] = True
    deletes: ClassVar[bool] = True
    counts: ClassVar[bool] = True
    own_server: ClassVar[bool] = True
    many_servers: ClassVar[bool] = True

    def preflight(self, content: Content) -> Preflight:
        """Check fields, pictures, and that there is something to read; text may be long."""
        pictures = rules.pictures(self.name, content.media, most=MAX_IMAGES, kinds=IMAGE_KINDS)
        return rules.article(self, content, most=MAX_TEXT, beside=[*pictures, *_beside(content)])

    def layout(self, content: Content) -> Layout:
        """Headings, paragraphs and links, as the blocks will have them."""
        from social.networks.wordpress.blocks import layout

        return layout(content.text, str(content.fields.get("title") or ""))

    def new_keys(self, now: dt.datetime, content: Content) -> Keys:
        """Fix the slug under which our draft is found again."""
        return {"mark": f"filo-{uuid.uuid4().hex}"}

    def publish(self, account: Account, content: Content, keys: Keys, journal: Journal) -> Published:
        """Send the pictures, make a draft, then write and publish it in one call."""
        from social.networks.wordpress import publishing

        self.refuse_unfit(content)
        return publishing.publish(account, content, keys, journal)

    def find(self, account: Account, content: Content, keys: Keys, journal: Journal) -> Published | None:
        """Look at what has become of our draft."""
        from social.networks.wordpress import publishing

        return publishing.find(account, content, journal)

    def identity(self, account: Account) -> Identity:
        """Ask; the identity is the account's number on its site, the name that of the site."""
        from social.networks.wordpress import publishing

        return publishing.identity(account)

    def rendition(self, item: MediaItem) -> Rendition | None:
        """Pictures of at most 2 MB and 2,560 pixels."""
        if item.is_video:
            return None
        return Rendition(kinds=IMAGE_KINDS, max_bytes=MAX_IMAGE_BYTES, max_width=MAX_SIDE, max_height=MAX_SIDE)

    def edit(self, account: Account, live: Published, content: Content) -> Published:
        """Change words, pictures, categories and tags; what WordPress keeps of older versions stays there."""
        from social.networks.wordpress import publishing

        self.refuse_unfit(content)
        return publishing.edit(account, live, content)

    def delete(self, account: Account, live: Published) -> None:
        """Move it to the site's trash, from where its people can take it back."""
        from social.networks.wordpress import publishing

        publishing.delete(account, live)

    def read_back(self, account: Account, live: Published) -> Published | None:
        """Look the post up by its number; its address may be another by now."""
        from social.networks.wordpress import publishing

        return publishing.read_back(account, live)

    def numbers(self, account: Account, live: Published) -> Numbers:
        """Count the comments."""
        from social.networks.wordpress import publishing

        return publishing.numbers(account, live)


def _beside(content: Content) -> list[Problem]:
    """What is wrong with what stands beside the text."""
    from social.networks.wordpress.blocks import titled
    from social.networks.wordpress.fields import listed, moment_of, tag_kept

    problems = [*_of_address(str(content.fields.get("slug") or "").strip())]
    named = {"network": WordPress.name}
    if content.text.strip() and not titled(content.text, str(content.fields.get("title") or ""))[0]:
        sentence = _("The post has no title. Write one, or a short first line.")
        problems.append(Problem("title_missing", "warning", sentence))
    try:
        moment_of(content.fields)
    except ValueError:
        sentence = _("The day that the post shows is none. Write it like this: 2026-12-24 09:00.")
        problems.append(Problem("date_not_valid", "error", sentence))
    for name in ("categories", "tags"):
        if len(listed(content.fields.get(name))) > MAX_TERMS:
            sentence = _("Too many categories or tags for %(network)s: at most %(limit)d of each.")
            problems.append(Problem("too_many_terms", "error", sentence, {**named, "limit": MAX_TERMS}))
    changed = [tag for tag in listed(content.fields.get("tags")) if not tag_kept(tag)]
    if changed:
        sentence = _(
            "The site would change these tags, or not take them: %(names)s. Leave out special signs, or shorten them."
        )
        problems.append(Problem("tag_not_valid", "error", sentence, {"names": ", ".join(changed)[:300]}))
    if content.allows.get("publish") is False and not content.fields.get("status"):
        sentence = _("The account's role on the site lets it write, not publish. Let it go out as a draft for review.")
        problems.append(Problem("may_not_publish", "error", sentence))
    return problems


def _of_address(slug: str) -> list[Problem]:
    """What is wrong with the last part of the address."""
    from social.networks.wordpress.fields import slug_kept, slug_like

    if not slug or len(slug) > MAX_SLUG or slug_kept(slug):
        return []
    proposed = slug_like(slug)
    if proposed:
        sentence = _("The site would change the last part of the address. Write it like this: %(slug)s")
        return [Problem("slug_not_valid", "error", sentence, {"slug": proposed})]
    sentence = _(
        "The site would make another address of its last part. Take a few small letters, digits and hyphens:"
        " not digits alone, and no word of its own such as feed."
    )
    return [Problem("slug_not_valid", "error", sentence)]
