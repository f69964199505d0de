"""A link that asks for a code, and an approval taken back by whoever gave it."""

import re

import pytest
from django.core import mail
from django.test import Client as Browser

from accounts.models import User
from approvals.models import Decision
from notifications.services import send_due
from social.models import Post
from tests.portal.reaching import asked, link_to
from tests.world import World, review_of

CODE = re.compile(r"^\s*(\d{6})\s*$", re.MULTILINE)


@pytest.fixture(autouse=True)
def _by_day(world: World) -> None:
    """Nobody's quiet time, whatever the hour at which the tests run."""
    User.objects.update(quiet_from=None, quiet_until=None, quiet_days=[])
    world.winery.link_code = True
    world.winery.save(update_fields=["link_code"])


def codes(world: World) -> list[str]:
    """The codes mailed to the winery's person since the last look."""
    send_due()
    found = [CODE.findall(str(letter.body)) for letter in mail.outbox if letter.to == [world.cliente.email]]
    mail.outbox.clear()
    return [code for each in found for code in each]


def answer(post: Post, **other: str) -> dict[str, str]:
    return {"do": "approve", "words": "Bene così.", "digest": review_of(post).digest, **other}


def test_a_forwarded_link_alone_decides_nothing(world: World, client: Browser) -> None:
    post = asked(world)
    path = link_to(post, world.cliente)
    page = client.post(path, answer(post)).content.decode()
    assert not Decision.objects.filter(seat__user=world.cliente).exists()
    assert "Bene così.</textarea>" in page
    assert 'name="code"' in page
    [code] = codes(world)
    wrong = f"{(int(code) + 1) % 10**6:06}"
    refused = client.post(path, answer(post, code=wrong))
    assert (refused.status_code, Decision.objects.filter(seat__user=world.cliente).count()) == (400, 0)
    assert client.post(path, answer(post, code=code)).status_code == 302
    decision = Decision.objects.get(seat__user=world.cliente)
    assert (decision.comment, decision.via) == ("Bene così.", "link")
    assert decision.link is not None
    assert decision.link.mailed_to == world.cliente.email


def test_a_new_code_makes_the_old_one_worthless(world: World, client: Browser) -> None:
    post = asked(world)
    path = link_to(post, world.cliente)
    client.post(path, answer(post))
    [first] = codes(world)
    client.post(path, answer(post, do="new_code"))
    [second] = codes(world)
    if first != second:
        assert client.post(path, answer(post, code=first)).status_code == 400
    assert client.post(path, answer(post, code=second)).status_code == 302


def test_who_is_signed_in_needs_no_code(world: World, client: Browser) -> None:
    post = asked(world)
    client.force_login(world.cliente)
    assert client.post(f"/reviews/{review_of(post).pk}/", answer(post)).status_code == 302
    assert Decision.objects.get(seat__user=world.cliente).link is None


def test_comments_need_no_code(world: World, client: Browser) -> None:
    post = asked(world)
    assert client.post(link_to(post, world.cliente), answer(post, do="comment")).status_code == 302
    assert codes(world) == []


def test_an_approval_is_taken_back_with_a_reason(world: World, client: Browser) -> None:
    post = asked(world)
    client.force_login(world.cliente)
    path = f"/reviews/{review_of(post).pk}/"
    assert 'value="take_back"' not in client.get(path).content.decode()
    client.post(path, answer(post))
    assert 'value="take_back"' in client.get(path).content.decode()
    assert client.post(path, answer(post, do="take_back", words="")).status_code == 400
    assert review_of(post).state == "approved"
    client.post(path, answer(post, do="take_back", words="Il prezzo è cambiato."))
    assert review_of(post).state == "open"
    html = client.get(path).content.decode()
    assert 'value="approve"' in html
    client.post(path, answer(post))
    assert review_of(post).state == "approved"
