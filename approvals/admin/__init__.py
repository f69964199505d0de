"""Approval chains: ordered steps, each with its people and a rule; where each is used, copies, retiring."""

from collections.abc import Callable, Iterable
from typing import Any, ClassVar

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Prefetch, QuerySet
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.models import User
from accounts.staff_admin import Question, RecordForm, person, say
from approvals import selectors, services
from approvals.admin.deputies import DeputyAdmin
from approvals.admin.editing import ChainForm
from approvals.models import Chain, DefaultScope, Step
from clients.admin.scoped import ClientFilter, ClientFirstAdmin, ids
from clients.marks import Band, band_of, state_mark
from clients.models import Client
from clients.selectors import clients

__all__ = ["ChainAdmin", "ChainForm", "DeputyAdmin"]


@admin.register(Chain)
class ChainAdmin(ClientFirstAdmin):
    """Chains: those of one's clients and the agency's own; written by managers and agency admins."""

    list_display = ("name", "of_client", "way", "default_for", "in_use", "standing")
    list_filter = (ClientFilter,)
    search_fields = ("name",)
    ordering = ("client__name", "name", "id")
    record_form: ClassVar[type[RecordForm] | None] = ChainForm
    record_template = "admin/chain.html"
    agency_has_some = True

    def visible(self, user: User) -> QuerySet[Chain]:
        steps = Step.objects.order_by("position")
        found = selectors.chains(user).prefetch_related(None).prefetch_related(Prefetch("steps", steps), "defaults")
        return selectors.with_use(found, user)

    def may_change(self, user: User, record: Any) -> bool:
        return user.is_agency_admin if record.client_id is None else super().may_change(user, record)

    def band(self, record: Any) -> Band | None:
        return band_of(record.client) if record.client else None

    def own_urls(self) -> Iterable[tuple[str, Callable[..., HttpResponseBase], str]]:
        """Copying, retiring, taking up again."""
        return [
            ("<int:object_id>/copy/", self.copy, "approvals_chain_copy"),
            ("<int:object_id>/retire/", self.retire, "approvals_chain_retire"),
            ("<int:object_id>/take-up/", self.take_up, "approvals_chain_take_up"),
        ]

    def doors(self, request: HttpRequest, record: Any) -> Iterable[tuple[str, str]]:
        if clients(person(request), self.writing_roles).exists() and (
            record.client_id is None or self.may_change(person(request), record)
        ):
            words = _("Copy it for a client") if record.client_id is None else _("Copy it")
            yield words, reverse("admin:approvals_chain_copy", args=[record.pk])
        if record.active and self.may_change(person(request), record):
            yield _("Retire it"), reverse("admin:approvals_chain_retire", args=[record.pk])

    # The form

    def client_form(self, request: HttpRequest, record: Any, client: Client | None) -> RecordForm:
        """The editor; a copy begins with the original's steps."""
        origin = self._origin(request, client) if record is None else None
        data = request.POST if request.method == "POST" else None
        form = ChainForm(user=person(request), record=record, client=client, origin=origin, data=data)
        if not form.is_bound and (record or origin):
            form.foresee()
        return form

    def _origin(self, request: HttpRequest, client: Client | None) -> Chain | None:
        wanted = request.GET.get("copy")
        if not wanted:
            return None
        found = selectors.chains(person(request)).filter(pk__in=ids([wanted])).first()
        if found is None or client is None or found.client_id not in {None, client.pk}:
            raise Http404
        return found

    def show(
        self, request: HttpRequest, record: Any, context: dict[str, Any], template: str = "", status: int = 200
    ) -> Any:
        """With where the chain is used."""
        if record and "form" in context and not template:
            context = {**context, "uses": self._uses(person(request), record)}
        return super().show(request, record, context, template, status)

    def _uses(self, user: User, record: Chain) -> list[str]:
        """Where it is used, in sentences."""
        said = [self.default_for(record)] if self.default_for(record) else []
        for client, reviews in selectors.use_by_client(user, record):
            text = ngettext(
                "%(client)s: %(count)d review under way.", "%(client)s: %(count)d reviews under way.", reviews
            )
            said.append(text % {"client": client, "count": reviews})
        copies = selectors.chains(user).prefetch_related(None).filter(copied_from=record)
        said += [
            _("Copied for %(client)s as “%(name)s”.") % {"client": copy.client or _("the agency"), "name": copy.name}
            for copy in copies
        ]
        return said

    # What else can be done

    def copy(self, request: HttpRequest, object_id: int) -> HttpResponseBase:
        """For which client? Then the editor, with the same steps."""
        record = self.require(request, object_id)
        address = self.address("add")
        mine = clients(person(request), self.writing_roles)
        found = list(mine.filter(pk=record.client_id) if record.client_id else mine)
        if not found:
            raise Http404
        if len(found) == 1:
            return redirect(f"{address}?client={found[0].pk}&copy={record.pk}")
        links = [(f"{address}?client={client.pk}&copy={record.pk}", band_of(client)) for client in found]
        context = {"links": links, "agency": False, "question": _("Copy it for which client?"), "doors": []}
        answer: HttpResponseBase = self.show(request, record, context, template="admin/choose_client.html")
        return answer

    def retire(self, request: HttpRequest, object_id: int) -> HttpResponseBase:
        """Ask once more; say what follows where it is a default."""
        record = self._changeable(request, object_id)
        sentences = [
            _("“%(name)s” is offered no more for new posts. Reviews under way go on with the steps they have.")
            % {"name": record.name}
        ]
        default = self.default_for(record)
        if default:
            sentences.append(default)
            sentences.append(
                _("It is the default no more then: posts take the next default there is, or ask for a chain.")
            )
        if record.open_reviews:
            text = ngettext(
                "%(count)d review is under way with it.",
                "%(count)d reviews are under way with it.",
                record.open_reviews,
            )
            sentences.append(text % {"count": record.open_reviews})
        question = Question(
            sentences=sentences,
            button=_("Retire it"),
            back=self.address("change", record.pk),
            act=lambda: services.retire_chain(user=person(request), chain=record),
            done=_("Retired."),
            dangerous=False,
        )
        return self.ask(request, record, question)

    def take_up(self, request: HttpRequest, object_id: int) -> HttpResponseBase:
        """Offer it again."""
        record = self._changeable(request, object_id)
        if request.method == "POST":
            say(
                request,
                lambda: services.take_up_chain(user=person(request), chain=record),
                _("It is offered again. It is the default of nothing yet."),
            )
        return redirect(self.address("change", record.pk))

    def _changeable(self, request: HttpRequest, object_id: int) -> Any:
        record = self.require(request, object_id)
        if not self.may_change(person(request), record):
            raise PermissionDenied
        return record

    # The list

    @admin.display(description=gettext_lazy("steps"))
    def way(self, record: Chain) -> str:
        """How many, and the steps in a row."""
        names = [step.name for step in record.steps.all()]
        text = ngettext("%(count)d step: %(names)s", "%(count)d steps: %(names)s", len(names))
        return text % {"count": len(names), "names": " → ".join(names)}

    @admin.display(description=gettext_lazy("default for"))
    def default_for(self, record: Chain) -> str:
        """For whom it is used where no other is chosen."""
        rows = list(record.defaults.all())
        channels = sum(row.scope == DefaultScope.CHANNEL for row in rows)
        labels = [row.value for row in rows if row.scope == DefaultScope.LABEL]
        said = []
        if record.is_default:
            name = record.client.name if record.client else _("every client without one of its own")
            said.append(_("Default for %(who)s.") % {"who": name})
        if channels:
            text = ngettext("Default for %(count)d channel.", "Default for %(count)d channels.", channels)
            said.append(text % {"count": channels})
        if labels:
            text = ngettext("Default for the label %(names)s.", "Default for the labels %(names)s.", len(labels))
            said.append(text % {"names": ", ".join(sorted(labels))})
        return " ".join(said)

    @admin.display(description=gettext_lazy("reviews under way"))
    def in_use(self, record: Any) -> int:
        """How many open reviews run with it, of one's own clients."""
        return int(record.open_reviews)

    @admin.display(description=gettext_lazy("state"))
    def standing(self, record: Chain) -> SafeString:
        """In use, or retired."""
        return state_mark("active", _("In use")) if record.active else state_mark("retired", _("Retired"))
