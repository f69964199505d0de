"""What Meta's errors mean: the table of `social.networks.meta`, with its sentences."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import httpx
from django.utils.translation import gettext_lazy as _

from social.networks.base import CredentialsRefused, NetworkError, NotSent, Refused, Throttled, Unknown
from social.networks.meta.reading import whole

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


class Missing(Refused):
    """Meta knows no such object, or does not show it to us."""


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a code means: the outcome's kind (None: a fault that passes), our code for it, and the sentence."""

    kind: type[NetworkError] | None
    code: str
    sentence: "StrOrPromise"


Meanings = Mapping[int | tuple[int, int], Meaning]
"""By code, or by code and subcode, which goes first."""

FAULT = Meaning(None, "server_error", _("%(network)s has trouble just now. Nothing was published."))
TOKEN = Meaning(
    CredentialsRefused,
    "credentials_refused",
    _("%(network)s does not accept this channel's token any more. Connect the channel again."),
)
SIGN_IN = Meaning(
    CredentialsRefused,
    "sign_in_needed",
    _("%(network)s asks the person who connected this channel to sign in there first. Then connect the channel again."),
)
PERMISSION = Meaning(
    Refused,
    "permission_missing",
    _("%(network)s says that a permission is missing. Connect the channel again and allow everything that is asked."),
)
LIMIT = Meaning(Throttled, "throttled", _("%(network)s asks to wait: too many requests for this account."))
POLICY = Meaning(
    Refused,
    "blocked_by_policy",
    _("%(network)s has blocked this account or this action for now. Look there for what it asks."),
)
DUPLICATE = Meaning(
    Refused, "duplicate", _("%(network)s does not take the same post twice in a row. Change the text a little.")
)
NO_LINK = Meaning(
    Refused, "link_not_readable", _("%(network)s could not read the page that the link leads to. Check the link.")
)
MISSING = Meaning(Missing, "missing", _("%(network)s has no such thing, or does not show it to this channel."))
CONTAINER_GONE = Meaning(NotSent, "container_gone", _("What was prepared has expired. It is prepared again."))
REFUSED = Meaning(Refused, "refused", _("%(network)s refused this. Nothing was published."))

COMMON: Meanings = {
    1: FAULT,
    2: FAULT,
    3: PERMISSION,
    4: LIMIT,
    10: PERMISSION,
    17: LIMIT,
    32: LIMIT,
    102: TOKEN,
    190: TOKEN,
    (190, 459): SIGN_IN,
    (190, 464): SIGN_IN,
    341: LIMIT,
    368: POLICY,
    467: TOKEN,
    506: DUPLICATE,
    613: LIMIT,
    803: MISSING,
    (100, 33): MISSING,
    1609005: NO_LINK,
    **dict.fromkeys(range(200, 300), PERMISSION),
    **dict.fromkeys(range(80000, 80015), LIMIT),
}


def meaning_of(found: Mapping[str, Any], status: int, meanings: Meanings) -> Meaning:
    """Return what an `error` of Meta's means; no fault that passes is ever taken for a bad token."""
    code, subcode = whole(found.get("code")) or 0, whole(found.get("error_subcode")) or 0
    meaning = meanings.get((code, subcode)) or meanings.get(code)
    if found.get("is_transient") is True and (meaning is None or meaning.kind is not Throttled):
        return FAULT
    if meaning is not None:
        return meaning
    if status == httpx.codes.UNAUTHORIZED:
        return TOKEN
    if status == httpx.codes.TOO_MANY_REQUESTS:
        return LIMIT
    return FAULT if status >= httpx.codes.INTERNAL_SERVER_ERROR else REFUSED


def outcome(meaning: Meaning, network: str, *, said: str, visible: bool, retry_at: dt.datetime) -> NetworkError:
    """Return the outcome for a meaning, of a quiet or a visible call."""
    params = {"network": network}
    if meaning.kind is None and visible:
        sentence = _("%(network)s gave no clear answer. We don't know yet whether the post went out.")
        return Unknown(sentence, code=meaning.code, params=params, said=said)
    if meaning.kind is Throttled:
        return Throttled(meaning.sentence, code=meaning.code, params=params, said=said, retry_at=retry_at)
    return (meaning.kind or NotSent)(meaning.sentence, code=meaning.code, params=params, said=said)


def said_by(status: int, found: Mapping[str, Any]) -> str:
    """What Meta said, the trace first, so that no cut loses it."""
    codes = "/".join(str(found[name]) for name in ("code", "error_subcode") if whole(found.get(name)) is not None)
    words = (found.get(name) for name in ("message", "error_user_title", "error_user_msg"))
    kept = dict.fromkeys(word for word in words if isinstance(word, str) and word)
    trace = str(found.get("fbtrace_id") or "-")[:40]
    return f"HTTP {status} fbtrace_id {trace} code {codes or '-'}: {' · '.join(kept)}"
