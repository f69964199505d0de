"""The labels of a client's posts."""

from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import QuerySet
from django.http import Http404
from django.utils.translation import gettext_lazy, pgettext_lazy

from accounts.models import User
from accounts.staff_admin import RecordForm
from clients.admin.retiring import NamedForm, RetiringAdmin
from social import selectors, services
from social.models import Label


class LabelForm(NamedForm):
    """A new label; of an old one nothing changes here."""

    def save(self) -> Label:
        """The label."""
        if self.record is not None:
            label: Label = self.record
            return label
        if self.client is None:
            raise Http404
        return services.create_label(user=self.user, client=self.client, name=self.cleaned_data["name"])


@admin.register(Label)
class LabelAdmin(RetiringAdmin):
    """The labels of each client, for its staff."""

    record_form: ClassVar[type[RecordForm] | None] = LabelForm
    about = gettext_lazy(
        "Labels sort a client's posts. Approval chains can ask more people where a post has a certain one."
    )
    retired_word = pgettext_lazy("label", "Retired")
    more_than_a_name = False

    def visible(self, user: User) -> QuerySet[Label]:
        return self.of_mine(user, selectors.labels(user))

    def set_retired(self, user: User, record: Any, *, retired: bool) -> object:
        return services.edit_label(user=user, label=record, retired=retired)
