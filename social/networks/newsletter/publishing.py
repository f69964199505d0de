"""Sending an issue, copy by copy, in rounds; whoever died in the middle, whoever has begun nothing goes on.

A round ends after a minute, or where the list's mails an hour are used up, or where nothing may be tried for now: others go
first then (`NotReady`). Within it the journal is told every few seconds, and whether all of the client's is stopped is asked
with each copy: none is begun after that.
"""

import datetime as dt
import time
from collections.abc import Iterator
from email.errors import MessageError
from typing import Final, Self

from django.utils import translation
from django.utils.functional import lazy
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from social.networks.base import (
    Account,
    CannotTell,
    Content,
    CredentialsRefused,
    Identity,
    Journal,
    Keys,
    NetworkError,
    NotReady,
    Numbers,
    Published,
    Refused,
    Stopped,
    Throttled,
    Unknown,
)
from social.networks.newsletter import wire
from social.networks.newsletter.mails import Mails
from social.networks.newsletter.post_room import Envelope, House, PostRoom, Tally
from social.networks.newsletter.sender import Sender, identity_of, require_own, sender_of
from social.networks.newsletter.writing import write

ROUND_SECONDS: Final = 60.0
BATCH: Final = 50
WORD_SECONDS: Final = 5.0  # so often the journal is told
PER_CONNECTION: Final = 100
IN_A_ROW: Final = 5  # that were refused for nothing of their own: it is about us
FEW: Final = 10  # fewer than so many in a round may be refused like that beside others that are taken,
ONE_IN: Final = 10  # or one in so many: more than both is about us
HOUR: Final = dt.timedelta(hours=1)
_BEGUN: Final = "begun"


def publish(room: PostRoom, account: Account, content: Content, keys: Keys, journal: Journal) -> Published:
    """Lay out what is not laid out yet, send what waits; see `Network.publish`."""
    sender = sender_of(account)
    require_own(account, sender)
    house = _house(room, account)
    with translation.override(house.language):
        return _publish(room, account, sender, house, content, keys, journal)


def _publish(  # noqa: PLR0913 - all that a publication has
    room: PostRoom, account: Account, sender: Sender, house: House, content: Content, keys: Keys, journal: Journal
) -> Published:
    key, page = keys["key"], keys["page"]
    written = room.laid_out(account.handle, key)
    if written is None:
        if not room.readers(account.handle):
            raise Refused(_("Nobody has signed up to this newsletter yet: it goes to nobody."), code="no_readers")
        written = write(content, house, room.page_address(page))
        room.lay_out(account.handle, key, page, written)
    room.give_up_begun(account.handle, key)  # this publication is ours: whoever had begun is not there any more
    mails = Mails.of(written, content.media, sender, account.handle, key)
    try:
        with _Round(room, account.handle, sender, mails, journal) as sending:
            sending.run()
    except Refused as error:
        tally = room.tally(account.handle, key)
        if isinstance(error, CredentialsRefused) or tally is None or not tally.out:
            raise
        raise _in_part(error, tally) from None
    return _ended(room, account.handle, keys)


def find(room: PostRoom, account: Account, keys: Keys) -> Published | None:
    """What is left to send has still to go out; what was begun is given up. See `Network.find`."""
    room.give_up_begun(account.handle, keys["key"])
    tally = room.tally(account.handle, keys["key"])
    if tally is None or not tally.is_over or not (tally.out or tally.uncertain):
        return None
    if not tally.out:
        raise CannotTell(_ALL_UNCERTAIN, code="all_uncertain")
    return _published(room, keys, tally)


def identity(room: PostRoom, account: Account) -> Identity:
    """Sign in, and say what is known of the list."""
    sender = sender_of(account)
    with wire.MailServer(sender) as server:
        most = server.most_bytes
    house = room.house(account.handle)
    allows = {
        "readers": room.readers(account.handle),
        "imprint": bool(house and house.imprint.strip()),
        "mail_bytes": most,
    }
    return Identity(identity_of(sender), account.handle, sender.name or sender.address, allows)


def read_back(room: PostRoom, account: Account, live: Published) -> Published | None:
    """The page, if it is there."""
    return live if room.laid_out(account.handle, live.remote_id) else None


def numbers(room: PostRoom, account: Account, live: Published) -> Numbers:
    """To how many it was handed over, and has not come back."""
    tally = room.tally(account.handle, live.remote_id)
    if tally is None:
        raise Refused(_("There is no such issue here any more."), code="gone")
    return Numbers(reach=tally.sent)


def _house(room: PostRoom, account: Account) -> House:
    found = room.house(account.handle)
    if found is None or account.server:
        raise Refused(_("This newsletter has no list yet."), code="no_list")
    if not found.imprint.strip():
        sentence = _("The list has no imprint yet: no mail may go out that does not say who sends it.")
        raise Refused(sentence, code="no_imprint")
    return found


class _Round:
    """One round of one issue, over as many connections as it needs, one after the other."""

    def __init__(self, room: PostRoom, handle: str, sender: Sender, mails: Mails, journal: Journal) -> None:
        self._room, self._handle, self._sender, self._mails, self._journal = room, handle, sender, mails, journal
        self._until = time.monotonic() + ROUND_SECONDS
        self._told = 0.0
        self._noes: list[tuple[int, wire.Answer]] = []  # in a row, that say nothing of an address
        self._taken = self._believed = 0
        self._per_connection = PER_CONNECTION
        self._may_be_limit = True
        self._server: wire.MailServer | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self._end_noes()
        self._hang_up(*exception)

    def run(self) -> None:
        """Send until nothing waits; raises where something has to wait (see the module)."""
        for envelope in self._waiting():
            self._connected()  # before anything is begun
            self._tell()
            if self._room.begin(envelope.copy):
                self._send(envelope)
            elif self._room.is_stopped(self._handle):
                text = _("Everything of this client is stopped. What is not out yet waits.")
                raise Stopped(text, code="stopped")
        refused = self._end_noes()
        if refused is not None:
            raise wire.no(refused)

    def _waiting(self) -> Iterator[Envelope]:
        while True:
            sender = self._sender
            batch = self._room.waiting(
                self._handle, self._mails.key, self._batch(), sender.address, sender.bounce_domain
            )
            if not batch:
                return
            for envelope in batch:
                if time.monotonic() >= self._until:
                    raise self._so_far("going_on", _in(1))
                yield envelope

    def _batch(self) -> int:
        """How many may be begun now. Raises ``NotReady`` where the list has had its mails of this hour."""
        if not self._sender.most_an_hour:
            return BATCH
        left, at = self._room.free(self._handle, self._sender.most_an_hour, HOUR)
        if not left:
            raise self._so_far("hour_used_up", at)
        return min(BATCH, left)

    def _connected(self) -> wire.MailServer:
        if self._server is not None and self._server.is_open and self._server.mails < self._per_connection:
            return self._server
        self._hang_up(None)
        self._server = wire.MailServer(self._sender)
        return self._server.__enter__()

    def _hang_up(self, *exception: object) -> None:
        if self._server is not None:
            self._server.__exit__(*exception)
            self._server = None

    def _tell(self) -> None:
        """From here on readers may have it. Raises ``LeaseLost`` where somebody else goes on."""
        if time.monotonic() - self._told >= WORD_SECONDS:
            self._journal.sending()
            self._told = time.monotonic()

    def _send(self, envelope: Envelope) -> None:
        room, copy = self._room, envelope.copy
        try:
            mail = self._mails.mail(envelope)
        except (ValueError, MessageError) as error:  # an address that no header can hold
            room.refused(copy, f"{type(error).__name__}: {envelope.email}", gone=False)
            return
        try:
            answer = self._given(envelope, mail)
        except wire.Doubtful:
            room.uncertain(copy, gettext("The mail server has it, and has not said whether it takes it."))
            return
        except NetworkError:
            room.put_back(copy)
            raise
        self._write_down(copy, answer)

    def _given(self, envelope: Envelope, mail: bytes) -> wire.Answer:
        """What the server says to it. A “not now” in the middle of a connection may be of that alone: a new one is tried.

        Where that helps, so many mails are a connection's, for this round; where not, no other one is tried for it.
        """
        server = self._connected()
        if not server.mails or not self._may_be_limit:
            return _offered(server, envelope, mail)
        carried = server.mails
        try:
            answer = _offered(server, envelope, mail)
            if not answer.later or answer.of_address:
                return answer
        except Throttled:
            pass
        self._hang_up(None)
        again = _offered(self._connected(), envelope, mail)
        if again.taken:
            self._per_connection = carried
        else:
            self._may_be_limit = False
        return again

    def _write_down(self, copy: int, answer: wire.Answer) -> None:
        if answer.taken:
            self._room.took(copy)
            self._taken += 1
            self._believe_noes()
            self._note_begun()
        elif answer.of_sender:
            self._give_back(copy)
            raise wire.no(answer)
        elif answer.of_address:
            self._refuse(copy, answer)
        else:
            self._doubt(copy, answer)

    def _doubt(self, copy: int, answer: wire.Answer) -> None:
        """A no that may be about us: where all are told the same, none of them is refused. Raises what it means then."""
        self._noes.append((copy, answer))
        if len(self._noes) >= IN_A_ROW or self._are_many():
            self._give_back()
            raise wire.no(answer)

    def _are_many(self) -> bool:
        """Whether more were refused for good than a server refuses that takes the others: some of it is about us."""
        noes = self._believed + sum(not answer.later for _copy, answer in self._noes)
        return noes >= FEW and noes * ONE_IN > self._taken

    def _believe_noes(self) -> None:
        """Others are taken: these were about their copies."""
        for copy, answer in self._noes:
            self._believed += not answer.later
            self._refuse(copy, answer)
        self._noes.clear()

    def _give_back(self, *copies: int) -> None:
        """They wait as before, with those that were in doubt."""
        for copy in (*(one for one, _answer in self._noes), *copies):
            self._room.put_back(copy)
        self._noes.clear()

    def _end_noes(self) -> wire.Answer | None:
        """Where the round ends on them. Of an issue that nobody has got nobody was refused for good: the last such no."""
        tally = self._room.tally(self._handle, self._mails.key) if self._noes else None
        if tally is None or tally.out:
            self._believe_noes()
            return None
        last = None
        for copy, answer in self._noes:
            if answer.later:
                self._refuse(copy, answer)
            else:
                self._room.put_back(copy)
                last = answer
        self._noes.clear()
        return last

    def _refuse(self, copy: int, answer: wire.Answer) -> None:
        said = f"{answer.code} {answer.said}"
        if answer.later:
            self._room.later(copy, said)
        else:
            self._room.refused(copy, said, gone=answer.gone)

    def _note_begun(self) -> None:
        """Some have it now: whatever comes, it is no longer nothing."""
        if self._journal.given(_BEGUN) is None:
            self._journal.sent(_BEGUN, {})
            self._journal.sending()

    def _so_far(self, code: str, at: dt.datetime) -> NotReady:
        tally = self._room.tally(self._handle, self._mails.key) or Tally()
        return NotReady(_("On its way: %(told)s."), code=code, params={"told": _told_lazily(tally)}, retry_at=at)


def _offered(server: wire.MailServer, envelope: Envelope, mail: bytes) -> wire.Answer:
    answer = server.offer(envelope.bounces_to, envelope.email, len(mail))
    return server.send(mail) if answer.taken else answer


def _in_part(error: Refused, tally: Tally) -> Refused:
    """What stops an issue that some have got: with how the copies stand, since it is not that nothing went out."""
    params = {"why": lazy(lambda: error.detail, str)(), "told": _told_lazily(tally)}
    return Refused(_("%(why)s So far: %(told)s."), code=error.code, params=params, said=error.said)


def _ended(room: PostRoom, handle: str, keys: Keys) -> Published:
    tally = room.tally(handle, keys["key"]) or Tally()
    if not tally.is_over:
        text, params = _("On its way: %(told)s."), {"told": _told_lazily(tally)}
        raise NotReady(text, code="tried_again", params=params, retry_at=tally.next_at or _in(60))
    if tally.out:
        return _published(room, keys, tally)
    if tally.uncertain:
        raise Unknown(_ALL_UNCERTAIN, code="all_uncertain")
    params = {"told": _told_lazily(tally)}
    raise Refused(_("No mail server has taken it for anybody: %(told)s."), code="nobody_got_it", params=params)


_ALL_UNCERTAIN = _("No copy is surely out, and some may be. The mail server's own log can tell.")


def _published(room: PostRoom, keys: Keys, tally: Tally) -> Published:
    return Published(keys["key"], room.page_address(keys["page"]), detail=_told_lazily(tally))


def told(tally: Tally) -> str:
    """How the copies stand, in words."""
    counts = [
        (tally.out, ngettext("%(count)d sent", "%(count)d sent", tally.out)),
        (tally.waiting, ngettext("%(count)d waits", "%(count)d wait", tally.waiting)),
        (tally.refused, ngettext("%(count)d refused", "%(count)d refused", tally.refused)),
        (tally.uncertain, ngettext("%(count)d uncertain", "%(count)d uncertain", tally.uncertain)),
        (tally.skipped, ngettext("%(count)d signed off before", "%(count)d signed off before", tally.skipped)),
        (tally.bounced, ngettext("%(count)d came back", "%(count)d came back", tally.bounced)),
    ]
    return ", ".join(words % {"count": count} for count, words in counts if count)


_told_lazily = lazy(told, str)


def _in(seconds: int) -> dt.datetime:
    return dt.datetime.now(dt.UTC) + dt.timedelta(seconds=seconds)
