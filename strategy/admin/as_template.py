"""How a strategy is built, kept as a template: looked at and corrected before it is in the library."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from strategy.admin.desk import Desk, Page
from strategy.admin.section_rows import with_another
from strategy.admin.templates import PLAIN, TemplateForm
from strategy.selectors import keeps_library
from strategy.services.lending import lent


def page(desk: Desk) -> HttpResponseBase:
    """What is left without the client's facts; saved, it is a template like any other."""
    if not keeps_library(desk.user):
        raise PermissionDenied
    sent = desk.request.POST if desk.posted else None
    if sent is not None and sent.get("do") != "add":
        form = TemplateForm(user=desk.user, data=sent)
        template = form.try_save()
        if template is not None:
            messages.success(desk.request, _("Kept as a template. Any client’s strategy can begin from it."))
            return redirect(reverse("admin:strategy_template_change", args=[template.pk]))
    else:
        form = TemplateForm(user=desk.user, beginning=_beginning(desk))
        if sent is not None:
            form.initial = {name: sent.get(name, "") for name in PLAIN}
            form.rows = with_another(sent)
    return desk.show("admin/strategy_as_template.html", {"form": form, "writable": True})


def _beginning(desk: Desk) -> dict[str, object]:
    strategy = desk.strategy
    return {"language": strategy.language, "kind": strategy.kind, "sections": lent(strategy)}


PAGES = (Page("template/", "template", page, tab="versions"),)
