"""A worker dies by SIGKILL in the middle of a list, and again: counted at the mail server, nobody got two."""

import signal
from functools import partial
from pathlib import Path

import pytest
from django.utils import timezone

from newsletter.models import Copy
from social.models import Publication, PublicationState
from tests.newsletter.mailing import Mailing, due
from tests.processes import beat, wait_until, worker
from tests.servers.smtp import MailServer, _mail_server, mail_server
from tests.world import World

__all__ = ["_mail_server", "mail_server"]
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
MANY, KILLS = 120, 3


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
            # As if the clock had gone on to the end of the dead worker's lease.
            mine = Publication.objects.filter(pk=publication.pk, state=PublicationState.PUBLISHING)
            mine.update(wake_at=timezone.now())
        with worker(tmp_path):
            wait_until(
                lambda: Publication.objects.get(pk=publication.pk).state == PublicationState.PUBLISHED, "the end"
            )
    got = mailing.got()
    assert set(got.values()) == {1}
    states = list(mailing.copies().values())
    uncertain = states.count("uncertain")
    assert uncertain <= KILLS
    assert states.count("sent") == MANY - uncertain
    # Whoever is sent has it; of the uncertain ones each has it or has not.
    assert MANY - uncertain <= len(got) <= MANY
    sent = set(Copy.objects.filter(state="sent").values_list("reader__email", flat=True))
    assert sent <= set(got)
