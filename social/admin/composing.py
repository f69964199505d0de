"""The composer's form: what is typed, as the services take it and as the previews read it."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import (
    UnfoldAdminCheckboxSelectMultipleWidget,
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
from social import selectors
from social.admin.thumbnails import small_url
from social.digest import RECIPE, entries_of
from social.kind import POST
from social.models import Channel, ChannelStatus, Media, Post, Variant
from social.services.posts import PostFields, VariantPlan
from strategy.selectors import pillars

SHELF = 24  # pictures of the library shown at once, the newest
LONGEST = 110_000  # characters that the form takes; the service says where the end is


@dataclass(frozen=True, kw_only=True)
class ChannelRow:
    """One channel in the form: whether it is chosen, its own text if it has one, its own pictures if it has any."""

    channel: Channel
    chosen: bool
    own: forms.BoundField
    text: forms.BoundField
    own_pictures: forms.BoundField
    shelf: "list[PictureRow]"


@dataclass(frozen=True, kw_only=True)
class PictureRow:
    """One picture of the library: whether it is chosen, and in which place. ``name`` and ``place_name`` are those of its fields."""

    media: Media
    url: str
    chosen: bool
    place: str
    name: str
    place_name: str


class Kept(forms.ModelChoiceField[Any]):
    """A choice among what is in use, and the retired one that the post has."""

    def label_from_instance(self, obj: Any) -> str:
        """Its name; a retired one says so."""
        return str(obj.named)


class KeptAll(Kept, forms.ModelMultipleChoiceField[Any]):
    """The same, several."""


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
        post: Post | None = kwargs.get("record")
        self.zone = ZoneInfo(post.publish_zone) if post and post.publish_zone else client.zone
        self.variants = self._variants(post)
        kwargs["initial"] = self._initial(post)
        super().__init__(*args, **kwargs)
        channels = selectors.channels(self.user).filter(client=client).exclude(status=ChannelStatus.RETIRED)
        self.channels = list(channels.order_by("name", "pk"))
        self.library = selectors.media(self.user).filter(client=client).select_related("client", "cover")
        self.newest = list(self.library.order_by("-pk")[:SHELF])
        self.chosen_pictures = self._pictures()
        self._add_sorting()
        self._add_choices()

    def _add_sorting(self) -> None:
        """Its pillar and its labels: what is in use, and the retired ones that the post has."""
        served = Q(retired_at=None) | Q(pk=self.record.pillar_id if self.record else None)
        self.fields["pillar"] = Kept(
            label=_("Pillar"),
            queryset=pillars(self.user).filter(served, client=self.client).order_by("name"),
            required=False,
            empty_label=_("none"),
            widget=UnfoldAdminSelectWidget(),
        )
        worn = Q(retired_at=None) | Q(pk__in=self.initial.get("labels", []))
        labels = selectors.labels(self.user).filter(worn, client=self.client).order_by("name")
        field = KeptAll(
            label=_("Labels"), queryset=labels, required=False, widget=UnfoldAdminCheckboxSelectMultipleWidget()
        )
        self.has_labels = bool(labels)
        field.choices = [(label.pk, field.label_from_instance(label)) for label in labels]
        self.fields["labels"] = field

    def _add_choices(self) -> None:
        found = chains(self.user).filter(Q(client=self.client) | Q(client=None), active=True, subject=POST)
        self.fields["chain"] = forms.ModelChoiceField(
            label=_("Approval chain"),
            queryset=found.prefetch_related(None).order_by("client__name", "name"),
            required=False,
            empty_label=_("The usual one"),
            widget=UnfoldAdminSelectWidget(),
        )
        for channel in self.channels:
            self.fields[f"own_{channel.pk}"] = forms.BooleanField(
                label=_("A text of its own here"), required=False, widget=UnfoldBooleanWidget()
            )
            self.fields[f"text_{channel.pk}"] = forms.CharField(
                label=_("Text for %(channel)s") % {"channel": channel.name},
                required=False,
                strip=False,
                max_length=LONGEST,
                widget=UnfoldAdminTextareaWidget(attrs={"rows": 5, "dir": "auto"}),
            )
            self.fields[f"pictures_{channel.pk}"] = forms.BooleanField(
                label=_("Pictures of its own here"), required=False, widget=UnfoldBooleanWidget()
            )

    # What was there

    def _variants(self, post: Post | None) -> dict[int, Variant]:
        if post is None:
            return {}
        found = post.variants.select_related("channel").prefetch_related("media_rows__media")
        return {variant.channel_id: variant for variant in found}

    def _initial(self, post: Post | None) -> dict[str, Any]:
        if post is None:
            return {"token": uuid.uuid4().hex}
        at = post.publish_at.astimezone(self.zone) if post.publish_at else None
        own = {pk: variant.text for pk, variant in self.variants.items() if variant.text is not None}
        return {
            "revision": post.revision,
            "title": post.title,
            "text": post.text,
            "link": post.link,
            "pillar": post.pillar_id,
            "labels": list(post.label_rows.values_list("label_id", flat=True)),
            "chain": post.chain_id,
            "day": f"{at:%Y-%m-%d}" if at else "",
            "time": f"{at:%H:%M}" if at else "",
            **{f"own_{pk}": True for pk in own},
            **{f"text_{pk}": text for pk, text in own.items()},
            **{f"pictures_{pk}": True for pk, variant in self.variants.items() if variant.own_media},
        }

    def _pictures(self) -> dict[str, list[Media]]:
        """The chosen pictures in their order, by the name of their field: the post's, and each channel's own."""
        if not self.is_bound:
            chosen = {f"media_{pk}": list(variant.media_rows.all()) for pk, variant in self.variants.items()}
            if self.record is not None:
                rows = self.record.media_rows.filter(variant=None).select_related("media__cover").order_by("position")
                chosen["media"] = list(rows)
            return {name: [row.media for row in rows] for name, rows in chosen.items()}
        names = ["media", *(f"media_{channel.pk}" for channel in self.channels)]
        wanted = {name: self._in_places(name) for name in names}
        found = self.library.in_bulk({pk for pks in wanted.values() for pk in pks})
        return {name: [found[pk] for pk in pks if pk in found] for name, pks in wanted.items()}

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

    def content(self) -> dict[str, Any]:
        """All that would go out if what is typed went out now (see ``social.digest``)."""
        post = Post(client=self.client, text=_plain(self.typed("text")), link=str(self.typed("link")).strip())
        chosen = []
        for channel in sorted(self.chosen(), key=lambda channel: channel.pk):
            own = self.own_text(channel)
            variant = Variant(channel=channel, text=None if own is None else _plain(own))
            pictures = self.own_pictures(channel)
            chosen.append((variant, self.pictures if pictures is None else pictures))
        return {"filo": RECIPE, "channels": entries_of(post, chosen)}

    def rows(self) -> list[ChannelRow]:
        """The channels as the page shows them."""
        chosen = {channel.pk for channel in self.chosen()}
        return [
            ChannelRow(
                channel=channel,
                chosen=channel.pk in chosen,
                own=self[f"own_{channel.pk}"],
                text=self[f"text_{channel.pk}"],
                own_pictures=self[f"pictures_{channel.pk}"],
                shelf=self.shelf(f"media_{channel.pk}"),
            )
            for channel in self.channels
        ]

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
        mine = self.chosen_pictures.get(name, [])
        places = {media.pk: str(place) for place, media in enumerate(mine, start=1)}
        shown = {media.pk: media for media in [*mine, *self.pictures, *self.newest]}
        return [
            PictureRow(
                media=media,
                url=small_url(media),
                chosen=media.pk in places,
                place=places.get(media.pk, ""),
                name=name,
                place_name=f"{name}_place_{media.pk}",
            )
            for media in shown.values()
        ]

    def spoken_time(self) -> str:
        """The time as it is understood, in words; or why it is none."""
        try:
            when = self._moment(str(self.typed("day")), str(self.typed("time")))
            return "" if when is None else spoken(in_zone(when, self.zone), self.zone)
        except ValidationError as error:
            return " ".join(error.messages)

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
        plans = [
            VariantPlan(channel=channel, text=self.own_text(channel), media=self.own_pictures(channel))
            for channel in self.chosen()
        ]
        return {
            "title": typed["title"],
            "text": typed["text"],
            "link": typed["link"],
            "channels": self.chosen(),
            "variants": plans,
            "media": self.pictures,
            "pillar": typed["pillar"],
            "labels": list(typed["labels"]),
            "chain": chain,
            "publish_at": typed["publish_at"],
            "publish_zone": self.zone.key,
        }


def _plain(text: Any) -> str:
    return str(text).replace("\r\n", "\n").replace("\r", "\n")


def composer_form(user: User, client: Client, post: Post | None, data: Any = None) -> ComposerForm:
    """The form, bound to ``data`` if any was sent."""
    bound = {} if data is None else {"data": data}
    return ComposerForm(user=user, record=post, client=client, **bound)
