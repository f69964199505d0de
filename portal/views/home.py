"""The first page of who is signed in: what waits for them, what comes, what went out."""

from django.contrib.auth.decorators import login_required
from django.db.models import F, Q
from django.http import HttpRequest, HttpResponse
from django.utils import timezone, translation
from django.views.decorators.http import require_safe

from accounts.guarding import guarded
from approvals.mails import by_when_of
from approvals.selectors import asked_now, waiting_for
from clients.selectors import is_staff, own_language
from portal.asked_strategy import is_strategy
from portal.paging import paged
from portal.people import signed_in
from portal.speaking import say
from social.models import PostState, PublicationState
from social.selectors import posts, publications, with_content

COMING = [PostState.APPROVED, PostState.SCHEDULED, PostState.PUBLISHING]
ROWS = 10


@guarded
@login_required
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Three lists, each turned on its own."""
    reader = signed_in(request)
    now = timezone.now()
    coming = posts(reader).filter(Q(publish_at__gte=now) | Q(publish_at=None), state__in=COMING)
    out = publications(reader).filter(state=PublicationState.PUBLISHED).prefetch_related(None)
    language = own_language(reader)
    with translation.override(language):
        request.LANGUAGE_CODE = language
        waiting = paged(request, waiting_for(reader), "waiting", ROWS)
        steps = asked_now(waiting.rows)
        context = {
            "waiting": waiting,
            "waits": [(review, by_when_of(review, steps), is_strategy(review)) for review in waiting.rows],
            "posts_wait": sum(not is_strategy(review) for review in waiting.rows),
            "coming": paged(
                request,
                with_content(coming.order_by(F("publish_at").asc(nulls_last=True), "pk")),
                "coming",
                ROWS,
            ),
            "out": paged(request, out.order_by("-published_at", "-pk"), "out", ROWS),
            "staff": is_staff(reader),
            "signed_in": True,
        }
        return say(request, "portal/home.html", context)
