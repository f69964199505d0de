"""The way to a network and back: sent with a state that is good once, and taken back only by who was sent (RFC 9700).

What keeps an answer from being replayed, swapped or late:

| somebody brings                               | what stops it |
|-----------------------------------------------|---------------|
| an answer twice                               | one conditional UPDATE uses the state up |
| an answer of another person's, channel's, client's | the state is bound to a cookie of the browser that was sent, and to its person |
| an answer of another network or server        | each has its own address to come back to; `iss` where it is given (RFC 9207) |
| a code that was taken on the way              | the code verifier (RFC 7636), which only we have, sealed; where the network has no PKCE for web apps (`OAuth.pkce`), the app's secret |
| a late one                                    | ten minutes |
| another account than before                   | what the network says of itself (`connecting.meant`) |

State and browser are kept as SHA-256, verifier and tokens sealed, and forgotten as soon as it has ended.
"""

import datetime as dt
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet, Subquery
from django.db.models.functions import JSONObject, Now
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.errors import Conflict
from accounts.models import User
from accounts.services import hash_secret
from audit.services import record
from clients.models import Client
from social import networks
from social.credentials import seal, unseal
from social.models import Channel, SignIn, SignInState
from social.networks.base import Account, Identity, NetworkError, Signed
from social.networks.signing_in import Visit, new_verifier
from social.services.apps import app_for, redirect_of
from social.services.awaiting import looks
from social.services.connecting import FORM, Connector, checked, connect, connect_others, count_try, record_others

LIFE = dt.timedelta(minutes=10)  # to say yes at the network, and then to choose
KEPT = dt.timedelta(days=1)  # how long one can read how it ended
MOST_AN_HOUR = 30
ANSWERED = dt.timedelta(minutes=3)  # for a worker to go on with what was brought
OPEN = (SignInState.SENT, SignInState.BACK, SignInState.ASKING, SignInState.CHOOSING)
WAITING = (SignInState.BACK, SignInState.ASKING)
TOO_LATE = gettext_lazy("It took too long, so nothing was connected.")
BROUGHT = ("code", "error", "iss")  # what counts of an answer
MOST_BROUGHT = 8_000  # characters of each


@dataclass(frozen=True)
class Departure:
    """Where the person goes now, and what their browser has to hold until they are back."""

    sign_in: SignIn
    address: str = field(repr=False)
    browser: str = field(repr=False)


def begin(*, by: Connector, channel: Channel, way: str = "") -> Departure:
    """Send somebody to the channel's network. A server that registers us by itself is asked first, outside transactions.

    Raises ``Conflict`` where that network has no such way, this installation no app there, or too many were begun; and
    what ``Connector.require`` raises.
    """
    by.require(channel)
    network = networks.get(channel.network)
    oauth = network.ways().get(way)
    if oauth is None:
        raise Conflict("no_sign_in", _("Accounts of this network are not connected by signing in."))
    hour = SignIn.objects.filter(channel=channel, created_at__gt=timezone.now() - dt.timedelta(hours=1))
    if hour.count() >= MOST_AN_HOUR:
        raise Conflict("too_many_sign_ins", _("Too many sign-ins were begun for this channel. Wait an hour."))
    redirect, verifier = redirect_of(network.slug, channel.server), new_verifier()
    state = secrets.token_urlsafe(32)
    try:
        app = app_for(network, channel.server, way)
        account = Account(channel.handle, channel.server, app=app)
        address = Visit(network.name, oauth, account, redirect, verifier).address(state)
    except NetworkError as error:
        raise Conflict(error.code or "network", error.detail) from None
    told = {"state_digest": hash_secret(state), "redirect": redirect, "expires_at": timezone.now() + LIFE}
    return replace(_depart(by, channel, way, {"verifier": verifier}, **told), address=address)


def find(*, state: str) -> SignIn | None:
    """The way that this state belongs to, whatever has become of it."""
    found = SignIn.objects.select_related("channel__client", "user", "ask")
    return found.filter(state_digest=hash_secret(state)).first() if state else None


def belongs_to(sign_in: SignIn, *, browser: str, user: User | None) -> bool:
    """Whether this is the browser that was sent, and, where its person was signed in here, whether they still are."""
    same = constant_time_compare(sign_in.browser_digest, hash_secret(browser))
    return same and (sign_in.ask_id is not None or (user is not None and user.pk == sign_in.user_id))


@transaction.atomic
def come_back(*, sign_in: SignIn, redirect: str, answer: Mapping[str, str]) -> SignIn:
    """Take what the network sent along, once. A worker goes on with it within a second or two (see ``finishing``).

    ``answer`` is the query of the address that they came back by; ``redirect`` that address. The caller has asked
    ``belongs_to``. Raises ``Conflict`` where it has been taken already, or is too late.
    """
    now = timezone.now()
    sign_in = SignIn.objects.select_for_update(of=("self",), no_key=True).get(pk=sign_in.pk)
    if sign_in.state != SignInState.SENT or sign_in.expires_at <= now:
        raise Conflict("answer_used", _("This sign-in was finished already, or took too long. Begin again."))
    brought = {name: answer[name][:MOST_BROUGHT] for name in BROUGHT if name in answer}
    sign_in.secret = seal({**unseal(sign_in.secret), "came_by": redirect, "answer": brought})
    sign_in.state, sign_in.wake_at, sign_in.expires_at = SignInState.BACK, now, now + ANSWERED
    sign_in.save(update_fields=["secret", "state", "wake_at", "expires_at"])
    return sign_in


@transaction.atomic
def bring(*, by: Connector, channel: Channel, credentials: Mapping[str, Any]) -> Departure:
    """Take credentials that were typed, for a worker to ask the network whose they are; what they lead to is read as of a way back.

    Raises ``ValidationError`` on ``credentials`` where they can't be the network's, ``Conflict`` after too many tries.
    """
    by.require(channel)
    given = checked(channel.network, credentials)
    if by.ask is not None:
        count_try(by.ask)
    now = timezone.now()
    secret = {need.name for need in networks.get(channel.network).needs if need.secret}
    shown = {name: value for name, value in given.items() if name not in secret}
    fields = {"state": SignInState.BACK, "wake_at": now, "expires_at": now + ANSWERED, "typed": shown}
    return _depart(by, channel, FORM, {"typed": given}, **fields)


@transaction.atomic
def bring_anew(*, user: User, channel: Channel, credentials: Mapping[str, Any]) -> SignIn:
    """Take new credentials that a manager typed for a channel that is connected; those from before hold until the network has taken these.

    What was typed before and is not answered yet ends. Raises what ``bring`` raises.
    """
    said = _("Other credentials were typed meanwhile.")
    rows = typed_for(channel).filter(state__in=OPEN)
    rows.update(state=SignInState.ENDED, secret="", code="changed_meanwhile", detail=said)
    return bring(by=Connector(user=user), channel=channel, credentials=credentials).sign_in


def typed_for(channel: Channel | OuterRef) -> QuerySet[SignIn]:
    """What managers typed for it."""
    return SignIn.objects.filter(channel=channel, way=FORM, ask=None)


def last_typed(channel: Channel) -> SignIn | None:
    """What a manager typed for it last, where that is being tried or was not taken, and nobody has connected it since."""
    last = typed_for(channel).order_by("-pk").first()
    if last is None or last.state == SignInState.DONE or (channel.renewed_at and channel.renewed_at > last.created_at):
        return None
    return last


def being_tried() -> QuerySet[SignIn]:
    """What was typed for the channel of an outer query and is not answered yet."""
    return typed_for(OuterRef("pk")).filter(state__in=WAITING, expires_at__gt=Now())


@dataclass(frozen=True)
class Refusal:
    """Why credentials that a manager typed were not taken: ``code`` for programs, ``detail`` in the language of who typed them."""

    client: Client
    code: str
    detail: str
    brought_at: dt.datetime


def with_typed(channels: QuerySet[Channel]) -> QuerySet[Channel]:
    """The same, each with what was typed for it last, as ``refusal_of`` reads it."""
    told = {name: name for name in ("state", "code", "detail", "created_at", "expires_at")}
    last = typed_for(OuterRef("pk")).order_by("-pk").values(row=JSONObject(**told))[:1]
    return channels.annotate(typed_last=Subquery(last), being_tried=Exists(being_tried()))


def refusal_of(channel: Channel) -> Refusal | None:
    """Why what was typed for a channel (one of ``with_typed``) last was not taken; None where it was, is being tried, or
    somebody has connected it since. Known for a day.
    """
    last: dict[str, str] | None = getattr(channel, "typed_last", None)
    if last is None or last["state"] == SignInState.DONE:
        return None
    brought_at, expires_at = (dt.datetime.fromisoformat(last[name]) for name in ("created_at", "expires_at"))
    waits = last["state"] in WAITING and expires_at > timezone.now()
    if waits or (channel.renewed_at and channel.renewed_at > brought_at):
        return None
    return Refusal(channel.client, last["code"] or "too_late", last["detail"] or str(TOO_LATE), brought_at)


def is_waiting(sign_in: SignIn) -> bool:
    """Whether a worker is still to say how it ends."""
    return sign_in.state in WAITING and sign_in.expires_at > timezone.now()


def await_end(*, channel: Channel, seconds: float) -> None:
    """Wait until what was typed for it is tried, at most so long. Outside any transaction.

    Raises ``ValidationError`` on ``credentials`` where the network has not taken them.
    """
    for _look in looks(seconds):
        last = last_typed(channel)
        if last is None or not is_waiting(last):
            break
    else:
        return
    if last is not None:
        raise ValidationError({"credentials": ValidationError(last.detail or TOO_LATE, code=last.code or "too_late")})


def _depart(by: Connector, channel: Channel, way: str, secret: Mapping[str, Any], **fields: Any) -> Departure:
    """A row of this way, which only the browser that holds what is made here may look at."""
    browser = secrets.token_urlsafe(32)
    sign_in = SignIn.objects.create(
        channel=channel,
        client_id=channel.client_id,
        user=by.user,
        ask=by.ask,
        way=way,
        browser_digest=hash_secret(browser),
        secret=seal(secret),
        **{"state_digest": hash_secret(secrets.token_urlsafe(32)), **fields},
    )
    return Departure(sign_in, "", browser)


def choices(sign_in: SignIn) -> list[Identity]:
    """The accounts to choose from; none where there is nothing to choose, or the time for it is over."""
    if sign_in.state != SignInState.CHOOSING or sign_in.expires_at <= timezone.now():
        return []
    return [Identity(**one["identity"]) for one in unseal(sign_in.secret)["accounts"]]


def choose(*, sign_in: SignIn, account: str) -> SignIn:
    """Connect this one of the accounts, by the network's id of it. The caller has asked ``belongs_to``.

    Raises ``Conflict`` where there is nothing to choose any more.
    """
    with transaction.atomic():
        sign_in = (
            SignIn.objects.select_for_update(of=("self",)).select_related("channel", "user", "ask").get(pk=sign_in.pk)
        )
        over = sign_in.state != SignInState.CHOOSING or sign_in.expires_at <= timezone.now()
        found: list[dict[str, Any]] = [] if over else unseal(sign_in.secret)["accounts"]
        one = next((one for one in found if one["identity"]["id"] == account), None)
        if one is None:
            raise Conflict("answer_used", _("This sign-in was finished already, or took too long. Begin again."))
        SignIn.objects.filter(pk=sign_in.pk).update(state=SignInState.ASKING, expires_at=timezone.now() + ANSWERED)
    signed = Signed(Identity(**one["identity"]), one["with"])
    others = [Signed(Identity(**one["identity"]), one["with"]) for one in found]
    try:
        return connect_as(sign_in, signed, others)
    except Conflict as conflict:
        return end(sign_in, conflict.code, str(conflict))


def connect_as(sign_in: SignIn, signed: Signed, opened: Sequence[Signed] = ()) -> SignIn:
    """The account is clear: connect it, unless the way has ended meanwhile. Raises ``Conflict``.

    ``opened``: all that the sign-in has opened, which may be for other channels of the client, too.
    """
    by = Connector(user=sign_in.user, ask=sign_in.ask)
    with transaction.atomic():
        mine = SignIn.objects.select_for_update(of=("self",), no_key=True).filter(state=SignInState.ASKING)
        if not mine.filter(pk=sign_in.pk).exists():
            raise Conflict("answer_used", _("This sign-in was finished already, or took too long. Begin again."))
        way = sign_in.way or "sign_in"
        others = connect_others(by=by, channel=sign_in.channel, signed=opened)
        connect(by=by, channel=sign_in.channel, signed=signed, way=way)
        record_others(by=by, channel=sign_in.channel, others=others, way=way)
        said = _connected(signed.identity, len(others))
        return end(sign_in, "", said, SignInState.DONE)


def _connected(account: Identity, others: int) -> str:
    params = {"account": account.name or account.handle, "others": others}
    if not others:
        return _("%(account)s is connected.") % params
    text = ngettext(
        "%(account)s is connected, and so is %(others)d other channel of this client that the same sign-in opens.",
        "%(account)s is connected, and so are %(others)d other channels of this client that the same sign-in opens.",
        others,
    )
    return text % params


@transaction.atomic
def end(sign_in: SignIn, code: str, detail: str, state: str = SignInState.ENDED) -> SignIn:
    """It is over: how, for its person to read; of tokens and verifier nothing is left."""
    rows = SignIn.objects.filter(pk=sign_in.pk, state__in=OPEN)
    if rows.update(state=state, secret="", code=code, detail=detail[:500]) and state == SignInState.ENDED:
        record(
            client_id=sign_in.client_id,
            actor=sign_in.user,
            verb="channel.not_connected",
            subject_type="channel",
            subject_id=sign_in.channel_id,
            code=code,
        )
    sign_in.refresh_from_db()
    return sign_in


def forget_ways(channel: Channel) -> None:
    """The locked channel becomes another account: who is on the way to the old one begins again."""
    said = _("The channel has become another account meanwhile. Begin again.")
    rows = SignIn.objects.filter(channel=channel, state__in=OPEN)
    rows.update(state=SignInState.ENDED, secret="", code="changed_meanwhile", detail=said)


def forget_old() -> int:
    """Nothing secret is left of ways that were never finished, and after a day nothing at all. How many rows went."""
    now = timezone.now()
    SignIn.objects.filter(state__in=OPEN, expires_at__lte=now).update(
        state=SignInState.ENDED, secret="", code="too_late"
    )
    return SignIn.objects.filter(expires_at__lte=now - KEPT).delete()[0]
