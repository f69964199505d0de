"""The composer's form: what is typed, as the services take it and as the previews read it."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import (
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanWidget,
)

from accounts.models import User
from accounts.staff_admin import RecordForm
from approvals.models import Chain
from approvals.selectors import chains
from clients.admin.scoped import ids
from clients.models import Client
from clients.moments import spoken
from clients.times import in_zone
from social import networks, selectors
from social.admin import asking, threading
from social.admin.composing_content import content_typed, parts_typed, plain, plans_typed
from social.admin.composing_counts import Counts, counted
from social.admin.composing_initial import initial, variants_of
from social.admin.composing_rows import (
    ChannelRow,
    PictureRow,
    ThreadRows,
    channel_rows,
    picture_rows,
    thread_rows,
)
from social.admin.composing_serving import add_labels, add_serving, serving
from social.kind import CORRECTION, POST
from social.models import Channel, ChannelStatus, Media, Post
from social.previews import Preview
from social.services.posts import PostFields

SHELF = 24  # pictures of the library shown at once, the newest
LONGEST = 110_000  # characters that the form takes; the service says where the end is


class ComposerForm(RecordForm):
    """A post being written. ``record`` is None for a new one; ``publish_at`` is a day and a time on ``zone``'s clock."""

    revision = forms.IntegerField(required=False, widget=forms.HiddenInput())
    token = forms.CharField(required=False, max_length=64, widget=forms.HiddenInput())
    title = forms.CharField(
        label=gettext_lazy("Title"),
        required=False,
        max_length=200,
        widget=UnfoldAdminTextInputWidget(),
        help_text=gettext_lazy("For ourselves: it does not go out."),
    )
    text = forms.CharField(
        label=gettext_lazy("Text"),
        required=False,
        strip=False,
        max_length=LONGEST,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 8, "dir": "auto"}),
    )
    link = forms.CharField(
        label=gettext_lazy("Link"),
        required=False,
        max_length=2000,
        widget=UnfoldAdminTextInputWidget(attrs={"inputmode": "url", "placeholder": "https://"}),
    )
    comment = forms.CharField(
        label=gettext_lazy("First comment"),
        required=False,
        strip=False,
        max_length=LONGEST,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 2, "dir": "auto"}),
        help_text=gettext_lazy("Goes out below the post, from the same account."),
    )
    day = forms.CharField(
        label=gettext_lazy("Day"),
        required=False,
        max_length=10,
        widget=UnfoldAdminTextInputWidget(attrs={"type": "date"}),
    )
    time = forms.CharField(
        label=gettext_lazy("Time"),
        required=False,
        max_length=8,
        widget=UnfoldAdminTextInputWidget(attrs={"type": "time"}),
    )

    def __init__(self, *args: Any, client: Client, **kwargs: Any) -> None:
        self.client = client
        self.data: Any
        self.said: dict[str, list[str]] = {}
        self.counted: dict[str, Counts] = defaultdict(tuple)
        post: Post | None = kwargs.get("record")
        self.zone = ZoneInfo(post.publish_zone) if post and post.publish_zone else client.zone
        self.variants = variants_of(post)
        kwargs["initial"] = initial(post, self.variants, self.zone)
        super().__init__(*args, **kwargs)
        channels = selectors.channels(self.user).filter(client=client).exclude(status=ChannelStatus.RETIRED)
        self.channels = list(channels.order_by("name", "pk"))
        self.library = selectors.media(self.user).filter(client=client).select_related("client", "cover")
        self.newest = list(self.library.order_by("-pk")[:SHELF])
        self.chosen_pictures = self._pictures()
        add_serving(self)
        self.has_labels = add_labels(self)
        self._add_choices()

    def serving(self) -> dict[str, Any]:
        """Pillar, objective and occasion as they are chosen now; None where none is."""
        return serving(self)

    def _subjects(self) -> list[str]:
        """What the chains are for that it may go through."""
        return [CORRECTION, POST] if self.record is not None and self.record.corrects_id else [POST]

    def _add_choices(self) -> None:
        found = chains(self.user).filter(
            Q(client=self.client) | Q(client=None), active=True, subject__in=self._subjects()
        )
        self.fields["chain"] = forms.ModelChoiceField(
            label=_("Approval chain"),
            queryset=found.prefetch_related(None).order_by("client__name", "name"),
            required=False,
            empty_label=_("The usual one"),
            widget=UnfoldAdminSelectWidget(),
        )
        for channel in self.channels:
            self._add_channel(channel)

    def _add_channel(self, channel: Channel) -> None:
        """What can be different there, and what its network asks beside the text."""
        pk, named = channel.pk, {"channel": channel.name}
        switches = {
            f"own_{pk}": _("A text of its own here"),
            f"pictures_{pk}": _("Pictures of its own here"),
            f"own_parts_{pk}": _("A thread of its own here"),
            f"own_comment_{pk}": _("A first comment of its own here"),
        }
        for name, label in switches.items():
            self.fields[name] = forms.BooleanField(label=label, required=False, widget=UnfoldBooleanWidget())
        texts = {
            f"text_{pk}": (_("Text for %(channel)s") % named, 5),
            f"comment_{pk}": (_("First comment for %(channel)s") % named, 2),
        }
        for name, (label, rows) in texts.items():
            widget = UnfoldAdminTextareaWidget(attrs={"rows": rows, "dir": "auto"})
            self.fields[name] = forms.CharField(
                label=label, required=False, strip=False, max_length=LONGEST, widget=widget
            )
        for field in networks.get(channel.network).fields:
            self.fields[f"field_{pk}_{field.name}"] = asking.form_field(field)

    # What was there

    def _pictures(self) -> dict[str, list[Media]]:
        """The chosen pictures in their order, by the name of their field: of the post, of each channel, of their threads."""
        if not self.is_bound:
            return self._pictures_there()
        suffixes = ["", *(f"_{channel.pk}" for channel in self.channels)]
        names = [f"media{suffix}" for suffix in suffixes]
        names += [threading.media_name(suffix, n) for suffix in suffixes for n in self._numbers(suffix)]
        wanted = {name: self._in_places(name) for name in names}
        found = self.library.in_bulk({pk for pks in wanted.values() for pk in pks})
        return {name: [found[pk] for pk in pks if pk in found] for name, pks in wanted.items()}

    def _pictures_there(self) -> dict[str, list[Media]]:
        rows = [(f"_{pk}", row) for pk, variant in self.variants.items() for row in variant.media_rows.all()]
        if self.record is not None:
            own = self.record.media_rows.filter(variant=None).select_related("media__cover")
            rows += [("", row) for row in own]
        found: dict[str, list[Media]] = {}
        for suffix, row in rows:
            name = threading.media_name(suffix, row.part) if row.part else f"media{suffix}"
            found.setdefault(name, []).append(row.media)
        return found

    def _in_places(self, name: str) -> list[int]:
        """The numbers sent in this field, in the order of the places sent with them; those without a place come last."""
        wanted = ids(self.data.getlist(name))
        places = {pk: self.data.get(f"{name}_place_{pk}", "") for pk in wanted}
        return sorted(wanted, key=lambda pk: int(places[pk]) if places[pk].isdecimal() else 10**6)

    # What is typed

    def typed(self, name: str) -> Any:
        """What stands in the field, typed or there before."""
        value = self[name].value()
        return "" if value is None else value

    def chosen(self) -> list[Channel]:
        """The chosen channels, of those that this client has."""
        pks = set(ids(self.data.getlist("channels"))) if self.is_bound else set(self.variants)
        return [channel for channel in self.channels if channel.pk in pks]

    def newsletters(self) -> list[Channel]:
        """The client's channels from which mails go out."""
        return [channel for channel in self.channels if networks.get(channel.network).mails]

    def foreign(self) -> bool:
        """Whether a channel or picture was sent that is not among the client's."""
        if not self.is_bound:
            return False
        sent = set(self.data.getlist("channels")) - {str(channel.pk) for channel in self.channels}
        return bool(sent) or any(
            set(self.data.getlist(name)) - {str(media.pk) for media in found}
            for name, found in self.chosen_pictures.items()
        )

    def own_text(self, channel: Channel) -> str | None:
        """The channel's own text, None where the post's goes out."""
        return str(self.typed(f"text_{channel.pk}")) if self.typed(f"own_{channel.pk}") else None

    def own_pictures(self, channel: Channel) -> list[Media] | None:
        """The pictures that this channel alone has, perhaps none at all; None where the post's go out."""
        if not self.typed(f"pictures_{channel.pk}"):
            return None
        return self.chosen_pictures.get(f"media_{channel.pk}", [])

    def _numbers(self, suffix: str) -> range:
        """The numbers, from 1, of the further posts of the thread whose fields end in ``suffix``."""
        return range(1, len(self.thread_texts(suffix)) + 1)

    def thread_texts(self, suffix: str = "") -> list[str]:
        """The texts of the thread whose fields end in ``suffix``: empty for the post's, ``_PK`` for a channel's own."""
        if self.is_bound:
            return threading.texts_in(self.data, suffix)
        if suffix:
            variant = self.variants.get(int(suffix[1:]))
            return (variant.parts or []) if variant else []
        return self.record.parts if self.record else []

    def own_thread(self, channel: Channel) -> list[str] | None:
        """The texts of the channel's own thread, perhaps none at all; None where the post's goes out."""
        return self.thread_texts(f"_{channel.pk}") if self.typed(f"own_parts_{channel.pk}") else None

    def own_comment(self, channel: Channel) -> str | None:
        """The channel's own first comment, perhaps none; None where the post's goes out."""
        own = self.typed(f"own_comment_{channel.pk}")
        return plain(self.typed(f"comment_{channel.pk}")).strip() if own else None

    def asked_of(self, channel: Channel) -> dict[str, Any]:
        """What was typed into the fields that the channel's network asks."""
        fields = networks.get(channel.network).fields
        return {field.name: asking.given(field, self.typed(f"field_{channel.pk}_{field.name}")) for field in fields}

    def thread_pictures(self, suffix: str) -> list[list[Media]]:
        """The pictures of each further post of the thread whose fields end in ``suffix``."""
        numbers = self._numbers(suffix)
        return [self.chosen_pictures.get(threading.media_name(suffix, number), []) for number in numbers]

    def content(self) -> dict[str, Any]:
        """All that would go out if what is typed went out now (see ``social.digest``)."""
        return content_typed(self)

    def rows(self) -> list[ChannelRow]:
        """The channels as the page shows them."""
        return channel_rows(self)

    def thread(self, suffix: str = "") -> ThreadRows:
        """The further posts of the post's thread, or of a channel's own."""
        return thread_rows(self, suffix)

    def thread_errors(self) -> list[str]:
        """What was said of the thread."""
        return self.said.get("parts", [])

    def channel_errors(self) -> list[str]:
        """What was said of the channels, which are no field of the form's own."""
        return self.said.get("channels", [])

    def media_errors(self) -> list[str]:
        """What was said of the pictures."""
        return self.said.get("media", [])

    def retired(self) -> list[Channel]:
        """Channels that the post had and that are retired since."""
        return [
            variant.channel for variant in self.variants.values() if variant.channel.status == ChannelStatus.RETIRED
        ]

    @property
    def pictures(self) -> list[Media]:
        """The chosen pictures of the post."""
        return self.chosen_pictures.get("media", [])

    def shelf(self, name: str = "media") -> list[PictureRow]:
        """The pictures chosen in this field, then those chosen for the post, then the newest of the library."""
        return picture_rows(self, name)

    def count(self, found: Sequence[Preview]) -> None:
        """Remember how long each text is where it goes, to be said beside its field."""
        self.counted = counted(self, found)

    def text_counted(self) -> Counts:
        """How long the post's text is on each channel that has no other."""
        return self.counted["text"]

    def comment_counted(self) -> Counts:
        """How long its first comment is."""
        return self.counted["comment"]

    def spoken_time(self) -> str:
        """The time as it is understood, in words; or why it is none."""
        try:
            when = self._typed_moment()
        except ValidationError as error:
            return " ".join(error.messages)
        return "" if when is None else spoken(when, self.zone)

    def moment(self) -> datetime | None:
        """The time as it is understood; None where it is none."""
        try:
            return self._typed_moment()
        except ValidationError:
            return None

    def _typed_moment(self) -> datetime | None:
        when = self._moment(str(self.typed("day")), str(self.typed("time")))
        return None if when is None else in_zone(when, self.zone)

    # What the services get

    def clean(self) -> dict[str, Any]:
        """The time, and that everything sent is the client's."""
        typed: dict[str, Any] = self.cleaned_data
        if self.foreign():
            self.add_error(None, _("Something you chose is not here any more. Choose again."))
        try:
            typed["publish_at"] = self._moment(typed.get("day", ""), typed.get("time", ""))
        except ValidationError as error:
            self.add_error("day", error)
        return typed

    def _moment(self, day: str, time: str) -> datetime | None:
        if not day and not time:
            return None
        if not (day and time):
            raise ValidationError(_("A time needs both: the day and the hour."), code="incomplete")
        if self.record is not None and (day, time) == (self.initial["day"], self.initial["time"]):
            at: datetime | None = self.record.publish_at
            return at  # untouched: the very same moment, past or not
        try:
            return datetime.strptime(f"{day} {time[:5]}", "%Y-%m-%d %H:%M")  # noqa: DTZ007 - a wall clock; the service has the zone
        except ValueError:
            raise ValidationError(_("This is no time. Type the day and the hour."), code="invalid") from None

    def fields_for_service(self) -> PostFields:
        """What was typed, as ``create_post`` and ``edit_post`` take it."""
        typed: Mapping[str, Any] = self.cleaned_data
        chain: Chain | None = typed["chain"]
        return {
            "title": typed["title"],
            "text": typed["text"],
            "link": typed["link"],
            "channels": self.chosen(),
            "variants": plans_typed(self),
            "media": self.pictures,
            "parts": parts_typed(self, ""),
            "comment": typed["comment"],
            "pillar": typed["pillar"],
            "objective": typed["objective"],
            "occasion": typed["occasion"],
            "labels": list(typed["labels"]),
            "chain": chain,
            "publish_at": typed["publish_at"],
            "publish_zone": self.zone.key,
        }


def composer_form(user: User, client: Client, post: Post | None, data: Any = None) -> ComposerForm:
    """The form, bound to ``data`` if any was sent."""
    bound = {} if data is None else {"data": data}
    return ComposerForm(user=user, record=post, client=client, **bound)
