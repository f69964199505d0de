"""What is said of a text that could not take its section's place, and is kept beside it: on every face the same."""

from django.utils.translation import gettext as _

from strategy.services import Saved


def kept(saved: Saved) -> str:
    """Why it stands beside the section."""
    if saved.section.removed_at is not None:
        return _("This section was taken out while you were writing. What you wrote is kept beside it.")
    if saved.own:
        return _(
            "You have saved this section yourself meanwhile, in another window. What you wrote here is kept beside it."
        )
    return _("Somebody else has saved this section while you were writing. What you wrote is kept beside it.")


def kept_at(saved: Saved, time: str) -> str:
    """The same in a line, of what is kept at this time as one types."""
    at = {"time": time}
    if saved.section.removed_at is not None:
        return _("Kept at %(time)s beside the section, which was taken out meanwhile.") % at
    if saved.own:
        return _("Kept at %(time)s beside what you have saved yourself meanwhile, in another window.") % at
    return _("Kept at %(time)s beside what somebody else has saved meanwhile.") % at
