"""What belongs to a client, in the staff's admin: seen by its staff, marked by its name and colour."""

from collections.abc import Iterable
from typing import Any

from django.contrib.admin import ModelAdmin, SimpleListFilter, display
from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponseBase
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.staff_admin import RecordForm, StaffAdmin, person
from clients.marks import Band, band_of, client_mark
from clients.models import STAFF_ROLES, Client, Role
from clients.selectors import clients, role_of, staff_clients, within


class ClientFilter(SimpleListFilter):
    """Only one's own clients stand in it."""

    title = _("client")
    parameter_name = "client"

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin[Any]) -> list[tuple[str, str]]:  # noqa: ARG002
        """The clients this person is staff for."""
        return [(str(pk), name) for pk, name in staff_clients(person(request)).values_list("pk", "name")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:  # noqa: ARG002
        """Those of the chosen one."""
        value = self.value()
        if not value:
            return queryset
        return queryset.filter(client_id=int(value)) if value in dict(self.lookup_choices) else queryset.none()


class ChoiceFilter(SimpleListFilter):
    """A filter on a column of fixed words; a word that is not among them finds nothing."""

    choices_of: Any = None
    column: str = ""

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin[Any]) -> list[tuple[Any, Any]]:  # noqa: ARG002
        """The words."""
        return list(self.choices_of.choices)

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:  # noqa: ARG002
        """Those with the chosen word."""
        value = self.value()
        return queryset.filter(**{self.column or str(self.parameter_name): value}) if value else queryset


def choice_filter(name: str, words: Any, title: Any) -> type[ChoiceFilter]:
    """A filter on the column ``name`` with these words."""
    return type(f"{name.title()}Filter", (ChoiceFilter,), {"parameter_name": name, "choices_of": words, "title": title})


class ClientForm(RecordForm):
    """A form over one record of one client, chosen before the form is shown; None is the agency itself."""

    def __init__(self, *args: Any, client: Client | None, **kwargs: Any) -> None:
        self.client = client
        super().__init__(*args, **kwargs)


class ClientScopedAdmin(StaffAdmin):
    """One kind of a client's things. ``of_mine`` narrows a selector to the clients one is staff for."""

    writing_roles: frozenset[Role] = frozenset({Role.MANAGER})

    def of_mine(self, user: User, found: QuerySet[Any]) -> QuerySet[Any]:
        """Only what belongs to clients this person is staff for: what they are a contact for is in the portal."""
        return found.filter(within(user, "client", STAFF_ROLES))

    def get_model_perms(self, request: HttpRequest) -> dict[str, bool]:  # noqa: ARG002 - Django's signature
        """For Django's own list of kinds, made on every page, which our menu replaces: nothing is asked of the database."""
        return {"add": False, "change": False, "delete": False, "view": True}

    def may_add(self, user: User) -> bool:
        """Whether this person has a client for which they may."""
        return clients(user, self.writing_roles).exists()

    def may_change(self, user: User, record: Any) -> bool:
        """Whether their role for the record's client allows it."""
        return record.client_id is not None and role_of(user, record.client_id) in self.writing_roles

    def band(self, record: Any) -> Band | None:
        """The band of the record's client."""
        return band_of(record.client) if record.client else None

    @display(description=_("client"), ordering="client__name")
    def of_client(self, record: Model) -> SafeString:
        """The client, marked."""
        return client_mark(getattr(record, "client", None), _("the agency"))


class ClientFirstAdmin(ClientScopedAdmin):
    """Things of a client whose form depends on the client: it is chosen first, and stands above the form."""

    agency_has_some = False  # whether the agency itself may have one, written by its admins

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponseBase:
        """The choice of the client where there is one to make, else the form."""
        if object_id is None and self.has_add_permission(request):
            chosen, client = self.chosen(request)
            if not chosen:
                return self.show_choice(request)
            extra_context = {"band": band_of(client) if client else None, **(extra_context or {})}
        return super().changeform_view(request, object_id, form_url, extra_context)

    def chosen(self, request: HttpRequest) -> tuple[bool, Client | None]:
        """Whether it is clear whose the new record is, and whose. A client that is not one's own does not exist."""
        mine = clients(person(request), self.writing_roles)
        wanted = request.GET.get("client", "")
        agency = self.agency_has_some and person(request).is_agency_admin
        if wanted == "agency" and agency:
            return True, None
        if wanted:
            client = mine.filter(pk__in=ids([wanted])).first()
            if client is None:
                raise Http404
            return True, client
        first = list(mine[:2])
        return (True, first[0]) if len(first) == 1 and not agency else (False, None)

    def show_choice(self, request: HttpRequest) -> HttpResponseBase:
        """For which client?"""
        mine = clients(person(request), self.writing_roles)
        links = [(f"?client={client.pk}", band_of(client)) for client in mine]
        agency = self.agency_has_some and person(request).is_agency_admin
        context = {"links": links, "agency": agency, "question": gettext("For which client?")}
        return self.show(request, None, context, template="admin/choose_client.html")

    def make_form(self, request: HttpRequest, record: Any) -> RecordForm:
        """The record's form, which knows its client."""
        client = record.client if record else self.chosen(request)[1]
        return self.client_form(request, record, client)

    def client_form(self, request: HttpRequest, record: Any, client: Client | None) -> RecordForm:
        """The form for this client."""
        typed = {"data": request.POST, "files": request.FILES} if request.method == "POST" else {}
        form: Any = self.record_form
        made: RecordForm = form(user=person(request), record=record, client=client, **typed)
        return made


def ids(values: Iterable[str]) -> list[int]:
    """The numbers among what was sent."""
    return [int(value) for value in values if value.isdecimal() and len(value) < 19]  # noqa: PLR2004 - bigint
