"""The pictures and videos of a client: looked at, added, described."""

from typing import Any, ClassVar

from django import forms
from django.conf import settings
from django.contrib import admin
from django.db.models import QuerySet
from django.http import Http404
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext, gettext_lazy
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextareaWidget, UnfoldBooleanWidget

from accounts.models import User
from accounts.staff_admin import RecordForm
from clients.admin.scoped import ClientFilter, ClientFirstAdmin, ClientForm, choice_filter
from clients.models import STAFF_ROLES
from social import selectors, services
from social.admin.thumbnails import thumbnail
from social.captions import MOST_BYTES
from social.models import Kind, Media
from social.services.media import MediaWords

ACCEPTED = "image/*,video/mp4,video/quicktime,video/webm"


class MediaForm(ClientForm):
    """A new picture or video, or what an old one shows."""

    file = forms.FileField(
        label=gettext_lazy("Picture or video"),
        widget=forms.ClearableFileInput(attrs={"accept": ACCEPTED, "class": "filo-file"}),
    )
    alt_text = forms.CharField(
        label=gettext_lazy("Description for who cannot see it"),
        required=False,
        max_length=1500,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}),
    )

    captions = forms.FileField(
        label=gettext_lazy("Captions of a video"),
        required=False,
        widget=forms.ClearableFileInput(attrs={"accept": ".srt", "class": "filo-file"}),
        help_text=gettext_lazy("A SubRip file (.srt) in UTF-8."),
    )
    no_captions = forms.BooleanField(
        label=gettext_lazy("Take the captions away"), required=False, widget=UnfoldBooleanWidget()
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        record: Media | None = kwargs.get("record")
        if record is not None:
            kwargs["initial"] = {"alt_text": record.alt_text, "cover": record.cover_id}
        super().__init__(*args, **kwargs)
        self.fields["file"].help_text = gettext(
            "JPEG, PNG, GIF or WebP up to 20 MB; MP4, MOV or WebM up to %(limit)d MB. Where and with what it was taken "
            "is removed."
        ) % {"limit": settings.VIDEO_BYTES // 1024**2}
        if record is None or not record.captions:
            del self.fields["no_captions"]
        if record is not None:
            self._describe(record)

    def _describe(self, record: Media) -> None:
        """The bytes are what they are; what is said of them may change."""
        del self.fields["file"]
        self.fields["alt_text"].help_text = gettext_lazy(
            "It goes out with the picture: a new one takes back the approval of posts that use it."
        )
        if not record.is_video:
            del self.fields["captions"]
            return
        pictures = selectors.media(self.user).filter(client=record.client_id, kind=Kind.IMAGE).order_by("-pk")
        self.fields["cover"] = forms.ModelChoiceField(
            label=gettext("Cover picture"),
            queryset=pictures,
            required=False,
            empty_label=gettext("none"),
            widget=UnfoldAdminSelectWidget(),
        )

    def save(self) -> Media:
        """The picture, stored or described."""
        typed = self.cleaned_data
        words: MediaWords = {"alt_text": typed["alt_text"]}
        if typed.get("captions"):
            words["captions"] = typed["captions"].read(MOST_BYTES + 1)
        elif typed.get("no_captions"):
            words["captions"] = ""
        if "cover" in typed:
            words["cover"] = typed["cover"]
        if self.record is not None:
            return services.describe_media(user=self.user, media=self.record, **words)
        if self.client is None:
            raise Http404
        return services.add_media(user=self.user, client=self.client, file=typed["file"], **words)


@admin.register(Media)
class MediaAdmin(ClientFirstAdmin):
    """The library of each client, for its staff."""

    list_display = ("thumbnail", "described", "of_client", "measures", "created_at")
    list_display_links = ("thumbnail", "described")
    list_filter = (ClientFilter, choice_filter("kind", Kind, gettext_lazy("kind")))
    search_fields = ("alt_text",)
    ordering = ("-id",)
    writing_roles = STAFF_ROLES
    record_form: ClassVar[type[RecordForm] | None] = MediaForm
    record_template = "admin/picture.html"

    def visible(self, user: User) -> QuerySet[Media]:
        return self.of_mine(user, selectors.media(user).select_related("client", "cover"))

    @admin.display(description=gettext_lazy("picture"))
    def thumbnail(self, record: Media) -> SafeString:
        """It, small."""
        return thumbnail(record)

    @admin.display(description=gettext_lazy("description"), ordering="alt_text")
    def described(self, record: Media) -> SafeString | str:
        """What it shows, in words."""
        return record.alt_text or format_html("<em>{}</em>", gettext_lazy("Without a description"))

    @admin.display(description=gettext_lazy("size"))
    def measures(self, record: Media) -> str:
        """Its size in pixels; of a video also how long it lasts."""
        size = f"{record.width} × {record.height}"
        if record.duration is None:
            return size
        minutes, seconds = divmod(round(record.duration), 60)
        return f"{size} · {minutes}:{seconds:02}"
