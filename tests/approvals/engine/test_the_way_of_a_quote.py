"""A kind of things that the product does not know goes the whole way through approvals."""

import re
from datetime import timedelta

import pytest
from django.core import mail
from django.core.exceptions import ValidationError
from django.test import Client as Browser
from django.utils import timezone

from accounts.errors import Conflict
from approvals import kinds
from approvals.models import Chain, Restart, Review, Seat
from approvals.services import StepPlan, add_comment, decide, replace_seat, save_chain, take_back
from audit.models import Event
from notifications.models import Notification
from notifications.services import send_due
from tests.quotes.models import Quote
from tests.quotes.services import create_quote, edit_quote, send_quote, submit_quote, withdraw_quote
from tests.quotes.subject import AMOUNT, KIND, TERMS
from tests.rest.caller import Caller
from tests.world import World


@pytest.fixture
def chain(world: World) -> Chain:
    return save_chain(
        user=world.marta,
        client=world.winery,
        name="Preventivi",
        subject=KIND,
        is_default=True,
        restart=Restart.UNCHANGED,
        steps=[
            StepPlan(name="Importo", users=[world.elena], only={"channels": [AMOUNT]}),
            StepPlan(name="Condizioni", users=[world.marta], only={"channels": [TERMS]}),
            StepPlan(name="Cliente", users=[world.cliente]),
        ],
    )


def a_quote(world: World, terms: str = "A trenta giorni.") -> Quote:
    return create_quote(user=world.vito, client=world.winery, title="Sito nuovo", amount="3.000 €", terms=terms)


def submitted(world: World, **fields: str) -> Review:
    return submit_quote(user=world.vito, quote=a_quote(world, **fields))


def say_yes(review: Review, user: object) -> Review:
    return decide(review=review, user=user, digest=review.digest, verdict="approve")  # type: ignore[arg-type]


def steps(review: Review) -> list[str]:
    return list(review.steps.order_by("position").values_list("state", flat=True))


def test_its_kind_stands_beside_that_of_posts() -> None:
    assert sorted(dict(kinds.choices())) == ["correction", "post", "quote", "strategy"]
    assert kinds.usual() == "post"


def test_a_chain_of_an_unknown_kind_is_refused(world: World) -> None:
    with pytest.raises(ValidationError) as refused:
        save_chain(
            user=world.marta,
            client=world.winery,
            name="Fatture",
            subject="invoice",
            steps=[StepPlan(name="Uno", users=[world.elena])],
        )
    assert list(refused.value.message_dict) == ["subject"]


def test_a_chain_keeps_its_kind_when_it_is_edited(world: World, chain: Chain) -> None:
    steps = [StepPlan(name="Uno", users=[world.elena])]
    edited = save_chain(user=world.marta, client=world.winery, chain=chain, name="Altro", steps=steps)
    assert edited.subject == KIND


def test_approved_sent_and_written_down(world: World, chain: Chain) -> None:
    review = submitted(world)
    for person in (world.elena, world.marta, world.cliente):
        review = say_yes(review, person)
    assert (review.state, Quote.objects.get().state) == ("approved", "approved")
    assert send_quote(quote=Quote.objects.get()).state == "sent"
    assert [event.verb for event in Event.objects.filter(subject_type="review").order_by("seq")] == [
        "review.started",
        "review.approved",
        "review.approved",
        "review.approved",
    ]
    started = Event.objects.get(verb="review.started")
    assert started.data["of"] == ["quote", Quote.objects.get().pk]


def test_a_part_that_is_not_there_is_not_asked_about(world: World, chain: Chain) -> None:
    review = submitted(world, terms="")
    assert steps(review) == ["active", "skipped", "waiting"]
    assert review.steps.get(position=2).skipped_because == {"channels": [TERMS]}


def test_only_the_part_that_changed_is_asked_about_again(world: World, chain: Chain) -> None:
    review = submitted(world)
    say_yes(review, world.elena)
    say_yes(review, world.marta)
    decide(review=review, user=world.cliente, digest=review.digest, verdict="request_changes", comment="Troppo caro.")
    quote = edit_quote(user=world.vito, quote=Quote.objects.get(), amount="2.500 €")
    again = submit_quote(user=world.vito, quote=quote)
    assert (again.round, again.version, steps(again)) == (2, 2, ["active", "passed", "waiting"])
    assert again.steps.get(position=2).carried_from == review.steps.get(position=2)


def test_taken_back_until_it_is_sent(world: World, chain: Chain) -> None:
    review = submitted(world)
    for person in (world.elena, world.marta, world.cliente):
        review = say_yes(review, person)
    assert take_back(review=review, user=world.cliente, reason="Aspetto il commercialista.").state == "open"
    assert (Quote.objects.get().state, steps(review)) == ("in_review", ["passed", "passed", "active"])
    review = say_yes(review, world.cliente)
    send_quote(quote=Quote.objects.get())
    with pytest.raises(Conflict) as late:
        take_back(review=review, user=world.cliente, reason="Ci ho ripensato.")
    assert late.value.code == "already_sent"
    assert steps(review) == ["passed", "passed", "passed"]


def test_replaced_withdrawn_and_asked_again(world: World, chain: Chain) -> None:
    review = submitted(world)
    replace_seat(user=world.marta, seat=Seat.objects.get(user=world.elena), person=world.ada, reason="Elena è malata.")
    say_yes(review, world.ada)
    quote = withdraw_quote(user=world.vito, quote=Quote.objects.get())
    again = submit_quote(user=world.vito, quote=quote)
    assert (again.round, again.version, steps(again)) == (2, 1, ["active", "waiting", "waiting"])


def test_what_is_in_review_can_not_be_asked_about_twice(world: World, chain: Chain) -> None:
    submitted(world)
    Quote.objects.update(state="draft")  # a subject that forgot
    with pytest.raises(Conflict) as refused:
        submit_quote(user=world.vito, quote=Quote.objects.get())
    assert refused.value.code == "already_in_review"


def test_its_mails_show_its_words_and_their_links_open_it(world: World, chain: Chain, client: Browser) -> None:
    review = submitted(world)
    add_comment(review=review, user=world.vito, text="È già scontato.", audience="internal")
    for person in (world.elena, world.marta, world.cliente):
        while send_due():
            pass
        letter = next(letter for letter in mail.outbox if letter.to == [person.email])
        assert "3.000 €" in str(letter.body)
        say_yes(review, person)
    while send_due():
        pass
    assert not Notification.objects.exclude(state="sent").exists()
    assert mail.outbox[-1].to == ["vito@filo.example"]
    link = re.search(r"/r/[\w-]+/", str(next(mail_ for mail_ in mail.outbox if mail_.to == [world.cliente.email]).body))
    assert link is not None
    assert client.get(link.group()).status_code == 200


def test_the_api_answers_with_it(world: World, chain: Chain) -> None:
    review, post = submitted(world), world.submitted()
    api = Caller(world.elena)
    found = api.get("reviews/")["results"]
    assert sorted(row["subject"]["type"] for row in found) == ["post", "quote"]
    assert [row["id"] for row in api.get("reviews/", subject_type="quote")["results"]] == [review.pk]
    assert [row["id"] for row in api.get("reviews/", subject_type="post")["results"]] == [post.review_id]
    api.get("reviews/", expect=400, subject_type="invoice")
    answer = api.post(f"reviews/{review.pk}/approve/", {"digest": review.digest}, expect=200)
    assert [step["state"] for step in answer["steps"]] == ["passed", "active", "waiting"]
    assert [row["name"] for row in api.get("chains/", subject="quote")["results"]] == ["Preventivi"]


def test_staff_find_it_and_decide_on_its_page(world: World, chain: Chain, client: Browser) -> None:
    review = submitted(world)
    client.force_login(world.elena)
    listed = client.get("/admin/approvals/review/")
    assert "Sito nuovo" in listed.content.decode()
    page = client.get(f"/admin/approvals/review/{review.pk}/")
    assert "3.000 €" in page.content.decode()
    said = client.post(f"/admin/approvals/review/{review.pk}/", {"do": "approve", "digest": review.digest})
    assert (said.status_code, steps(review)) == (302, ["passed", "active", "waiting"])


def test_a_contact_reads_it_in_the_portal_and_decides(world: World, chain: Chain, client: Browser) -> None:
    review = submitted(world)
    say_yes(review, world.elena)
    say_yes(review, world.marta)
    client.force_login(world.cliente)
    page = client.get(f"/reviews/{review.pk}/")
    assert (page.status_code, "3.000 €" in page.content.decode()) == (200, True)
    said = client.post(f"/reviews/{review.pk}/", {"do": "approve", "digest": review.digest, "words": ""})
    assert (said.status_code, steps(review)) == (302, ["passed", "passed", "passed"])


def test_a_deadline_counts_back_from_when_it_goes_out(world: World, chain: Chain) -> None:
    quote = a_quote(world)
    Quote.objects.update(goes_out_at=timezone.now() + timedelta(days=3))
    assert submit_quote(user=world.vito, quote=quote).goes_out_at == Quote.objects.get().goes_out_at
