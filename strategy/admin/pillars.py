"""The pillars of a client's posts."""

from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import Http404
from django.utils.translation import gettext_lazy
from unfold.widgets import UnfoldAdminTextareaWidget

from accounts.models import User
from accounts.staff_admin import RecordForm
from clients.admin.retiring import NamedForm, RetiringAdmin
from strategy import selectors, services
from strategy.models import Pillar


class PillarForm(NamedForm):
    """A pillar, and why it is there."""

    why = forms.CharField(
        label=gettext_lazy("Why"),
        required=False,
        max_length=services.LONGEST_WHY,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 5}),
        help_text=gettext_lazy("What posts on it are to achieve, for whoever writes them."),
    )

    def save(self) -> Pillar:
        """The pillar, new or explained anew."""
        typed = self.cleaned_data
        if self.record is not None:
            return services.edit_pillar(user=self.user, pillar=self.record, why=typed["why"])
        if self.client is None:
            raise Http404
        return services.create_pillar(user=self.user, client=self.client, name=typed["name"], why=typed["why"])


@admin.register(Pillar)
class PillarAdmin(RetiringAdmin):
    """The pillars of each client, for its staff."""

    record_form: ClassVar[type[RecordForm] | None] = PillarForm
    about = gettext_lazy("A pillar is a theme that a client's posts serve. A post serves one, or none.")

    def visible(self, user: User) -> QuerySet[Pillar]:
        return self.of_mine(user, selectors.pillars(user))

    def set_retired(self, user: User, record: Any, *, retired: bool) -> object:
        return services.edit_pillar(user=user, pillar=record, retired=retired)
