"""What the APIs of most networks have in common: one wire, one token, nothing of either ever repeated."""

from types import TracebackType
from typing import Any, Self

from django.utils.translation import gettext_lazy as _

from social.networks.asking import PUBLIC
from social.networks.base import Account, CredentialsRefused
from social.networks.wire import Wire


class Wired:
    """One account's connection to its network for one piece of work: used by one thread, closed by `with`."""

    _wire: Wire

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._wire.__exit__(kind, error, trace)


def access_token(network: str, account: Account) -> str:
    """The token that the channel was connected with. Raises `CredentialsRefused` where it has none."""
    token = str(account.credentials.get("access_token") or "")
    if not token:
        raise credentials_refused(network)
    return token


def credentials_refused(network: str) -> CredentialsRefused:
    """The outcome where the channel's token is none, or none any more."""
    sentence = _("%(network)s does not accept this channel's credentials any more. Connect the channel again.")
    return CredentialsRefused(sentence, code="credentials_refused", params={"network": network})


def secrets_of(account: Account) -> list[Any]:
    """What may never be repeated: all of its credentials but what is `PUBLIC`, and what this installation's app is known by."""
    app = (value for name, value in account.app.items() if name != "scopes")
    return [*(value for name, value in account.credentials.items() if name not in PUBLIC), *app]
