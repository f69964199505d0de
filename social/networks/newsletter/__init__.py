"""A newsletter: mails that a client's own mail server takes, one for each reader of the channel's list.

What goes out is what was approved: a subject, a preheader (what inboxes show after the subject), the text with the light
formatting of `social.networks.light`, the pictures below it and the link as a button, as HTML and as plain text; below it the
list's imprint and the reader's own address to sign off with one click (RFC 8058). The same is a page on the web, without what
is one reader's own.

Never twice to the same reader. An issue and its copies are laid out before anything is sent, and each copy is begun by one
conditional UPDATE before its mail is (`post_room`). What was begun by a worker that died, or was sent and not answered, is
uncertain and stays so: its reader may miss an issue. What nobody has begun goes on, whoever died: soon, since two at once would
do no harm, either (`pulse`): each copy is begun by one of them, and what the first has in hand is uncertain until it says what
became of it. A publication goes out in
rounds, so that a long list lets others go first, and is over when every copy is.

Nothing can be changed or called back: what is wrong is corrected by another issue. Views and clicks are not measured.

Limits are our own, beside the SIZE of the channel's mail server (RFC 1870), which is asked when the channel is checked and
again over each connection, before anything is offered. Inboxes cut subjects after about 78 characters (RFC 5322 §2.1.1 counts lines so), Gmail shows 102 kB of
HTML (https://developers.google.com/gmail/markup, "clipped"; by reports), and providers take 10 to 25 MB with a third more for
base64. What answers of a mail server mean stands in `wire`. Read 2026-11-29.

By the standard library's smtplib, over connections that are guarded as all others are (`wire`).
"""

import binascii
import datetime as dt
import uuid
from typing import Any, ClassVar

from django.utils.translation import gettext_lazy as _

from social.networks import light, rules
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
from social.networks.newsletter.post_room import PostRoom
from social.networks.text import count_graphemes

MAX_TEXT = 40_000
MAX_SUBJECT = 200
GOOD_SUBJECT = 78
MAX_PREHEADER = 200
MAX_BUTTON = 60
MAX_IMAGES = 20
MAX_IMAGE_BYTES = 1_000_000
MAX_BYTES = 7_000_000  # of all pictures: base64 makes them 9.6 MB
MAX_SIDE = 1_200
IMAGE_KINDS = ("image/jpeg", "image/png")


class Newsletter(Network):
    """See the module. `use` must have been called before anything is published. The channel's handle is the list's name."""

    slug: ClassVar[str] = "newsletter"
    name: ClassVar[str] = "Newsletter"
    needs: ClassVar[tuple[Need, ...]] = (
        Need("host", _("Mail server")),
        Need("security", _("Its security: starttls (usual), tls, or none within the house"), required=False),
        Need("port", _("Its port, where it is not 587 (tls: 465)"), required=False),
        Need("user", _("User name there"), required=False),
        Need("password", _("Password there"), required=False),
        Need("from_address", _("Sender's address")),
        Need("from_name", _("Sender's name")),
        Need("reply_to", _("Address for answers, where it is another"), required=False),
        Need("most_an_hour", _("Mails an hour, at most"), required=False),
        Need("bounce_domain", _("Domain that takes what comes back"), required=False),
    )
    fields: ClassVar[tuple[Field, ...]] = (
        Field("subject", _("Subject"), required=True, most=MAX_SUBJECT),
        Field(
            "preheader",
            _("Preheader"),
            most=MAX_PREHEADER,
            help=_("What inboxes show after the subject. Best in one line."),
        ),
        Field("button", _("Words on the button"), most=MAX_BUTTON, help=_("Of the link. Empty: Read more.")),
    )
    limits: ClassVar[dict[str, Any]] = {
        "text": {"max": MAX_TEXT, "unit": "graphemes"},
        "media": {"max": MAX_IMAGES, "kinds": list(IMAGE_KINDS), "bytes": MAX_IMAGE_BYTES},
        "source": "RFC 5321, RFC 5322 and our own",
        "as_of": "2026-11-29",
    }
    proportions: ClassVar[Proportions] = Proportions(narrowest=0.3, widest=6.0, card=1.91)
    patience: ClassVar[int] = 420
    pulse: ClassVar[int | None] = 45
    prepares: ClassVar[bool] = True
    certain: ClassVar[bool] = True
    at_once: ClassVar[int] = 8
    plays: ClassVar[tuple[str, ...]] = ("image/png",)
    counts: ClassVar[bool] = True
    mails: ClassVar[bool] = True
    no_server: ClassVar[bool] = True
    many_servers: ClassVar[bool] = True
    lasts: ClassVar[bool] = True

    def __init__(self) -> None:
        self._room: PostRoom | None = None

    def use(self, room: PostRoom) -> None:
        """Set where issues lie; called once, when the installation starts."""
        self._room = room

    def rendition(self, item: MediaItem) -> Rendition | None:
        """JPEG or PNG of at most 1 MB and 1,200 pixels, twice as wide as they are shown."""
        if item.is_video:
            return None
        return Rendition(kinds=IMAGE_KINDS, max_bytes=MAX_IMAGE_BYTES, max_width=MAX_SIDE)

    def preflight(self, content: Content) -> Preflight:
        """Check subject and preheader, the pictures and their weight, and what is known of the list."""
        pictures = rules.pictures(self.name, content.media, most=MAX_IMAGES, kinds=IMAGE_KINDS)
        return rules.article(self, content, most=MAX_TEXT, beside=[*pictures, *_beside(content), *_of_list(content)])

    def layout(self, content: Content) -> Layout:
        """Headings, paragraphs and links, as the mail will have them."""
        return light.layout(content.text)

    def shown(self, handle: str, content: Content) -> str:
        """The mail's HTML for who looks at it before it goes out; empty where there is no such list any more."""
        from social.networks.newsletter import writing

        house = self._rooms().house(handle)
        return writing.shown(content, house) if house else ""

    def new_keys(self, now: dt.datetime, content: Content) -> Keys:
        """Fix what the issue is found by, and the key of its page on the web, which is in no other address."""
        return {"key": uuid.uuid4().hex, "page": uuid.uuid4().hex}

    def publish(self, account: Account, content: Content, keys: Keys, journal: Journal) -> Published:
        """Lay the issue out, and send a round of its copies."""
        from social.networks.newsletter import publishing

        self.refuse_unfit(content)
        return publishing.publish(self._rooms(), account, content, keys, journal)

    def find(self, account: Account, content: Content, keys: Keys, journal: Journal) -> Published | None:
        """Give up what was begun, and see whether anything is left to send: then it has still to go out (None)."""
        from social.networks.newsletter import publishing

        return publishing.find(self._rooms(), account, keys)

    def identity(self, account: Account) -> Identity:
        """Sign in to the mail server; the identity is the sender's address."""
        from social.networks.newsletter import publishing

        return publishing.identity(self._rooms(), account)

    def read_back(self, account: Account, live: Published) -> Published | None:
        """Look whether the issue's page is there."""
        from social.networks.newsletter import publishing

        return publishing.read_back(self._rooms(), account, live)

    def numbers(self, account: Account, live: Published) -> Numbers:
        """How many mail servers have taken it and not sent it back; who has opened it is unknown."""
        from social.networks.newsletter import publishing

        return publishing.numbers(self._rooms(), account, live)

    def _rooms(self) -> PostRoom:
        if self._room is None:
            message = "The newsletter has no post room: call Newsletter.use when the installation starts."
            raise RuntimeError(message)
        return self._room


def _beside(content: Content) -> list[Problem]:
    """What is wrong with the subject, or with the pictures together."""
    problems = []
    subject = str(content.fields.get("subject") or "")
    used = count_graphemes(subject)
    if used > GOOD_SUBJECT:
        sentence = _("The subject has %(used)d characters: inboxes show about %(limit)d.")
        problems.append(Problem("subject_long", "warning", sentence, {"used": used, "limit": GOOD_SUBJECT}))
    weight = sum(item.size for item in content.media)
    if weight > MAX_BYTES:
        sentence = _("The pictures weigh %(used)d MB together: %(network)s takes at most %(limit)d MB.")
        params = {"network": Newsletter.name, "used": -(-weight // 1_000_000), "limit": MAX_BYTES // 1_000_000}
        problems.append(Problem("media_too_heavy", "error", sentence, params))
    most = content.allows.get("mail_bytes") or 0
    if most and (least := _least_bytes(content)) > most:
        sentence = _(
            "The mail weighs %(used)d kB, and the mail server takes at most %(limit)d kB. Use fewer pictures, or less text."
        )
        params = {"used": -(-least // 1000), "limit": most // 1000}
        problems.append(Problem("mail_too_large", "error", sentence, params))
    return problems


def _least_bytes(content: Content) -> int:
    """What the mail weighs without its frame: the text twice, in quoted-printable, and the pictures in lines of base64."""
    text = len(binascii.b2a_qp(content.text.encode("utf-8", "replace"), istext=False))
    return 2 * text + sum(-(-item.size // 3) * 4 + 2 * -(-item.size // 57) for item in content.media)


def _of_list(content: Content) -> list[Problem]:
    """What is missing on the list: its imprint as it is now, its readers as they were when the channel was last checked."""
    problems = []
    if content.allows.get("imprint") is False:
        sentence = _("The list has no imprint yet: no mail may go out that does not say who sends it.")
        problems.append(Problem("no_imprint", "error", sentence))
    if content.allows.get("readers") == 0:
        sentence = _("When the channel was last checked, nobody had signed up to this newsletter.")
        problems.append(Problem("no_readers", "warning", sentence))
    return problems
