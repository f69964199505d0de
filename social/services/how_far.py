"""How much of a publication is live that broke off in the middle, in words."""

from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from social.entries import comment_in, parts_in
from social.models import Act, Publication
from social.networks.base import NetworkError
from social.services.contents import entry_of


def with_what_is_live(publication: Publication, detail: str) -> str:
    """The same sentence behind what may be done of it, in its client's language; alone where nothing is."""
    if not publication.begun or publication.taken_down_at:
        return detail
    with translation.override(publication.client.language):
        return f"{how_far(publication)} {detail}".strip()


def of_what_is_out(error: NetworkError) -> str:
    """A network's words, in the active language. That nothing was published is said of tries, and is not so of what is out."""
    return str(error).replace(" " + _("Nothing was published."), "")


def how_far(publication: Publication) -> str:
    """How much of it is live, in the active language; of a change or a taking down, that it may be made."""
    if publication.act == Act.EDIT:
        return _("It may be changed already, or a part of it.")
    if publication.act == Act.TAKE_DOWN:
        return _("It may be down already, or a part of it.")
    entry, live = entry_of(publication), publication.progress.get("live", 0)
    posts = 1 + len(parts_in(entry))
    if posts > 1 and 0 < live < posts:
        words = ngettext("%(live)d of its %(all)d posts is live.", "%(live)d of its %(all)d posts are live.", live)
        return words % {"live": live, "all": posts}
    if live == posts and comment_in(entry):
        return _("It is live, its first comment is not.")
    return _("A part of it is live already.")
