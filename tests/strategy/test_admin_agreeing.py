"""Agreeing at the staff's desk: what stands in the way, asking, deciding on its own page, versions for ever."""

import io
import zipfile
from typing import Any

import pytest
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from approvals.models import Review
from approvals.services import StepPlan, save_chain
from strategy.content import canonical
from strategy.models import Strategy, StrategyState
from strategy.services import save_section, submit_strategy
from tests.browsing import Staff, words
from tests.strategy import documents
from tests.strategy.documents import agreed, chain, draft, say, section, submitted
from tests.world import World


@pytest.fixture(autouse=True)
def _english(world: World, settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path
    User.objects.update(language="en")
    for name in ("vito", "elena", "marta", "bruno"):
        getattr(world, name).refresh_from_db()


def volatile_chain(world: World) -> None:
    """Where only what changes fast has changed, the agency is enough."""
    save_chain(
        user=world.marta,
        client=world.winery,
        name="Strategie",
        subject="strategy",
        is_default=True,
        steps=[
            StepPlan(name="Agenzia", users=[world.elena, world.marta]),
            StepPlan(name="Cliente", role="approver", only={"changed": ["evergreen", "seasonal", "frame"]}),
        ],
    )


def in_two_versions(world: World, notes: int = 0) -> Strategy:
    """Agreed once, then changed in its fast-changing section and in review again, by fewer steps."""
    volatile_chain(world)
    strategy = draft(world)
    section(world, strategy)
    fast = section(world, strategy, "channels", body="Tre post alla settimana.", horizon="volatile")
    for number in range(notes):
        section(world, strategy, "free", title=f"Nota {number}")
    strategy.refresh_from_db()
    submit_strategy(user=world.vito, strategy=strategy, remark="La prima.")
    say(strategy, world.elena)
    say(strategy, world.cliente)
    documents.save(world.vito, fast, body="Due post alla settimana.")
    strategy.refresh_from_db()
    return submit_strategy(user=world.vito, strategy=strategy, remark="L'algoritmo è cambiato.")


def review_in(strategy: Strategy) -> Review:
    strategy.refresh_from_db()
    assert strategy.review_id is not None
    return Review.objects.get(pk=strategy.review_id)


def test_from_a_draft_that_nobody_knows_to_one_that_is_agreed(world: World) -> None:
    chain(world)
    strategy = draft(world, shared=False)
    vito, pk = Staff(world.vito), strategy.pk
    page = words(vito.open("strategy_strategy_agreement", pk))
    assert (
        "Before people can be asked, this has to change: error There is nothing in it yet. Write a section first."
        in page
    )
    assert "The people of Cantina Roero don’t know of it yet." in page
    section(world, strategy)
    assert "It can't be taken back." in words(vito.open("strategy_strategy_share", pk))
    vito.send("strategy_strategy_share", pk)
    strategy.refresh_from_db()
    assert strategy.shared
    edition = str(strategy.edition)
    page = words(vito.open("strategy_strategy_agreement", pk))
    assert "Nothing stands in the way" in page
    assert "By the approval chain “Strategie”." in page
    page = words(vito.send("strategy_strategy_submit", pk, data={"remark": "La prima.", "edition": edition}))
    assert "Version 1 is in review" in page
    assert "Rome time it waits for: Marta Gallo Elena Riva" in page
    strategy.refresh_from_db()
    assert strategy.version is not None
    assert strategy.version.note == "La prima."
    again = vito.send("strategy_strategy_submit", pk, data={"remark": "Ancora.", "edition": edition})
    assert (again.status_code, Review.objects.filter(subject_id=pk).count()) == (409, 1)
    vito.send("strategy_strategy_withdraw", pk)
    strategy.refresh_from_db()
    assert strategy.state == StrategyState.DRAFT
    vito.send("strategy_strategy_submit", pk, data={"edition": str(strategy.edition)})
    elena = Staff(world.elena)
    assert "It waits for you: decide" in words(elena.open("strategy_strategy_agreement", pk))
    digest = review_in(strategy).digest
    elena.send("approvals_review_page", review_in(strategy).pk, data={"do": "approve", "digest": digest})
    say(strategy, world.cliente)
    assert "Version 1, since" in words(vito.open("strategy_strategy_agreement", pk))
    assert vito.open("strategy_strategy_close", pk).status_code == 200
    vito.send("strategy_strategy_close", pk)  # an author may not
    strategy.refresh_from_db()
    assert strategy.state == StrategyState.AGREED
    elena.send("strategy_strategy_close", pk)
    strategy.refresh_from_db()
    assert strategy.state == StrategyState.SUPERSEDED
    assert "This strategy is over." in words(elena.open("strategy_strategy_agreement", pk))


@pytest.mark.parametrize(
    ("remark", "stale", "said"),
    [
        ("x" * 1001, False, "Too long: at most 1000 characters."),
        ("Ecco.", True, "Somebody has changed the strategy since you opened this page."),
        ("Ecco.", False, "In “Tono di voce” two texts stand side by side. Merge them first."),
    ],
)
def test_what_is_refused_is_said_and_nothing_typed_is_lost(world: World, remark: str, stale: bool, said: str) -> None:  # noqa: FBT001
    chain(world)
    strategy = draft(world)
    found = section(world, strategy, title="Tono di voce")
    if not stale and remark == "Ecco.":
        documents.save(world.elena, found, body="Uno.")
        assert save_section(user=world.marta, section=found, begun_from=1, body="Due.").beside
    strategy.refresh_from_db()
    edition = "1" if stale else str(strategy.edition)
    answer = Staff(world.vito).send(
        "strategy_strategy_submit", strategy.pk, data={"remark": remark, "edition": edition}
    )
    assert answer.status_code == (409 if stale else 400)
    assert said in words(answer)
    assert f"{remark}</textarea>" in answer.content.decode()
    strategy.refresh_from_db()
    assert strategy.state == StrategyState.DRAFT


def test_the_review_of_a_strategy_says_what_is_new_and_what_that_means(world: World) -> None:
    strategy = in_two_versions(world)
    review = review_in(strategy)
    page = words(Staff(world.elena).open("approvals_review_page", review.pk))
    assert "What is new, and why: L'algoritmo è cambiato." in page
    assert "Against version 1, which is in force, there is: a change in fast-changing sections." in page
    assert "That is why the step “Cliente” is not asked." in page
    assert "removed: Tre (end of what is removed) added: Due (end of what is added) post alla settimana." in page
    assert "What would be agreed: version 2" in page
    assert "Parliamo piano." in page
    assert review.digest in page
    assert (
        reverse("admin:strategy_strategy_change", args=[strategy.pk])
        in Staff(world.elena).open("approvals_review_page", review.pk).content.decode()
    )
    stale = Staff(world.elena).send("approvals_review_page", review.pk, data={"do": "approve", "digest": "0" * 64})
    assert stale.status_code == 409
    typed = {"do": "request_changes", "digest": review.digest, "comment": ""}
    assert "comment-errors" in Staff(world.elena).send("approvals_review_page", review.pk, data=typed).content.decode()
    said = {"do": "comment", "text": "Perché due?", "audience": "internal", "quote": "Due post"}
    Staff(world.marta).send("approvals_review_page", review.pk, data=said)
    assert "Perché due?" in words(Staff(world.elena).open("approvals_review_page", review.pk))
    done = Staff(world.elena).send("approvals_review_page", review.pk, data={"do": "approve", "digest": review.digest})
    assert "Approved. Your yes is for exactly these words." in words(done)
    strategy.refresh_from_db()
    assert (strategy.state, strategy.agreed_version_id) == (StrategyState.AGREED, strategy.version_id)
    assert "What was in force before is in force again" in words(
        Staff(world.elena).open("approvals_review_take_back", review.pk)
    )


def test_who_decides_late_sees_what_was_written_meanwhile(world: World) -> None:
    strategy = submitted(world)
    old = review_in(strategy)
    documents.save(world.vito, strategy.sections.get(), body="Parliamo forte.")
    strategy.refresh_from_db()
    submit_strategy(user=world.vito, strategy=strategy)
    late = Staff(world.elena).send("approvals_review_page", old.pk, data={"do": "approve", "digest": old.digest})
    assert late.status_code == 409
    assert "While you were reading, Vito Serra has changed the text." in words(late)
    assert "What is new since version 1, which was asked about before" in words(late)
    taken = Staff(world.vito).send("approvals_review_page", review_in(strategy).pk, data={"do": "withdraw"})
    assert "Taken back. The strategy is a draft again" in words(taken)


def test_every_list_leads_to_the_strategy_s_review(world: World) -> None:
    review = review_in(submitted(world))
    address = reverse("admin:approvals_review_page", args=[review.pk])
    elena = Staff(world.elena)
    for name in ("index", "approvals_review_changelist", "approvals_seat_changelist"):
        assert address in elena.open(name).content.decode()
    post = world.submitted()
    assert "Strategy" in words(elena.open("approvals_review_changelist"))
    for kind, there, other in [("strategy", review.title, post.title), ("post", post.title, review.title)]:
        listed = words(elena.browser.get(reverse("admin:approvals_review_changelist"), {"kind": kind}))
        assert (there in listed, other in listed) == (True, False)
    none = words(elena.browser.get(reverse("admin:approvals_review_changelist"), {"kind": "quote'"}))
    assert (review.title in none, post.title in none) == (False, False)
    page = elena.browser.get(address)
    assert "What would be agreed: version 1" in words(page)
    assert "Nothing was agreed before: all of it is new, and every step is asked." in words(page)


def test_versions_stay_to_be_read_compared_and_taken_away(world: World) -> None:
    strategy = in_two_versions(world)
    say(strategy, world.elena)
    vito, pk = Staff(world.vito), strategy.pk
    page = words(vito.open("strategy_strategy_versions", pk))
    assert "Version 2 handshake In force" in page
    assert "Version 1 history Was in force" in page
    old = words(vito.open("strategy_strategy_version", pk, 1))
    assert "Tre post alla settimana." in old
    assert "In force from" in old
    assert "Vito Serra asked on" in old
    assert "1. Agenzia Elena Riva thumb_up Approved" in old
    assert "2. Cliente Piero Roero thumb_up Approved" in old
    new = words(vito.open("strategy_strategy_version", pk, 2))
    assert "A change in fast-changing sections." in new
    assert "In force since" in new
    assert vito.open("strategy_strategy_version", pk, 3).status_code == 404
    documents.save(world.vito, strategy.sections.get(kind="tone"), body="Parliamo forte.")
    page = words(vito.open("strategy_strategy_differences", pk))
    assert "from “Version 2" in page
    assert "to “As it reads now”" in page
    assert "added: forte" in page.replace("(end of what is removed) ", "")
    page = words(vito.open("strategy_strategy_differences", pk, query="?from=2&to=1"))
    assert "removed: Due (end of what is removed) added: Tre" in page
    assert "it is the same, word by word" in words(vito.open("strategy_strategy_differences", pk, query="?from=1&to=1"))
    for query in ("?from=9&to=1", "?from=x"):
        missing = vito.open("strategy_strategy_differences", pk, query=query)
        assert (missing.status_code, "Choose from these." in words(missing)) == (404, True)
    assert vito.open("strategy_strategy_version_pdf", pk, 1).content.startswith(b"%PDF-")
    taken = zipfile.ZipFile(io.BytesIO(vito.open("strategy_strategy_version_zip", pk, 1).content))
    assert taken.read("strategy.json") == canonical(strategy.versions.get(number=1).content)
    assert vito.open("strategy_strategy_document_docx", pk).status_code == 200
    assert vito.open("strategy_strategy_version_pdf", pk, 9).status_code == 404


def test_nothing_yet_says_what_to_do_next(world: World) -> None:
    strategy = draft(world)
    assert "No version yet" in words(Staff(world.vito).open("strategy_strategy_versions", strategy.pk))
    assert Staff(world.vito).open("strategy_strategy_document_pdf", strategy.pk).status_code == 200
    assert "There is no approval chain for strategies yet" in words(
        Staff(world.vito).open("strategy_strategy_agreement", strategy.pk)
    )


def test_the_proof_of_a_strategy_is_taken_from_its_page(world: World) -> None:
    strategy = agreed(world)
    review = review_in(strategy)
    page = Staff(world.vito).open("strategy_strategy_version", strategy.pk, 1).content.decode()
    for name in ("approvals_review_pdf", "approvals_review_json"):
        assert reverse(f"admin:{name}", args=[review.pk]) in page
        file = Staff(world.vito).open(name, review.pk)
        assert file.status_code == 200
        assert file["Content-Disposition"].startswith("attachment")
    evidence = Staff(world.vito).open("approvals_review_json", review.pk, query="?for=client").json()["evidence"]
    assert evidence["subject"]["kind"] == "strategy"
    assert evidence["subject"]["content"].encode() == canonical(strategy.versions.get().content)


PAGES = ("agreement", "share", "close", "versions", "differences", "template", "import")


def test_another_client_s_is_not_there(world: World) -> None:
    strategy = agreed(world)
    for name in PAGES:
        assert Staff(world.bruno).open(f"strategy_strategy_{name}", strategy.pk).status_code == 404
    for name in ("submit", "withdraw", "share", "close", "import", "template"):
        assert Staff(world.bruno).send(f"strategy_strategy_{name}", strategy.pk).status_code == 404
    assert Staff(world.bruno).open("strategy_strategy_version", strategy.pk, 1).status_code == 404
    assert Staff(world.bruno).open("approvals_review_page", review_in(strategy).pk).status_code == 404


@pytest.mark.parametrize("more", [0, 3])
def test_the_pages_ask_a_fixed_number_of_times(
    world: World, more: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    strategy = in_two_versions(world, more)
    for number in range(more):
        say(strategy, world.elena)
        documents.save(world.vito, strategy.sections.get(kind="channels"), body=f"{number} post alla settimana.")
        strategy.refresh_from_db()
        submit_strategy(user=world.vito, strategy=strategy)
    elena, pk = Staff(world.elena), strategy.pk
    for name, many in QUERIES:
        address = [review_in(strategy).pk if name == "approvals_review_page" else pk]
        elena.open(name, *address)  # what is looked up once a process is known then
        with django_assert_num_queries(many):
            assert elena.open(name, *address).status_code == 200


QUERIES = [
    ("strategy_strategy_versions", 11),
    ("strategy_strategy_agreement", 14),
    ("strategy_strategy_differences", 11),
    ("approvals_review_page", 25),
]
