"""Sections are added, moved, taken out, put back and looked at again, from the document's page."""

from django.core.exceptions import ValidationError
from django.http import HttpResponseBase
from django.utils.translation import gettext as _

from accounts.errors import Conflict
from accounts.staff_admin import Question
from strategy import selectors, services
from strategy.admin.desk import Desk, Page
from strategy.models import Section


def living(desk: Desk, pk: int) -> Section:
    """The section with this number; one that was taken out, or is another strategy's, is 404."""
    return desk.find(selectors.sections(desk.user), pk)


def anchor(section: Section) -> str:
    """Where it stands on the document's page."""
    return f"section-{section.pk}"


def add_view(desk: Desk) -> HttpResponseBase:
    """A new section, and straight to its page to write it. Sent twice, it is added once."""
    sent = desk.request.POST
    kind, title = sent.get("kind", ""), sent.get("title", "")

    def add() -> Section:
        return services.add_section(user=desk.user, strategy=desk.strategy, kind=kind, title=title)

    try:
        number = desk.once("section", add)
    except ValidationError as error:
        desk.warn(*error.messages)
    except Conflict as conflict:
        desk.warn(str(conflict.detail))
    else:
        return desk.go("write", number)
    return desk.go("change", anchor="add")


def move_view(desk: Desk, section_id: int) -> HttpResponseBase:
    """To this place; the others make room."""
    section = living(desk, section_id)
    sent = desk.request.POST.get("position", "")
    position = int(sent) if sent.isascii() and sent.isdigit() and len(sent) < 5 else 0  # noqa: PLR2004 - 200 sections at most
    desk.say(
        lambda: services.move_section(user=desk.user, section=section, position=position),
        _("“%(title)s” stands at place %(position)d now.") % {"title": section.title, "position": position},
    )
    return desk.go("change", anchor=anchor(section))


def remove_page(desk: Desk, section_id: int) -> HttpResponseBase:
    """Take it out, after asking once more."""
    section = living(desk, section_id)
    named = {"title": section.title}
    return desk.ask(
        Question(
            sentences=[
                _("“%(title)s” is taken out of the strategy.") % named,
                _("Its texts stay, and it can be put back."),
            ],
            button=_("Take it out"),
            back=desk.address("change"),
            act=lambda: services.remove_section(user=desk.user, section=section),
            done=_("“%(title)s” is taken out. It can be put back below.") % named,
        )
    )


def restore_view(desk: Desk, section_id: int) -> HttpResponseBase:
    """Put it back, as the last."""
    section = desk.find(selectors.sections(desk.user, removed=True), section_id)
    words = _("“%(title)s” is back, as the last section.") % {"title": section.title}
    desk.say(lambda: services.restore_section(user=desk.user, section=section), words)
    return desk.go("change", anchor=anchor(section))


def confirm_view(desk: Desk, section_id: int) -> HttpResponseBase:
    """Somebody has looked at it again, and it still holds."""
    section = living(desk, section_id)
    words = _("“%(title)s” still holds: it is due anew after its time.") % {"title": section.title}
    desk.say(lambda: services.confirm_section(user=desk.user, section=section), words)
    return desk.go("change", anchor=anchor(section))


PAGES = (
    Page("sections/add/", "section_add", add_view, tab="change", post=True),
    Page("sections/<int:section_id>/move/", "section_move", move_view, tab="change", post=True),
    Page("sections/<int:section_id>/remove/", "section_remove", remove_page, tab="change"),
    Page("sections/<int:section_id>/restore/", "section_restore", restore_view, tab="change", post=True),
    Page("sections/<int:section_id>/confirm/", "section_confirm", confirm_view, tab="change", post=True),
)
