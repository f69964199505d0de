"""The pictures of a client: looked at, added, described."""

from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import Http404
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy
from unfold.widgets import UnfoldAdminTextareaWidget

from accounts.models import User
from accounts.staff_admin import RecordForm
from clients.admin.scoped import ClientFilter, ClientFirstAdmin, ClientForm
from clients.models import STAFF_ROLES
from social import selectors, services
from social.media_views import own_url
from social.models import Media


class MediaForm(ClientForm):
    """A new picture, or what an old one shows."""

    file = forms.FileField(
        label=gettext_lazy("Picture"),
        widget=forms.ClearableFileInput(attrs={"accept": "image/*", "class": "filo-file"}),
        help_text=gettext_lazy("JPEG, PNG, GIF or WebP, up to 20 MB. Where and with what it was taken is removed."),
    )
    alt_text = forms.CharField(
        label=gettext_lazy("Description for who cannot see it"),
        required=False,
        max_length=1500,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        record = kwargs.get("record")
        if record is not None:
            kwargs["initial"] = {"alt_text": record.alt_text}
        super().__init__(*args, **kwargs)
        if record is not None:
            del self.fields["file"]
            self.fields["alt_text"].help_text = gettext_lazy(
                "It goes out with the picture: a new one takes back the approval of posts that use it."
            )

    def save(self) -> Media:
        """The picture, stored or described."""
        typed = self.cleaned_data
        if self.record is not None:
            return services.describe_media(user=self.user, media=self.record, alt_text=typed["alt_text"])
        if self.client is None:
            raise Http404
        return services.add_media(user=self.user, client=self.client, file=typed["file"], alt_text=typed["alt_text"])


@admin.register(Media)
class MediaAdmin(ClientFirstAdmin):
    """The library of each client, for its staff."""

    list_display = ("thumbnail", "described", "of_client", "measures", "created_at")
    list_display_links = ("thumbnail", "described")
    list_filter = (ClientFilter,)
    search_fields = ("alt_text",)
    ordering = ("-id",)
    writing_roles = STAFF_ROLES
    record_form: ClassVar[type[RecordForm] | None] = MediaForm
    record_template = "admin/picture.html"

    def visible(self, user: User) -> QuerySet[Media]:
        return self.of_mine(user, selectors.media(user))

    @admin.display(description=gettext_lazy("picture"))
    def thumbnail(self, record: Media) -> SafeString:
        """The picture, small."""
        return format_html('<img class="filo-thumbnail" src="{}" alt="" loading="lazy">', own_url(record))

    @admin.display(description=gettext_lazy("description"), ordering="alt_text")
    def described(self, record: Media) -> SafeString | str:
        """What it shows, in words."""
        return record.alt_text or format_html("<em>{}</em>", gettext_lazy("Without a description"))

    @admin.display(description=gettext_lazy("size"))
    def measures(self, record: Media) -> str:
        """Its size in pixels."""
        return f"{record.width} × {record.height}"
