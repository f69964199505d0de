"""Agreeing to a strategy: by the link in the mail and signed in, the seen words alone, short chains that say why."""

from typing import Any

import pytest
from django.core import mail
from django.test import Client as Browser
from django.urls import reverse

from accounts.models import User
from approvals.models import Decision, Seat
from approvals.services import StepPlan, add_comment, issue_link, save_chain
from clients.models import Role
from notifications import services as outbox
from strategy.models import Strategy
from strategy.services import submit_strategy, withdraw_strategy
from tests.browsing import words
from tests.portal.reaching import asked, digest_on, row_counts
from tests.strategy.documents import TONE, agreed, draft, save, say, section, submitted
from tests.world import World


@pytest.fixture(autouse=True)
def _in_english(world: World) -> None:
    User.objects.update(language="en")
    world.cliente.refresh_from_db()


def turn(world: World) -> Strategy:
    """A strategy of which Piero is asked."""
    strategy = submitted(world)
    say(strategy, world.elena)
    strategy.refresh_from_db()
    return strategy


def link_to(strategy: Strategy, user: User) -> str:
    """The path of a fresh link for this person."""
    seat = Seat.objects.get(step__review=strategy.review, user=user)
    return reverse("portal:review", args=[issue_link(seat=seat)])


def again(world: World, strategy: Strategy, **texts: Any) -> Strategy:
    """Somebody writes on, and asks again."""
    save(world.vito, strategy.sections.get(), **texts)
    strategy.refresh_from_db()
    strategy = submit_strategy(user=world.vito, strategy=strategy, remark="Più chiari <b>noi</b>.")
    say(strategy, world.elena)
    strategy.refresh_from_db()
    return strategy


def test_by_the_link_the_whole_text_is_read_and_agreed_to(world: World, client: Browser) -> None:
    strategy = turn(world)
    path = link_to(strategy, world.cliente)
    client.get(path)
    before = row_counts()
    answer = client.get(path)
    assert row_counts() == before
    html = words(answer)
    assert "Vito Serra asks for your approval of a strategy for Cantina Roero." in html
    assert "All of it is new Nothing was agreed before. Read it whole, below." in html
    assert "Parliamo piano." in html
    assert "nothing goes out" not in html
    assert "post" not in html.lower()
    assert "/strategies/" not in answer.content.decode()  # a link opens this alone
    digest = digest_on(answer.content.decode())
    assert client.post(path, {"do": "approve", "digest": "0" * 64}).status_code == 409
    assert client.post(path, {"do": "request_changes", "digest": digest, "words": " "}).status_code == 400
    done = words(client.post(path, {"do": "approve", "digest": digest}, follow=True))
    assert "Every step has approved version 1. It is what was agreed, until the next version is." in done
    strategy.refresh_from_db()
    assert strategy.state == "agreed"
    assert Decision.objects.get(actor=world.cliente).via == "link"


def test_what_is_new_since_what_holds_and_since_one_looked(world: World, client: Browser) -> None:
    strategy = agreed(world)
    strategy = again(world, strategy, body=TONE.replace("piano", "chiaro"))
    html = words(client.get(link_to(strategy, world.cliente)))
    assert "What Vito Serra says of it Più chiari <b>noi</b>." in html
    assert "What is new since version 1, which is agreed What was agreed before holds until everybody" in html
    assert "Tono di voce Changed Text Parliamo [gone: piano end] [new: chiaro end]" in html
    assert "which you saw" not in html
    path = link_to(strategy, world.cliente)
    digest = digest_on(client.get(path).content.decode())
    client.post(path, {"do": "request_changes", "digest": digest, "words": "Meno chiari."})
    later = again(world, strategy, body=TONE.replace("piano", "sottovoce"))
    html = words(client.get(link_to(later, world.cliente)))
    assert "What is new since version 2, which you saw" in html
    assert "[gone: chiaro end] [new: sottovoce end]" in html
    assert "[gone: piano end] [new: sottovoce end]" in html
    assert "Before, of version 2 · Changes requested" in html
    assert "Meno chiari." in html
    old = client.get(path)
    shown = words(old)
    assert "Version 3 waits for you" in shown
    assert "What is new in version 3 since version 2" in shown
    assert 'value="approve"' not in old.content.decode()
    assert client.post(path, {"do": "approve", "digest": digest}).status_code == 409
    assert client.get(f"{path}differences/")["Location"] == path
    later.refresh_from_db()
    assert later.state == "in_review"


def test_a_remark_on_a_passage_and_nothing_internal(world: World, client: Browser) -> None:
    strategy = turn(world)
    assert strategy.review is not None
    add_comment(review=strategy.review, user=world.elena, text="Che tirchi", audience="internal")
    path = link_to(strategy, world.cliente)
    html = client.get(path).content.decode()
    assert "Che tirchi" not in html
    part = f"words|{strategy.sections.get().pk}"
    sent = {"do": "comment", "words": "Non con tutti.", "about": part, "quote": "Diamo del tu."}
    assert "Non con tutti." in words(client.post(path, sent, follow=True))
    lost = client.post(path, {**sent, "quote": "Diamo del Lei.", "words": "Resta qui"})
    assert (lost.status_code, "Resta qui" in lost.content.decode()) == (400, True)


def test_only_fast_changing_sections_go_the_short_way_and_it_says_why(world: World, client: Browser) -> None:
    steps = [
        StepPlan(name="Agenzia", users=[world.elena, world.marta], only={"changed": ["evergreen", "frame"]}),
        StepPlan(name="Cliente", role=Role.APPROVER),
    ]
    save_chain(user=world.marta, client=world.winery, name="Corta", subject="strategy", is_default=True, steps=steps)
    strategy = draft(world)
    found = section(world, strategy, horizon="volatile")
    strategy.refresh_from_db()
    strategy = submit_strategy(user=world.vito, strategy=strategy)
    say(strategy, world.elena)
    say(strategy, world.cliente)
    save(world.vito, found, body="Solo questo mese.")
    strategy.refresh_from_db()
    strategy = submit_strategy(user=world.vito, strategy=strategy)
    html = words(client.get(link_to(strategy, world.cliente)))
    assert "1. Agenzia → Left out Left out: it is asked only for" in html
    assert "a change in lasting sections" in html


def test_the_first_page_lists_it_and_several_wait(world: World, client: Browser) -> None:
    strategy = turn(world)
    client.force_login(world.cliente)
    html = client.get("/").content.decode()
    assert f"/reviews/{strategy.review_id}/" in html
    assert "Vito Serra asks for your approval of a strategy." in html
    asked(world)
    assert "Approve several at once" not in client.get("/").content.decode()  # one post, one strategy
    assert "La cantina" not in client.get("/approve/").content.decode()
    path = f"/reviews/{strategy.review_id}/"
    signed = client.get(path)
    assert "What was agreed before, and files to keep" in signed.content.decode()
    assert client.get(f"{path}differences/").status_code == 404
    digest = digest_on(signed.content.decode())
    client.post(path, {"do": "approve", "digest": digest})
    taken = words(client.get(path))
    assert "You are asked again; until then, what was agreed before holds." in taken
    client.post(path, {"do": "take_back", "words": "Ci ripenso."})
    strategy.refresh_from_db()
    assert (strategy.state, strategy.agreed_version) == ("in_review", None)
    withdraw_strategy(user=world.vito, strategy=strategy)
    html = words(client.get(path))
    assert "Taken back" in html
    assert "Parliamo piano." not in html


@pytest.mark.parametrize(
    ("language", "says", "link"),
    [
        (
            "en",
            "Vito Serra asks for your approval of a strategy for Cantina Roero. Step: Cliente.",
            "This link is for you alone and for this strategy alone.",
        ),
        (
            "it",
            "Vito Serra ti chiede di approvare una strategia per Cantina Roero. Passaggio: Cliente.",
            "Questo link è solo per te e solo per questa strategia.",
        ),
    ],
)
def test_the_mail_reads_well(world: World, language: str, says: str, link: str) -> None:
    User.objects.update(language=language)
    turn(world)
    outbox.send_due()
    (letter,) = [letter for letter in mail.outbox if letter.to == [world.cliente.email]]
    body = str(letter.body)
    assert says in body
    assert link in body
    assert "Parliamo piano." in body
    assert "post" not in body.lower()
