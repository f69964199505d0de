"""``Idempotency-Key`` (draft-ietf-httpapi-idempotency-key-header): a POST that is sent again does nothing twice.

The answer is remembered in the transaction that does what was asked: whoever is killed between the two has done neither.
"""

import re
from collections.abc import Callable
from contextlib import nullcontext
from functools import partial
from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.template.response import SimpleTemplateResponse
from django.utils.translation import gettext as _
from rest_framework.request import Request
from rest_framework.views import APIView

from accounts.models import ApiToken, User
from rest import services
from rest.fingerprints import fingerprint
from rest.models import KEY_LENGTH
from rest.services import FIELD, Asked, Said
from rest.standing import standing_of

REPLAYED = "Idempotency-Replayed"
HEADERS = ("Content-Type", "Location", "ETag")
# Whoever may, and how often, is asked anew each time; what broke on our side may be tried again.
NOT_KEPT = frozenset({401, 403, 404, 429})
BROKEN = 500
KEY = re.compile(r"[!-~]([ -~]*[!-~])?")
Handler = Callable[..., HttpResponseBase]
PARAMETER = {
    "name": FIELD,
    "in": "header",
    "required": False,
    "schema": {"type": "string", "minLength": 1, "maxLength": KEY_LENGTH, "pattern": f"^{KEY.pattern}$"},
    "description": "Of your choice, for this one request: sent again within 24 hours, nothing is done twice, and the first "
    "answer is given again.",
}


class Repeatable(APIView):
    """A view whose POSTs may carry a key.

    Each is done in one transaction, with its answer. Those named in ``in_parts`` commit more than once, or wait for
    somebody who has to see what they committed: their key is claimed before.
    """

    in_parts: ClassVar[frozenset[str]] = frozenset()

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Once it is clear who asks, and that they may, put the memory before what a POST does."""
        super().initial(request, *args, **kwargs)
        handler: Handler | None = getattr(self, "post", None)
        if request.method == "POST" and handler is not None and FIELD in request.headers:
            self.post = partial(self._once, handler)

    def _once(self, handler: Handler, request: Request, *args: Any, **kwargs: Any) -> HttpResponseBase:
        asked = _asked(request)
        work = partial(self._done, handler, request, args, kwargs)
        if getattr(self, "action", None) in self.in_parts:
            return _in_parts(asked, work)
        with transaction.atomic():
            if before := services.said_before(asked):
                return _again(before)
            answer = work(transaction.atomic)
            if _is_kept(answer):
                services.keep(asked, _said(answer))
            else:
                transaction.set_rollback(True)
        return answer

    def _done(
        self, handler: Handler, request: Request, args: Any, kwargs: Any, within: Callable[[], Any]
    ) -> HttpResponseBase:
        """The whole answer, also where that is an error: what was done until then is taken back with ``within``."""
        answer: HttpResponseBase
        try:
            with within():
                answer = handler(request, *args, **kwargs)
        except Exception as error:  # noqa: BLE001 - as DRF itself does around a handler
            answer = self.handle_exception(error)
        answer = self.finalize_response(request, answer, *args, **kwargs)  # type: ignore[arg-type]  # it takes any
        if isinstance(answer, SimpleTemplateResponse):
            answer.render()
        return answer


def _in_parts(asked: Asked, work: Callable[[Callable[[], Any]], HttpResponseBase]) -> HttpResponseBase:
    """A claim that is not fulfilled stays: whoever asks again is told that it broke off, and nothing is done twice."""
    with transaction.atomic():
        if before := services.said_before(asked):
            return _again(before)
        claimed = services.claim(asked)
    answer = work(nullcontext)
    if _is_kept(answer):
        services.fulfil(claimed, asked, _said(answer))
    elif answer.status_code < BROKEN:
        services.forget(claimed)
    return answer


def _asked(request: Request) -> Asked:
    """Raises ``ValidationError`` for what is no key, and what reading the body raises."""
    key = request.headers[FIELD]
    if not key:
        raise _no_key("blank", _("A key can’t be empty."))
    if len(key) > KEY_LENGTH:
        raise _no_key("max_length", _("A key has at most %(most)d characters.") % {"most": KEY_LENGTH})
    if not KEY.fullmatch(key):
        raise _no_key("not_ascii", _("A key is of printable ASCII characters."))
    user, token = request.user, request.auth
    if not isinstance(user, User) or not isinstance(token, ApiToken):
        raise TypeError("an idempotency key without a token")
    return Asked(token=token, key=key, digest=fingerprint(request), standing=standing_of(user))


def _no_key(code: str, text: str) -> ValidationError:
    return ValidationError({FIELD: ValidationError(text, code=code)})


def _is_kept(answer: HttpResponseBase) -> bool:
    return answer.status_code < BROKEN and answer.status_code not in NOT_KEPT


def _said(answer: HttpResponseBase) -> Said:
    body = answer.content if isinstance(answer, HttpResponse) else None
    headers = {name: answer[name] for name in HEADERS if name in answer}
    small = body is not None and len(body) <= services.MOST_BYTES
    return Said(answer.status_code, headers, body.decode() if body is not None and small else None)


def _again(said: Said) -> HttpResponse:
    answer = HttpResponse((said.body or "").encode(), status=said.status)
    del answer["Content-Type"]
    for name, value in {**said.headers, REPLAYED: "true"}.items():
        answer[name] = value
    return answer
