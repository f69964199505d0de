"""Whose review a change has overtaken is told what has changed: the words, or only who is asked for them."""

import html
from typing import Any

import pytest
from django.core import mail
from django.test import Client as Browser

from accounts.models import User
from audit.models import Event
from notifications.services import send_due
from social.services import edit_post
from tests.browsing import Staff, words
from tests.portal.reaching import link_to
from tests.social.test_labels import label
from tests.world import World, approve, review_of

SAID = (
    "Vito Serra has sorted the post anew after version 1: what goes out is the same, but others may have to approve it."
)


@pytest.fixture
def _reading_english(world: World) -> None:
    User.objects.filter(pk__in=[world.elena.pk, world.cliente.pk]).update(language="en")


def mail_to(user: User) -> str:
    """The last mail to this person: what it is about, and its words."""
    while send_due():
        pass
    letter = [letter for letter in mail.outbox if letter.to == [user.email]][-1]
    return " ".join(f"{letter.subject} {letter.body}".split())


@pytest.mark.usefixtures("_reading_english")
def test_who_is_told_of_it_is_told_what_has_changed(world: World, client: Browser) -> None:
    post = world.submitted()
    approve(post, world.elena)
    approve(post, world.marta)
    path, review = link_to(post, world.cliente), review_of(post)
    answer = {"do": "approve", "digest": review.digest}
    edit_post(user=world.vito, post=post, labels=[label(world)])
    for user, voted in ((world.elena, True), (world.cliente, False)):
        told = mail_to(user)
        assert told.startswith("To be asked anew")
        assert SAID in told
        assert ("Your approval no longer counts" in told) is voted
        assert "changed the" not in told
        assert "Prezzi" not in told
    for page in (client.get(path), client.post(path, answer)):
        shown = html.unescape(page.content.decode())
        assert SAID in shown
        assert "changed the text" not in shown


@pytest.mark.usefixtures("_reading_english")
def test_staff_who_were_reading_are_told_the_same(world: World) -> None:
    post = world.submitted()
    review = review_of(post)
    edit_post(user=world.vito, post=post, labels=[label(world)])
    answer = {"do": "approve", "digest": review.digest}
    page = words(Staff(world.elena).send("approvals_review_page", review.pk, data=answer))
    assert SAID in page
    assert "has changed the text" not in page


@pytest.mark.usefixtures("_reading_english")
@pytest.mark.parametrize("fields", [{"text": "Domani."}, {"text": "Domani.", "labels": []}])
def test_where_the_words_are_others_that_is_what_is_told(world: World, fields: dict[str, Any]) -> None:
    post = world.approved(labels=[label(world)])
    edit_post(user=world.vito, post=post, **fields)
    assert Event.objects.get(verb="review.superseded").data == {}
    for user in (world.elena, world.cliente):
        told = mail_to(user)
        assert told.startswith("Changed after your look")
        assert "Vito Serra has changed the post after version 1." in told
        assert "Your approval was for the words you saw" in told
        assert "sorted" not in told
