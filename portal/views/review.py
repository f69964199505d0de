"""One review for one person, however they came to it: shown on GET, answered by POST."""

from dataclasses import dataclass

from django import forms
from django.core.exceptions import ObjectDoesNotExist, PermissionDenied, ValidationError
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from accounts.errors import Conflict
from accounts.guarding import WITH_OUR_SCRIPT
from accounts.models import User
from approvals import selectors
from approvals.models import Link, Review, ReviewState, Verdict, Via
from approvals.overtaken import overtaken
from approvals.proof.gathering import may_take_proof
from approvals.remarks import PLACES
from approvals.services import decide, take_back
from approvals.services.codes import needs_code, send_code, spend_code
from portal.newer import newer_than
from portal.reviewing import ears_of, page_of
from portal.speaking import say, showing
from portal.views.talking import COMMENT, IN_THREAD, Typed, comment_on, speak_in_thread, typed_in

TAKE_BACK, NEW_CODE = "take_back", "new_code"
CODED = frozenset({*Verdict.values, TAKE_BACK, NEW_CODE})
OVER = frozenset({ReviewState.SUPERSEDED, ReviewState.WITHDRAWN})
VERBS = (COMMENT, TAKE_BACK, NEW_CODE, *sorted(IN_THREAD))


class Answer(forms.Form):
    """What a person sends back: a verdict on the words that they saw (``digest``), or just words.

    ``code`` is what a link may ask for (see ``approvals.services.codes``).
    """

    do = forms.ChoiceField(choices=[*Verdict.choices, *((verb, verb) for verb in VERBS)])
    digest = forms.CharField(required=False, max_length=64)
    words = forms.CharField(required=False, strip=False)
    code = forms.CharField(required=False, max_length=40)


@dataclass(frozen=True)
class Visit:
    """Who came, and which way: by ``link``, or signed in."""

    request: HttpRequest
    reader: User
    link: Link | None
    typed: Typed

    @property
    def via(self) -> Via:
        """The way, as the evidence calls it."""
        return Via.LINK if self.link else Via.PORTAL


def conduct(request: HttpRequest, reader: User, review: Review, link: Link | None = None) -> HttpResponse:
    """Show the review to ``reader``, or take their answer and send them back to it."""
    visit = Visit(request, reader, link, typed_in(request))
    if request.method != "POST":
        return _show(visit, review, Answer())
    form = Answer(request.POST)
    if not form.is_valid():
        return _show(visit, review, form, status=400)
    try:
        place = _take(visit, review, form)
    except ValidationError as error:
        _take_errors(visit, form, error)
        return _show(visit, review, form, status=400)
    except ObjectDoesNotExist:  # their role ended while they were reading
        raise Http404 from None
    except PermissionDenied as error:
        return _show(visit, review, form, str(error), 403)
    except Conflict as conflict:
        return _conflict(visit, review, form, conflict)
    return _show(visit, review, form) if place is None else redirect(request.path + place)


def _take_errors(visit: Visit, form: Answer, error: ValidationError) -> None:
    """Put what a service said beside what it speaks of."""
    if "code" in error.message_dict:
        form.add_error("code", ValidationError(error.message_dict["code"]))
        return
    visit.typed.take(error)
    for message in visit.typed.words_errors:
        form.add_error("words", message)


def _take(visit: Visit, review: Review, form: Answer) -> str | None:
    """Do what was asked; where on the page it is seen, or None where a code has to be typed first. What was said of a place goes along with a decision, or neither does."""
    do, words = form.cleaned_data["do"], form.cleaned_data["words"]
    reader, remark = visit.reader, visit.typed.remark
    if visit.typed.in_thread:
        ears = ears_of(reader, review, by_link=visit.via == Via.LINK)
        return f"#comment-{speak_in_thread(ears, review, visit.typed, words).pk}"
    if do == COMMENT:
        comment_on(review, reader, words, remark)
        return "#said"
    if not _proven(visit, form):
        return None
    if do == TAKE_BACK:
        take_back(review=review, user=reader, reason=words)
        return ""
    with transaction.atomic():
        if remark.given:
            comment_on(review, reader, "" if remark.instead() is not None else words, remark)
        digest = form.cleaned_data["digest"]
        decide(review=review, user=reader, digest=digest, verdict=do, comment=words, via=visit.via, link=visit.link)
    return ""


def _proven(visit: Visit, form: Answer) -> bool:
    """Whether it is sure who decides. Where the client wants it, a link alone is no proof: a code goes out by mail.

    Raises ``ValidationError`` on ``code`` for a wrong one, ``Conflict`` where too many were asked for.
    """
    if visit.link is None or not needs_code(visit.link):
        return True
    if form.cleaned_data["do"] == NEW_CODE or not form.cleaned_data["code"].strip():
        send_code(link=visit.link)
        return False
    spend_code(link=visit.link, typed=form.cleaned_data["code"])
    return True


def _conflict(visit: Visit, review: Review, form: Answer, conflict: Conflict) -> HttpResponse:
    """Something came in between. A second click of the same hand is no news; else what was typed is kept."""
    if visit.typed.in_thread:
        visit.typed.thread_errors = [str(conflict.detail)]
        return _show(visit, review, form, status=409)
    review = selectors.with_steps(selectors.reviews(visit.reader)).get(pk=review.pk)
    if conflict.code != "four_eyes" and _said_already(visit.reader, review, form):
        return redirect(visit.request.path)
    return _show(visit, review, form, _what_came(visit.reader, review, conflict), 409)


def _said_already(reader: User, review: Review, form: Answer) -> bool:
    """Whether the very same stands here already, and counts."""
    mine = selectors.decisions(reader, review).filter(actor=reader, seat__ended_at=None).last()
    if mine is None or mine.verdict != form.cleaned_data["do"] or review.state in OVER:
        return False
    words = form.cleaned_data["words"].replace("\r\n", "\n").strip()
    return not words or mine.comment == words


def _what_came(reader: User, review: Review, conflict: Conflict) -> str:
    if review.state == ReviewState.SUPERSEDED:
        change = overtaken(review)
        if change.same:
            return change.said
        said = _("While you were reading, %(who)s has changed the text. Your yes counts only for what you see.")
        return said % {"who": change.who}
    newer = newer_than(reader, review)
    if newer is None:
        return str(conflict.detail)
    said = _("This page is about version %(old)d, which is over: version %(new)d has a page of its own.")
    return said % {"old": review.version, "new": newer.review.version}


def _show(visit: Visit, review: Review, form: Answer, notice: str = "", status: int = 200) -> HttpResponse:
    by_link = visit.link is not None
    code = visit.link is not None and needs_code(visit.link) and form.is_bound
    page = page_of(visit.reader, review, by_link=by_link)
    context = {
        "page": page,
        "typed": visit.typed,
        "places": PLACES,
        "form": form,
        "notice": notice,
        "kept": bool(notice and form.data.get("words", "").strip()),
        "wrong": bool(form.errors or visit.typed.anchor_errors or visit.typed.suggestion_errors),
        "signed_in": not by_link,
        "proof": may_take_proof(review),
        "given": selectors.given(visit.reader, review),
        "code": code and form.data.get("do") in CODED,
        "mailed_to": visit.link.mailed_to if visit.link else "",
    }
    answer = say(visit.request, "portal/review.html", context, status=status)
    answer["Content-Security-Policy"] = WITH_OUR_SCRIPT
    return showing(answer, page.previews)
