"""Networks whose access tokens end: they know which of their refresh tokens may be used up."""

import threading
from typing import Any, ClassVar

from tests.chaos.record import Record
from tests.servers.bad_days import Answer, Between, Call, Fault
from tests.servers.wire import Request


class Renews(Record, Between):
    """What such a network has of its own.

    ``renewal``: the call that renews; ``lasts``: seconds that a token is good for; ``rotates``: a refresh token is good once.
    """

    renewal: ClassVar[str]
    lasts: ClassVar[float] = 7200.0
    rotates: ClassVar[bool] = True
    token: str
    refresh: str
    _ids: Any

    def __init__(self) -> None:
        super().__init__()
        self.came: list[str] = []  # the refresh tokens of which nobody can say that the network has not used them up
        self._meets = threading.local()

    def next(self, method: str, path: str) -> Fault | None:
        """Note what the call meets."""
        self._meets.fault = super().next(method, path)
        return self._meets.fault  # type: ignore[no-any-return]

    def hear(self, call: Call) -> None:
        """A renewal that came whole counts, unless it is answered that the network was not to be had."""
        super().hear(call)
        if not self.rotates or f"{call.method} {call.path}" != self.renewal or isinstance(self._meets.fault, Answer):
            return
        if token := Request(call).fields.get("refresh_token"):
            self.came.append(str(token))

    def end_token(self) -> None:
        """Hours before its time."""
        self.token = f"ended-{next(self._ids)}"

    def anew(self) -> dict[str, str]:
        """What a person gets who signs in once more."""
        with self._turn:
            self.sign_in()
            return {"access_token": self.token, "refresh_token": self.refresh}

    def sign_in(self) -> None:
        """New tokens; the ones before are over."""
        raise NotImplementedError
