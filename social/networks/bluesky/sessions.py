"""Sessions with Bluesky: signed in once, shared by all workers, renewed before and when they run out.

Signing in is limited to 30 in 5 minutes and 300 a day for an account
(https://docs.bsky.app/docs/advanced-guides/rate-limits), so a session is shared by all threads of a process and, where there
is a `Keeper`, by all processes. An access token lives about two hours; the refresh token that renews it lives weeks and
changes with each renewal. Who signs in or renews holds the account's turn: all others of that account, in whatever process,
wait for the session that comes of it.

A server forgets the sessions of an app password together with it: a renewal proves that the password is still accepted, and
takes nothing of that limit.
"""

import base64
import hashlib
import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from dataclasses import asdict, dataclass, field
from typing import Any, TypeVar

from django.utils.translation import gettext_lazy as _

from social.networks.base import Account, NotSent, Refused
from social.networks.bluesky import keeping
from social.networks.bluesky.keeping import Held
from social.networks.bluesky.wire import TokenRefused, Wire, credentials_refused, not_active

SIGN_IN_SECONDS = 15.0
_WAIT_SECONDS = 2 * SIGN_IN_SECONDS
_SPARE_SECONDS = 60

_Answer = TypeVar("_Answer")


@dataclass(frozen=True, slots=True)
class Session:
    """Who we are on the server, and the tokens that prove it. `expires_at` is in seconds since 1970."""

    did: str
    handle: str
    access: str = field(repr=False)
    refresh: str = field(repr=False)
    expires_at: float

    @property
    def runs_out(self) -> bool:
        """True from a minute before the access token ends."""
        return time.time() > self.expires_at - _SPARE_SECONDS


@dataclass(slots=True)
class _Slot:
    """The session of one account, and the password it was made with, hashed."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    session: Session | None = None
    password: str = ""


class Sessions:
    """The sessions of this process, and, where there is a `Keeper`, of all."""

    def __init__(self) -> None:
        self._slots: dict[tuple[str, str], _Slot] = {}
        self._lock = threading.Lock()

    def signed_in(self, wire: Wire, account: Account, call: Callable[[Session], _Answer]) -> _Answer:
        """Make a call with a session; where its token is refused, renew it and make the call once more.

        Raises:
            CredentialsRefused: the app password is not accepted, or a token that was just made is not.
            Refused: the session is not of the account that it must be; nothing was called.
        """
        session = self._current(wire, account)
        _same_account(session, account)
        try:
            return call(session)
        except TokenRefused:
            session = self._renewed(wire, account, stale=session)
        _same_account(session, account)
        try:
            return call(session)
        except TokenRefused as refused:
            raise credentials_refused(refused.said) from refused

    def afresh(self, wire: Wire, account: Account) -> Session:
        """Make a new session, whatever there is: the only proof that the password is still accepted."""
        with self._slot(wire, account) as slot:
            stale, slot.session = slot.session, None
            slot.session = self._made(wire, account, slot.password, stale, always=True)
            return slot.session

    def forget(self) -> None:
        """Drop all sessions of this process."""
        with self._lock:
            self._slots.clear()

    def _current(self, wire: Wire, account: Account) -> Session:
        with self._slot(wire, account) as slot:
            if slot.session is None or slot.session.runs_out:
                slot.session = self._made(wire, account, slot.password, slot.session)
            return slot.session

    def _renewed(self, wire: Wire, account: Account, *, stale: Session) -> Session:
        with self._slot(wire, account) as slot:
            if slot.session is None or slot.session is stale:  # else another thread renewed it meanwhile
                slot.session = None
                slot.session = self._made(wire, account, slot.password, stale)
            return slot.session

    def _made(
        self, wire: Wire, account: Account, password: str, stale: Session | None, *, always: bool = False
    ) -> Session:
        """A session in place of the stale one: another process' if it has a newer one, else renewed, else signed in."""
        with self._turn(wire, account) as held:
            kept = _kept(held.get(), password) if held else None
            if kept and not (always or kept.runs_out or (stale and kept.access == stale.access)):
                wire.hide(kept.access, kept.refresh)
                return kept
            last = kept or stale
            made = _renew(wire, account, last) if last else _sign_in(wire, account)
            if held:
                held.put({**asdict(made), "password": password})
            return made

    @contextmanager
    def _turn(self, wire: Wire, account: Account) -> Iterator[Held | None]:
        shared: AbstractContextManager[Held | None] = nullcontext()
        keeper = keeping.keeper()
        if keeper and account.channel:
            shared = keeper.turn(account.channel, min(_WAIT_SECONDS, wire.seconds_left()))
        with ExitStack() as stack:
            try:
                held = stack.enter_context(shared)
            except TimeoutError:
                raise _busy() from None
            yield held

    @contextmanager
    def _slot(self, wire: Wire, account: Account) -> Iterator[_Slot]:
        with self._lock:
            slot = self._slots.setdefault((account.server, account.handle), _Slot())
        if not slot.lock.acquire(timeout=min(_WAIT_SECONDS, wire.seconds_left())):
            raise _busy()
        try:
            password = hashlib.sha256(_password(account).encode("utf-8", "surrogatepass")).hexdigest()
            if slot.password != password:
                slot.session, slot.password = None, password
            yield slot
        finally:
            slot.lock.release()


def _busy() -> NotSent:
    return NotSent(_("Signing in to Bluesky took too long. Nothing was published."), code="sign_in_busy")


def _kept(found: Mapping[str, Any], password: str) -> Session | None:
    """The session that was kept, if it was made with this password."""
    if found.get("password") != password:
        return None
    return Session(**{name: value for name, value in found.items() if name != "password"})


def _sign_in(wire: Wire, account: Account) -> Session:
    """Make a session of handle and app password (`createSession`; needs no AppView)."""
    password = _password(account)
    if not password:
        raise credentials_refused("")
    data = {"identifier": account.handle.strip().removeprefix("@"), "password": password}
    try:
        answer = wire.step(wire.xrpc.server.create_session, data, seconds=SIGN_IN_SECONDS)
    except TokenRefused as refused:
        raise credentials_refused(refused.said) from refused
    return _session(wire, answer)


def _renew(wire: Wire, account: Account, stale: Session) -> Session:
    """Renew by the refresh token; where that is refused too, sign in again."""
    wire.hide(stale.access, stale.refresh)
    try:
        answer = wire.step(wire.xrpc.server.refresh_session, seconds=SIGN_IN_SECONDS, token=stale.refresh)
    except (TokenRefused, Refused):
        return _sign_in(wire, account)
    return _session(wire, answer)


def _session(wire: Wire, answer: Any) -> Session:
    wire.hide(answer.access_jwt, answer.refresh_jwt)
    if answer.active is False:
        raise not_active(str(answer.status or ""), str(answer.status or ""))
    return Session(
        did=answer.did,
        handle=answer.handle,
        access=answer.access_jwt,
        refresh=answer.refresh_jwt,
        expires_at=_expiry(answer.access_jwt),
    )


def _expiry(token: str) -> float:
    """When a JSON web token ends (RFC 7519, `exp`); never, where it does not say so in a way we read."""
    try:
        claims = token.split(".")[1]
        return float(json.loads(base64.urlsafe_b64decode(claims + "=" * (-len(claims) % 4)))["exp"])
    except (ValueError, IndexError, KeyError, TypeError):
        return float("inf")


def _password(account: Account) -> str:
    return str(account.credentials.get("app_password") or "")


def _same_account(session: Session, account: Account) -> None:
    if account.identity and account.identity != session.did:
        raise Refused(
            _("These credentials belong to %(handle)s, not to this channel's account. Nothing was published."),
            code="wrong_account",
            params={"handle": session.handle},
        )
