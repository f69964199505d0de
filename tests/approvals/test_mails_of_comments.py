"""Mails about what was said: who is called, answered, whose text or words it is; for who may read it, and news can be left."""

import re
from typing import Any

import pytest
from django.core import mail
from django.test import Client as Browser

from accounts.models import User
from approvals.models import Review
from approvals.services import add_comment, decline, take_over
from clients.models import Membership, Role
from notifications import letters
from notifications import services as outbox
from tests.approvals.test_comments import TEXT
from tests.social.test_suggesting import suggest
from tests.world import World, approve, review_of


@pytest.fixture
def asked(world: World) -> Review:
    """A review in which it is Piero's turn; everybody reads English, and has read what came before."""
    User.objects.update(language="en")
    for name in ("vito", "elena", "marta", "cliente"):
        getattr(world, name).refresh_from_db()
    post = world.submitted(text=TEXT)
    approve(post, world.elena)
    approve(post, world.marta)
    outbox.send_due()
    mail.outbox.clear()
    return review_of(post)


def letter_to(user: User) -> Any:
    """The one mail that this person got since."""
    outbox.send_due()
    (found,) = [letter for letter in mail.outbox if letter.to == [user.email]]
    mail.outbox.clear()
    return found


def test_whoever_is_called_is_told_and_can_not_switch_it_off(world: World, asked: Review) -> None:
    add_comment(review=asked, user=world.vito, text="@Elena Riva, guarda <b>qui</b>.", audience="internal")
    letter = letter_to(world.elena)
    assert letter.subject == "You are called · Cantina Roero: Vendemmia"
    assert "Vito Serra calls you in a comment on version 1." in letter.body
    assert "@Elena Riva, guarda <b>qui</b>." in letter.body
    assert f"/admin/approvals/review/{asked.pk}/" in letter.body
    assert "List-Unsubscribe" not in letter.extra_headers
    assert "&lt;b&gt;qui&lt;/b&gt;" in letter.alternatives[0][0]
    assert "mentioned" not in letters.news()
    assert {"answered", "commented", "suggestion_settled"} <= set(letters.news())
    assert "commented" not in letters.news(staff=False)


def test_a_clients_person_gets_a_link_of_their_own(world: World, asked: Review, client: Browser) -> None:
    add_comment(review=asked, user=world.vito, text="@Piero Roero, va bene?", audience="client")
    body = letter_to(world.cliente).body
    found = re.search(r"https?://[^/]+(/r/\S+)", body)
    assert found is not None
    assert "This link is for you alone and for this post alone. Opening it decides nothing." in body
    assert client.get(found.group(1)).status_code == 200


def test_an_answer_shows_what_it_answers(world: World, asked: Review) -> None:
    mine = suggest(asked, world.cliente, "Oggi", "", text="Lo toglierei.")
    assert "Piero Roero suggests other words for version 1." in letter_to(world.vito).body
    add_comment(review=asked, user=world.vito, text="Perché?", audience="", parent=mine)
    letter = letter_to(world.cliente)
    assert letter.subject == "Answer · Cantina Roero: Vendemmia"
    for said in ["Oggi", "(leave them out)", "Lo toglierei.", "Perché?"]:
        assert said in letter.body
    assert letter.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


def test_what_became_of_suggested_words(world: World, asked: Review) -> None:
    taken, declined, silently = (suggest(asked, world.cliente, "Oggi", words) for words in ("Domani", "Ieri", "Mai"))
    take_over(comment=taken, user=world.vito)
    outbox.send_due()
    told = [letter for letter in mail.outbox if letter.to == [world.cliente.email]]
    assert {letter.subject.partition(" ·")[0] for letter in told} == {"Changed after your look", "Words taken over"}
    mail.outbox.clear()
    decline(comment=declined, user=world.vito, word="Era oggi.")
    letter = letter_to(world.cliente)
    assert letter.subject == "Words declined · Cantina Roero: Vendemmia"
    assert "Era oggi." in letter.body
    decline(comment=silently, user=world.vito)
    assert "Vito Serra has declined the words you suggested for version 1." in letter_to(world.cliente).body


def test_who_may_not_read_it_any_more_gets_no_mail(world: World, asked: Review) -> None:
    add_comment(review=asked, user=world.vito, text="@Elena Riva, tra noi.", audience="internal")
    add_comment(review=asked, user=world.vito, text="@Piero Roero, con voi.", audience="client")
    Membership.objects.filter(user=world.elena).update(role=Role.VIEWER)
    Membership.objects.filter(user=world.cliente).delete()
    outbox.send_due()
    assert mail.outbox == []


def test_news_that_is_switched_off_stays_away(world: World, asked: Review) -> None:
    outbox.mute(user=world.vito, kind="commented")
    add_comment(review=asked, user=world.elena, text="Bello.", audience="internal")
    outbox.send_due()
    assert mail.outbox == []
    add_comment(review=asked, user=world.elena, text="@Vito Serra, bello.", audience="internal")
    assert letter_to(world.vito).subject == "You are called · Cantina Roero: Vendemmia"
