"""Many versions on one page: each shown, chosen one by one, approved with one confirmation; then a line for each."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from itertools import chain

from django.contrib.auth.decorators import login_required
from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent, ValidationError
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods

from accounts.guarding import guarded
from accounts.models import User
from approvals.mails import by_when_of
from approvals.models import Review, Via
from approvals.selectors import asked_now, waiting_for
from approvals.services.bulk import MOST_AT_ONCE, Line, approve_many
from clients.moments import spoken
from clients.selectors import is_staff, own_language
from portal.paging import paged
from portal.people import signed_in
from portal.speaking import say, showing
from social.acts import ActTold, acts_told
from social.issues import with_issues
from social.previews import Preview, previews_of_many
from social.selectors import versions_under

ROWS = 20
WEEK = timedelta(days=7)
LONGEST_NUMBER = 18  # digits: what a row's number can have


@dataclass(frozen=True, kw_only=True)
class Shown:
    """One version as it would go out, to be chosen or not."""

    review: Review
    when: str
    by_when: list[str]
    act: ActTold | None
    previews: list[Preview]
    chosen: bool


@csrf_exempt  # asked for by ``_take``: before that, it is seen whether the form can be read at all
@guarded
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def approve(request: HttpRequest) -> HttpResponse:
    """The versions that wait for this person; a POST approves those chosen. What changed meanwhile is not, and says why."""
    reader = signed_in(request)
    language = own_language(reader)
    with translation.override(language):
        request.LANGUAGE_CODE = language
        if request.method != "POST":
            return _ask(request, reader)
        try:
            sent = request.POST.getlist("seen")
        except (TooManyFieldsSent, RequestDataTooBig):
            return _ask(request, reader, _("At most %(limit)d at once.") % {"limit": MOST_AT_ONCE}, status=400)
        return _take(request, reader, sent)


@csrf_protect
def _take(request: HttpRequest, reader: User, sent: list[str]) -> HttpResponse:
    """Approve what was chosen, or say why nothing was."""
    seen = _read(sent)
    chosen = {number for number, _seen in seen}
    if len(seen) < len(sent):
        return _ask(request, reader, _("What was sent can’t be read. Choose again."), chosen, 400)
    try:
        lines = approve_many(user=reader, seen=seen, via=Via.PORTAL)
    except ValidationError as error:
        return _ask(request, reader, " ".join(error.messages), chosen, 400)
    return _tell(request, reader, lines)


def _read(sent: list[str]) -> list[tuple[int, str]]:
    """What was chosen, each with the digest of the version that was on the page; without what no page of ours sends."""
    pairs = [(number, digest) for number, _colon, digest in (value.partition(":") for value in sent)]
    return [
        (int(number), digest)
        for number, digest in pairs
        if number.isascii() and number.isdecimal() and len(number) <= LONGEST_NUMBER
    ]


def _of_posts(reader: User) -> QuerySet[Review]:
    """What waits and is seen at a glance: a strategy is read on a page of its own."""
    return waiting_for(reader).filter(subject_type__app_label="social")


def _waiting(request: HttpRequest, reader: User) -> QuerySet[Review]:
    """All that waits, or what goes out within a week."""
    found = _of_posts(reader)
    if request.GET.get("when") == "week":
        found = found.filter(Q(goes_out_at__lt=timezone.now() + WEEK) | Q(goes_out_at=None))
    return found


def _ask(
    request: HttpRequest, reader: User, notice: str = "", chosen: Collection[int] = (), status: int = 200
) -> HttpResponse:
    page = paged(request, _waiting(request, reader), "page", ROWS)
    versions = versions_under(reader, page.rows)
    rows = [review for review in page.rows if review.pk in versions]
    contents = [(review.client_id, versions[review.pk].content) for review in rows]
    found = previews_of_many(contents, of=[versions[review.pk].post for review in rows])
    drawn = [with_issues(previews, versions[review.pk]) for review, previews in zip(rows, found, strict=True)]
    steps = asked_now(rows)
    acts = acts_told([versions[review.pk] for review in rows])
    everything = request.method != "POST" and request.GET.get("all") == "1"
    shown = [
        Shown(
            review=review,
            when=spoken(review.goes_out_at, review.client.zone) if review.goes_out_at else "",
            by_when=by_when_of(review, steps),
            act=(act := acts.get(versions[review.pk].pk)),
            previews=[] if act and act.takes_down else previews,
            chosen=review.pk in chosen or everything,
        )
        for review, previews in zip(rows, drawn, strict=True)
    ]
    context = {
        "page": page,
        "shown": shown,
        "notice": notice,
        "week": request.GET.get("when") == "week",
        "staff": is_staff(reader),
        "signed_in": True,
    }
    return showing(say(request, "portal/many.html", context, status=status), chain.from_iterable(drawn))


def _tell(request: HttpRequest, reader: User, lines: list[Line]) -> HttpResponse:
    context = {
        "lines": lines,
        "approved": sum(line.approved for line in lines),
        "waiting": _of_posts(reader).count(),
        "staff": is_staff(reader),
        "signed_in": True,
    }
    return say(request, "portal/many_done.html", context)
