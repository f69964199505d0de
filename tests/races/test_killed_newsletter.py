"""A worker dies by SIGKILL in the middle of a list, and again: counted at the mail server, nobody got two."""

import signal
import time
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
from django.utils import timezone

from newsletter.models import Copy
from social.models import Publication, PublicationState
from social.services import clock, holding, settling
from tests.newsletter.mailing import Mailing, due
from tests.processes import beat, wait_until, worker
from tests.servers.smtp import MailServer, _mail_server, mail_server
from tests.world import World

__all__ = ["_mail_server", "mail_server"]
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
MANY, KILLS = 120, 3
RESTS = timedelta(seconds=75)  # and half a minute more until somebody looks: less than two minutes


def _sent(server: MailServer, many: int) -> bool:
    return len(server.mails) >= many


def test_killed_again_and_again_and_nobody_gets_two(
    transactional_db: None, mail_server: MailServer, tmp_path: Path
) -> None:
    mailing = Mailing(World(), mail_server)
    mailing.many(MANY)
    publication = due(mailing)
    mail_server.slow = 0.02
    with beat(tmp_path):
        for kill in range(1, KILLS + 1):
            with worker(tmp_path) as one:
                wait_until(partial(_sent, mail_server, kill * MANY // (KILLS + 2)), "mails")
                one.send_signal(signal.SIGKILL)
                one.wait()
            assert len(mail_server.mails) < MANY
            # Its lease ends soon, though a mail may take minutes: whoever lives holds a lock beside it.
            lease = Publication.objects.values_list("wake_at", flat=True).get(pk=publication.pk)
            assert lease is not None
            assert lease - clock.now() <= RESTS
            # As if the clock had gone on to the end of the dead worker's lease.
            mine = Publication.objects.filter(pk=publication.pk, state=PublicationState.PUBLISHING)
            mine.update(wake_at=timezone.now())
        with worker(tmp_path):
            wait_until(
                lambda: Publication.objects.get(pk=publication.pk).state == PublicationState.PUBLISHED, "the end"
            )
    _nobody_got_two(mailing, KILLS)


def test_two_at_once_send_nobody_two(
    transactional_db: None, mail_server: MailServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The lease of a living worker ends, and its lock is lost, too: another one goes on beside it."""
    mailing = Mailing(World(), mail_server)
    mailing.many(MANY)
    publication = due(mailing)
    mail_server.slow = 0.02
    with beat(tmp_path), worker(tmp_path), worker(tmp_path):
        for turn in range(1, KILLS + 1):
            wait_until(partial(_sent, mail_server, turn * MANY // (KILLS + 2)), "mails")
            mine = Publication.objects.filter(pk=publication.pk, state=PublicationState.PUBLISHING)
            # What a sweep's message to end the lease does where nobody is seen to hold it.
            with monkeypatch.context() as there:
                there.setattr(holding, "is_held", lambda _publication: False)
                mine.update(wake_at=clock.now())
                settling.end_lease(publication_id=publication.pk)
        wait_until(lambda: Publication.objects.get(pk=publication.pk).state == PublicationState.PUBLISHED, "the end")
        time.sleep(1)  # whoever was still at it has said so
    assert publication.attempts.filter(outcome="unknown").count() >= 1
    _nobody_got_two(mailing, KILLS)


def _nobody_got_two(mailing: Mailing, most_uncertain: int) -> None:
    got = mailing.got()
    assert set(got.values()) == {1}
    states = list(mailing.copies().values())
    uncertain = states.count("uncertain")
    assert uncertain <= most_uncertain
    assert states.count("sent") == MANY - uncertain
    # Whoever is sent has it; of the uncertain ones each has it or has not.
    assert MANY - uncertain <= len(got) <= MANY
    sent = set(Copy.objects.filter(state="sent").values_list("reader__email", flat=True))
    assert sent <= set(got)
