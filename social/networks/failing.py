"""What a call that failed means: the outcomes of the table in `social.networks.wire`, with their sentences."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import httpx
from django.utils.translation import gettext_lazy as _

from social.networks.hiding import Secrets
from social.networks.outcomes import CredentialsRefused, NetworkError, NotSent, Refused, Throttled, Unknown
from social.networks.throttling import Reset, retry_at
from social.networks.transport import Inside, TooMuch
from social.networks.unpacking import Unreadable

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

_NEVER_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)
_ANYBODYS = frozenset({408, 413, 429})  # mean the same, whoever says them: it took too long, is too heavy, is too much
_MOVED = frozenset({301, 308})


def is_a_no(status: int) -> bool:
    """Whether the status is a no that counts only where the network itself says it."""
    client_error = httpx.codes.is_client_error(status) and status not in _ANYBODYS
    return client_error or status == httpx.codes.NOT_IMPLEMENTED


@dataclass(frozen=True, slots=True)
class Failing:
    """How the failures of one call are told: of which network, without which secrets, and whether a reader could see it."""

    network: str
    secrets: Secrets = field(repr=False)
    visible: bool = False

    def of_status(self, status: int, headers: httpx.Headers, said: str, reset: Reset | None) -> NetworkError:
        """Return the outcome of an answer that is no 2xx."""
        if status == httpx.codes.UNAUTHORIZED:
            return self._error(
                CredentialsRefused,
                _("%(network)s does not accept this channel's credentials any more. Connect the channel again."),
                "credentials_refused",
                said,
            )
        if status == httpx.codes.TOO_MANY_REQUESTS:
            return self._throttled(headers, said, reset)
        if httpx.codes.is_redirect(status):
            return self._redirected(status, headers)
        if status == httpx.codes.REQUEST_TIMEOUT or httpx.codes.is_informational(status):
            return self.no_answer(said)
        if status < httpx.codes.INTERNAL_SERVER_ERROR or status == httpx.codes.NOT_IMPLEMENTED:
            sentence = _("%(network)s refused this. Nothing was published.")
            return self._error(Refused, sentence, "refused", said)
        return self._server_error(said)

    def of_error(self, error: Exception) -> NetworkError:
        """Return the outcome where no whole answer came back. The error itself may hold secrets: only its kind is told."""
        said = type(error).__name__
        if isinstance(error, NetworkError):
            return error
        if isinstance(error, Inside):
            return error.refused
        if isinstance(error, httpx.UnsupportedProtocol):
            return self.no_address()
        if isinstance(error, _NEVER_SENT):
            return self._error(NotSent, _("%(network)s could not be reached."), "unreachable", said)
        # h11's words for a connection that ends before the answer, or in the middle of it
        hung_up = isinstance(error, httpx.RemoteProtocolError) and "without sending" in str(error)
        garbage = isinstance(error, (Unreadable, httpx.RemoteProtocolError)) or isinstance(error.__cause__, TooMuch)
        return self.unreadable(said) if garbage and not hung_up else self.no_answer(said)

    def not_the_network(self, said: str) -> NetworkError:
        """Return the outcome where somebody between us and the network said no: a firewall, a page of maintenance."""
        if self.visible:
            return self._unclear("not_the_network", said)
        sentence = _(
            "Something else answered in place of %(network)s, such as a firewall. Nothing was published. If it stays so,"
            " check the channel's server."
        )
        return self._error(NotSent, sentence, "not_the_network", said)

    def no_answer(self, said: str) -> NetworkError:
        """Return the outcome where the connection broke or the time ran out after something was sent."""
        if self.visible:
            return self._unclear("no_answer", said)
        sentence = _("%(network)s did not answer in time. Nothing was published.")
        return self._error(NotSent, sentence, "no_answer", said)

    def unreadable(self, said: str) -> NetworkError:
        """Return the outcome where something came back that is not what was asked for."""
        if self.visible:
            return self._unclear("answer_not_readable", said)
        sentence = _("%(network)s answered something that can't be read. Nothing was published.")
        return self._error(NotSent, sentence, "answer_not_readable", said)

    def no_time_left(self) -> NetworkError:
        """Return the outcome where the whole work took too long already."""
        return self._error(NotSent, _("%(network)s took too long before anything was sent."), "no_time_left", "")

    def no_address(self) -> NetworkError:
        """Return the outcome where an address that the network gave is none that can be called."""
        sentence = _("%(network)s gave an address that can't be used. Nothing was published.")
        return self._error(Refused, sentence, "server_not_valid", "")

    def unsendable(self, part: str) -> NetworkError:
        """Return the outcome where a part of the request (the name of a header, `body`) can't be sent as HTTP."""
        if part.lower() == "authorization":
            return self._error(
                CredentialsRefused,
                _("The credentials for %(network)s hold a character that can't be sent. Connect the channel again."),
                "credentials_refused",
                "",
            )
        sentence = _("Something for %(network)s holds a character that can't be sent. Nothing was published.")
        return self._error(Refused, sentence, "request_not_valid", part)

    def _throttled(self, headers: httpx.Headers, said: str, reset: Reset | None) -> NetworkError:
        return Throttled(
            _("%(network)s asks to wait: too many requests for this account."),
            code="throttled",
            params={"network": self.network},
            said=said,
            retry_at=retry_at(headers, reset),
        )

    def _redirected(self, status: int, headers: httpx.Headers) -> NetworkError:
        where = headers.get("location", "").partition("?")[0]
        said = self.secrets.said(f"HTTP {status} {where}")
        if status not in _MOVED and self.visible:
            return self._unclear("redirected", said)
        sentence = _("%(network)s sends us on to another address. Check the channel's server.")
        return self._error(Refused if status in _MOVED else NotSent, sentence, "redirected", said)

    def _server_error(self, said: str) -> NetworkError:
        if self.visible:
            return self._unclear("server_error", said)
        sentence = _("%(network)s has trouble just now. Nothing was published.")
        return self._error(NotSent, sentence, "server_error", said)

    def _unclear(self, code: str, said: str) -> NetworkError:
        sentence = _("%(network)s gave no clear answer. We don't know yet whether the post went out.")
        return self._error(Unknown, sentence, code, said)

    def _error(self, kind: type[NetworkError], sentence: "StrOrPromise", code: str, said: str) -> NetworkError:
        return kind(sentence, code=code, params={"network": self.network}, said=said)
