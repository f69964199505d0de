"""What has a name for good: made, retired when it is not wanted any more, taken up again. It is never deleted."""

from collections.abc import Callable, Iterable
from typing import Any

from django import forms
from django.contrib.admin import ModelAdmin, SimpleListFilter, display
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST
from unfold.widgets import UnfoldAdminTextInputWidget

from accounts.models import User
from accounts.staff_admin import person, say
from clients.admin.scoped import ClientFilter, ClientFirstAdmin, ClientForm
from clients.marks import state_mark
from clients.models import Role
from clients.naming import NAME_LENGTH


class RetiredFilter(SimpleListFilter):
    """What is in use, or what is not any more."""

    title = gettext_lazy("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin[Any]) -> list[tuple[str, Any]]:  # noqa: ARG002
        """In use, retired."""
        retired = model_admin.retired_word if isinstance(model_admin, RetiringAdmin) else gettext_lazy("Retired")
        return [("active", gettext_lazy("In use")), ("retired", retired)]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:  # noqa: ARG002
        """Those in the chosen state."""
        wanted = {"active": True, "retired": False}.get(str(self.value()))
        return queryset if wanted is None else queryset.filter(retired_at__isnull=wanted)


class NamedForm(ClientForm):
    """A name, said once."""

    name = forms.CharField(
        label=gettext_lazy("Name"),
        max_length=NAME_LENGTH,
        widget=UnfoldAdminTextInputWidget(),
        help_text=gettext_lazy(
            "It stays: approval chains refer to it. For another name, retire this one and make another."
        ),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        record = kwargs.get("record")
        if record is not None:
            kwargs["initial"] = {name: getattr(record, name) for name in self.base_fields}
        super().__init__(*args, **kwargs)
        self.fields["name"].disabled = record is not None


class RetiringAdmin(ClientFirstAdmin):
    """Named things of a client: its staff see them, its managers and editors make and retire them."""

    list_display = ("name", "of_client", "state_shown")
    list_filter = (ClientFilter, RetiredFilter)
    search_fields = ("name",)
    ordering = ("client__name", "name", "id")
    writing_roles = frozenset({Role.MANAGER, Role.EDITOR})
    record_template = "admin/named.html"
    about: Any = ""  # what such a thing is for, in a sentence or two
    retired_word: Any = gettext_lazy("Retired")  # of such a thing: some languages need its gender
    more_than_a_name = True  # whether anything of it can be changed

    def set_retired(self, user: User, record: Any, *, retired: bool) -> object:
        """Call the service."""
        raise NotImplementedError

    @display(description=gettext_lazy("state"), ordering="retired_at")
    def state_shown(self, record: Any) -> SafeString:
        """Whether it is still chosen."""
        return state_mark("retired", self.retired_word) if record.retired else state_mark("active", _("In use"))

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponseBase:
        """The record, with the button that retires it or takes it up again."""
        more: dict[str, Any] = {"about": self.about, "retired_word": self.retired_word}
        if object_id is not None:
            record = self.require(request, object_id)
            may = self.has_change_permission(request, record)
            kind = f"admin:{self.opts.app_label}_{self.opts.model_name}"
            do = "take_up" if record.retired else "retire"
            more["retire_url"] = reverse(f"{kind}_{do}", args=[record.pk]) if may else ""
            if not self.more_than_a_name:
                more["writable"] = False
        return super().changeform_view(request, object_id, form_url, {**more, **(extra_context or {})})

    def own_urls(self) -> Iterable[tuple[str, Callable[..., HttpResponseBase], str]]:
        kind = f"{self.opts.app_label}_{self.opts.model_name}"
        yield f"<int:{self.opts.model_name}_id>/retire/", require_POST(self.retire_view), f"{kind}_retire"
        yield f"<int:{self.opts.model_name}_id>/take_up/", require_POST(self.take_up_view), f"{kind}_take_up"

    def retire_view(self, request: HttpRequest, **numbers: int) -> HttpResponseBase:
        """It is not chosen any more."""
        return self._set(request, numbers, retired=True)

    def take_up_view(self, request: HttpRequest, **numbers: int) -> HttpResponseBase:
        """It can be chosen again."""
        return self._set(request, numbers, retired=False)

    def _set(self, request: HttpRequest, numbers: dict[str, int], *, retired: bool) -> HttpResponseBase:
        (number,) = numbers.values()
        record = self.require(request, number)
        words = _("“%(name)s” is retired. Posts that have it keep it.") if retired else _("“%(name)s” is in use again.")
        user = person(request)
        say(request, lambda: self.set_retired(user, record, retired=retired), words % {"name": record.name})
        return redirect(self.address("change", record.pk))
