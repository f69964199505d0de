"""One's own keys to the API."""

from collections.abc import Iterable
from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import UnfoldAdminTextInputWidget, UnfoldBooleanSwitchWidget

from accounts import services
from accounts.models import ApiToken, User
from accounts.staff_admin import Question, RecordForm, StaffAdmin


class TokenForm(RecordForm):
    """A new key: what it is for, and whether it may only read."""

    name = forms.CharField(
        label=gettext_lazy("Name"),
        max_length=100,
        widget=UnfoldAdminTextInputWidget(),
        help_text=gettext_lazy("What will use it, such as “Website”."),
    )
    read_only = forms.BooleanField(label=gettext_lazy("Only reads"), required=False, widget=UnfoldBooleanSwitchWidget())
    expires_at = forms.SplitDateTimeField(
        label=gettext_lazy("Expires"),
        required=False,
        widget=forms.SplitDateTimeWidget(
            date_attrs={"type": "date", "class": "filo-input"}, time_attrs={"type": "time", "class": "filo-input"}
        ),
        help_text=gettext_lazy("Empty: when you revoke it."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        record = kwargs.get("record")
        if record is not None:
            kwargs["initial"] = {name: getattr(record, name) for name in self.base_fields}
        super().__init__(*args, **kwargs)

    def save(self) -> tuple[ApiToken, str]:
        """The token and its key, which nobody can read again."""
        return services.create_token(user=self.user, **self.cleaned_data)


@admin.register(ApiToken)
class ApiTokenAdmin(StaffAdmin):
    """Each sees their own, and nobody sees a key twice."""

    list_display = ("name", "prefix", "read_only", "created_at", "last_used_at", "expires_at", "revoked_at")
    ordering = ("-id",)
    record_form: ClassVar[type[RecordForm] | None] = TokenForm

    def visible(self, user: User) -> QuerySet[ApiToken]:
        return ApiToken.objects.filter(user=user)

    def may_add(self, user: User) -> bool:  # noqa: ARG002
        return True

    def own_urls(self) -> Iterable[tuple[str, Any, str]]:
        yield "<int:token_id>/revoke/", self.revoke_view, "accounts_apitoken_revoke"

    def doors(self, request: HttpRequest, record: Any) -> Iterable[tuple[str, str]]:  # noqa: ARG002
        """Revoking it."""
        if record.revoked_at is None:
            yield _("Revoke"), reverse("admin:accounts_apitoken_revoke", args=[record.pk])

    def after_saving(self, request: HttpRequest, record: Any, *, is_new: bool) -> HttpResponseBase:  # noqa: ARG002
        """The key, once: in this answer and nowhere else."""
        token, key = record
        answer = self.show(request, token, {"key": key, "doors": []}, template="admin/token.html")
        answer["Cache-Control"] = "no-store"
        return answer

    def revoke_view(self, request: HttpRequest, token_id: int) -> HttpResponseBase:
        """Let the key open nothing from now on."""
        token = self.require(request, token_id)
        question = Question(
            sentences=[_("What uses %(token)s is shut out at once, for good.") % {"token": token}],
            button=_("Revoke"),
            back=self.address("changelist"),
            act=lambda: services.revoke_token(token=token),
            done=_("%(token)s opens nothing any more.") % {"token": token},
        )
        return self.ask(request, token, question)
