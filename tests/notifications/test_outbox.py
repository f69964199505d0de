"""One mail for one seat's turn: written with the change, sent once, tried again, dropped when it is moot."""

import re
import threading
from datetime import timedelta

import pytest
from django.core import mail
from django.db import connections
from django.utils import timezone

from approvals.models import Link
from approvals.services import decide, open_link
from clients.models import Client
from notifications import services
from notifications.models import Notification, State
from social.services import edit_post, withdraw_post
from tests.notifications.mailserver import Server, server
from tests.notifications.reading import body
from tests.world import World, approve, review_of

__all__ = ["server"]


def states() -> list[tuple[str, str, str]]:
    found = Notification.objects.select_related("user").order_by("kind", "user__name")
    return [(n.kind, n.user.name, n.state) for n in found]


def test_the_client_s_turn_comes_with_a_link_for_them_alone(world: World) -> None:
    post = world.submitted()
    approve(post, world.elena)
    approve(post, world.marta)
    services.send_due()
    (message,) = [m for m in mail.outbox if m.to == ["cliente@filo.example"]]
    assert "Cantina Roero" in message.subject
    assert "Vendemmia" in message.subject
    text, html = body(message)
    found = re.search(r"/r/([\w-]{43})/", text)
    assert found
    assert found[0] in html
    assert "Oggi si vendemmia." in text
    assert "Oggi si vendemmia." in html
    assert "#7A1F3D" in html
    link = open_link(secret=found[1])
    assert link is not None
    assert (link.seat.user, link.mailed_to) == (world.cliente, "cliente@filo.example")
    assert found[1] not in Link.objects.values_list("digest", flat=True)


def test_staff_are_sent_to_the_admin_and_get_no_secret(world: World) -> None:
    post = world.submitted()
    services.send_due()
    (message,) = mail.outbox
    assert message.to == ["elena@filo.example"]
    assert f"/admin/approvals/review/{review_of(post).pk}/" in message.body
    assert not Link.objects.exists()


def test_one_mail_for_one_turn_however_often_it_is_asked(world: World) -> None:
    world.submitted()
    assert [services.send_due(), services.send_due()] == [1, 0]
    assert len(mail.outbox) == 1


def test_what_is_moot_is_not_sent(world: World) -> None:
    post = world.submitted()
    approve(post, world.elena)  # quicker than the mail
    withdraw_post(user=world.vito, post=post)
    services.send_due()
    assert states() == [
        ("turn", "Elena Riva", State.DROPPED),
        ("turn", "Marta Gallo", State.DROPPED),
        ("withdrawn", "Elena Riva", State.SENT),
        ("withdrawn", "Marta Gallo", State.SENT),
    ]


def test_who_voted_is_told_that_it_no_longer_counts(world: World) -> None:
    post = world.approved()
    services.send_due()
    mail.outbox.clear()
    edit_post(user=world.vito, post=post, text="Altro.")
    services.send_due()
    assert sorted(m.to[0] for m in mail.outbox) == ["cliente@filo.example", "elena@filo.example", "marta@filo.example"]


def test_switched_off_people_get_nothing(world: World) -> None:
    world.submitted()
    type(world.elena).objects.filter(pk=world.elena.pk).update(is_active=False)
    assert services.send_due() == 0
    assert states() == [("turn", "Elena Riva", State.DROPPED)]


def test_changes_asked_come_with_the_words(world: World) -> None:
    review = review_of(world.submitted())
    decide(review=review, user=world.elena, digest=review.digest, verdict="request_changes", comment="Manca il prezzo.")
    services.send_due()
    (message,) = [m for m in mail.outbox if m.to == ["vito@filo.example"]]
    assert "Manca il prezzo." in message.body


def test_a_subject_can_not_break_the_header(world: World) -> None:
    Client.objects.filter(pk=world.winery.pk).update(name="Cantina\r\nBcc: tutti@example.org")
    world.submitted(title="uno <b>due</b>")
    assert services.send_due() == 1
    (message,) = mail.outbox
    assert "\n" not in message.subject
    assert message.message()["Bcc"] is None


def test_a_sender_that_died_is_followed_by_another_after_its_lease(world: World) -> None:
    world.submitted()
    (taken,) = services.claim_due()  # and then the worker is killed
    assert services.claim_due() == []
    Notification.objects.filter(pk=taken.pk).update(wake_at=timezone.now() - timedelta(seconds=1))
    assert services.send_due() == 1
    assert len(mail.outbox) == 1


def test_a_server_that_refuses_gets_it_later_and_once(world: World, server: Server) -> None:
    world.submitted()
    waits = []
    while not server.taken:
        services.send_due()
        row = Notification.objects.get()
        if row.state == State.QUEUED:
            waits.append(row.wake_at - timezone.now())
            assert row.error == "SMTPRecipientsRefused"
            Notification.objects.update(wake_at=timezone.now())
    assert len(waits) == 2
    assert waits[0] < waits[1]
    services.send_due()
    (taken,) = server.taken
    row = Notification.objects.get()
    assert (row.state, row.tries, row.error) == (State.SENT, 3, "")
    assert taken["To"] == "elena@filo.example"
    assert taken["Message-ID"] == f"<turn.{row.pk}@127.0.0.1>"
    assert [part.get_content_type() for part in taken.walk()] == ["multipart/alternative", "text/plain", "text/html"]


def test_after_ten_tries_it_is_said_to_have_failed(world: World, server: Server) -> None:
    server.refusals = 99
    world.submitted()
    for _try in range(services.MOST_TRIES):
        services.send_due()
        Notification.objects.update(wake_at=timezone.now())
    assert states() == [("turn", "Elena Riva", State.FAILED)]
    assert services.claim_due() == []


@pytest.mark.django_db(transaction=True)
def test_several_workers_share_the_outbox(transactional_db: None) -> None:
    world = World()
    for _post in range(12):
        world.submitted()

    def work() -> None:
        services.send_due()
        connections.close_all()

    threads = [threading.Thread(target=work) for _worker in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(mail.outbox) == 12
    assert len({m.extra_headers["Message-ID"] for m in mail.outbox}) == 12
