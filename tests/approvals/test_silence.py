"""Silence counts by what was agreed when a step's turn came, and whoever is asked is told so beforehand, everywhere."""

from datetime import date, datetime
from typing import Any

import pytest
from django.core import mail
from django.core.files.base import ContentFile
from django.test import Client as Browser
from django.urls import reverse
from django.utils import translation

from accounts.models import User
from approvals.services import StepPlan, take_back
from approvals.services.nudging import nudge
from approvals.services.reminding import remind
from approvals.services.sweeping import sweep
from approvals.services.warning import warn
from clients.models import Client, Role
from clients.services import set_tacit_consent
from notifications.services import send_due
from social.models import Post
from social.services import edit_post
from tests.approvals.clock import agrees_to_silence, at, chain, rome, step_of
from tests.portal.reaching import link_to
from tests.rest.caller import Caller
from tests.world import World, approve, review_of

ASKED, DUE, OUT = rome(2027, 3, 1, 9), rome(2027, 3, 2, 12), rome(2027, 3, 3, 9)
YOURS = "Se entro allora non dici nulla, vale come il tuo sì, secondo l’accordo in data 7 gennaio 2026."
ANY = "Il silenzio fino ad allora vale come un sì, secondo l’accordo in data 7 gennaio 2026."
HOME, MANY = reverse("portal:home"), reverse("portal:approve_many")
WITHOUT = "Senza il tuo sì non esce"


@pytest.fixture(autouse=True)
def _own_storage(settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path


def template(world: World) -> None:
    """One step, of the client's people, whose silence is a yes after twelve working hours."""
    chain(world, StepPlan(name="Cliente", role=Role.APPROVER, due_after_minutes=720, on_deadline="tacit"))


def asked(world: World, when: datetime = ASKED) -> Post:
    with at(when):
        return world.submitted(publish_at=OUT)


def agrees_on(world: World, day: date | None, words: bytes = b"") -> None:
    document = ContentFile(b"%PDF-1.4 " + words + b" %%EOF", name="a.pdf") if day else None
    set_tacit_consent(user=world.ada, client=world.winery, agreed_on=day, document=document)


def silent_until_due(post: Post) -> tuple[str, str]:
    with at(DUE):
        assert sweep(now=DUE) == 1
    return str(review_of(post).state), ", ".join(review_of(post).steps.values_list("state", flat=True))


def letters(to: User, now: datetime) -> list[str]:
    """What went to this person by now."""
    mail.outbox.clear()
    with at(now):
        while send_due():
            pass
    return [str(letter.body) for letter in mail.outbox if letter.to == [to.email]]


class TestFrozen:
    """What was agreed when the turn came counts, as long as it holds."""

    @pytest.fixture
    def post(self, world: World) -> Post:
        agrees_to_silence(world)
        template(world)
        return asked(world)

    def test_what_was_agreed_later_makes_no_earlier_silence_a_yes(self, world: World) -> None:
        agrees_to_silence(world)
        template(world)
        agrees_on(world, None)
        post = asked(world)
        assert (step_of(post).tacit_agreed_on, step_of(post).tacit_document) == (None, "")
        agrees_to_silence(world)
        assert silent_until_due(post) == ("open", "active")

    def test_it_counts_where_it_held_then_and_holds(self, world: World, post: Post) -> None:
        frozen = (step_of(post).tacit_agreed_on, step_of(post).tacit_document)
        assert frozen == (date(2026, 1, 7), world.winery.tacit_consent_digest)
        assert len(frozen[1]) == 64
        assert silent_until_due(post) == ("approved", "passed")

    @pytest.mark.parametrize("day", [None, date(2026, 1, 7), date(2026, 2, 7)])
    def test_not_where_it_was_taken_back_or_became_another_one(
        self, world: World, post: Post, day: date | None
    ) -> None:
        agrees_on(world, day, b"altro")
        assert silent_until_due(post) == ("open", "active")

    def test_a_later_step_counts_by_what_holds_at_its_own_turn(self, world: World) -> None:
        agrees_to_silence(world)
        first = StepPlan(name="Redazione", users=[world.elena])
        chain(world, first, StepPlan(name="Cliente", role=Role.APPROVER, due_after_minutes=60, on_deadline="tacit"))
        post = asked(world)
        assert list(review_of(post).steps.values_list("tacit_agreed_on", flat=True)) == [None, None]
        agrees_on(world, date(2026, 2, 7), b"nuovo")
        with at(rome(2027, 3, 1, 10)):
            approve(post, world.elena)
        world.winery.refresh_from_db()
        step = step_of(post)
        assert (step.tacit_agreed_on, step.tacit_document) == (date(2026, 2, 7), world.winery.tacit_consent_digest)

    def test_a_turn_that_comes_again_asks_again_what_is_agreed(self, world: World, post: Post) -> None:
        with at(rome(2027, 3, 1, 10)):
            approve(post, world.cliente)
        agrees_on(world, None)
        with at(rome(2027, 3, 1, 11)):
            take_back(review=review_of(post), user=world.cliente, reason="Ci ripenso")
        step = step_of(post)
        assert (step.tacit_agreed_on, step.tacit_document) == (None, "")


class TestTold:
    """In every mail that asks, on the page, at the desk and by the API; as long as it is so."""

    @pytest.fixture
    def post(self, world: World) -> Post:
        agrees_to_silence(world)
        template(world)
        return asked(world)

    def test_in_the_mail_that_asks(self, world: World, post: Post) -> None:
        (letter,) = letters(world.cliente, ASKED)
        assert f"Decidi entro martedì 2 marzo, ore 12:00, ora di Roma. {YOURS}" in letter

    def test_in_english(self, world: World, post: Post) -> None:
        User.objects.filter(pk=world.cliente.pk).update(language="en")
        (letter,) = letters(world.cliente, ASKED)
        assert "If you say nothing by then, that counts as your yes, by the agreement of 7 January 2026." in letter

    def test_formally(self, world: World, post: Post) -> None:
        Client.objects.filter(pk=world.winery.pk).update(formal=True)
        (letter,) = letters(world.cliente, ASKED)
        assert "Se entro allora non dice nulla, vale come il Suo sì" in letter

    def test_in_the_morning_mail(self, world: World, post: Post) -> None:
        letters(world.cliente, ASKED)
        morning = rome(2027, 3, 2, 9)
        with at(morning):
            assert remind(now=morning) == 1
        (letter,) = letters(world.cliente, morning)
        assert YOURS in letter

    def test_in_the_warning_instead_of_that_it_would_not_go_out(self, world: World, post: Post) -> None:
        letters(world.cliente, ASKED)
        with at(rome(2027, 3, 2, 9)):
            assert warn(now=rome(2027, 3, 2, 9)) == 1
        ours = letters(world.marta, rome(2027, 3, 2, 9))
        with at(rome(2027, 3, 2, 9, 1)):
            nudge(user=world.marta, seat=step_of(post).seats.get())
        (nudged,) = letters(world.cliente, rome(2027, 3, 2, 9, 1))
        assert (YOURS in nudged, WITHOUT in nudged) == (True, False)
        assert [(ANY in letter, "Senza" in letter) for letter in ours] == [(True, False)]

    def test_no_longer_where_the_agreement_is_taken_back(self, world: World, post: Post) -> None:
        agrees_on(world, None)
        (letter,) = letters(world.cliente, ASKED)
        assert ("Decidi entro" in letter, "silen" in letter, "non dici nulla" in letter) == (True, False, False)
        assert self.pages(world, post) == [False] * 6

    def test_on_the_page_at_the_desk_and_by_the_api(self, world: World, post: Post) -> None:
        assert self.pages(world, post) == [True] * 6

    def test_not_where_nothing_of_it_was_agreed(self, world: World) -> None:
        chain(world, StepPlan(name="Cliente", role=Role.APPROVER, due_after_minutes=720))
        post = asked(world)
        (letter,) = letters(world.cliente, ASKED)
        assert ("Decidi entro" in letter, YOURS in letter) == (True, False)
        assert self.pages(world, post) == [False] * 6

    def test_without_a_deadline_yet(self, world: World) -> None:
        agrees_to_silence(world)
        chain(world, StepPlan(name="Cliente", role=Role.APPROVER, due_before_minutes=60, on_deadline="tacit"))
        with at(ASKED):
            post = world.submitted()
        (letter,) = letters(world.cliente, ASKED)
        assert (
            "Non ha ancora una scadenza. Quando l’avrà, se fino ad allora non dici nulla vale come il tuo sì" in letter
        )
        with at(ASKED):
            edit_post(user=world.vito, post=post, publish_at=OUT)
        with at(rome(2027, 3, 3, 8)):
            assert sweep(now=rome(2027, 3, 3, 8)) == 1
        assert review_of(post).state == "approved"

    def pages(self, world: World, post: Post) -> list[bool]:
        """Whether the client's page, the desk, the API and the lists of what waits say so."""
        review = review_of(post)
        with at(rome(2027, 3, 1, 10)):
            theirs = Browser().get(link_to(post, world.cliente)).content.decode()
            desk = Browser()
            desk.force_login(world.marta)
            with translation.override("it"):
                ours = desk.get(f"/admin/approvals/review/{review.pk}/").content.decode()
                waiting = desk.get("/admin/approvals/seat/").content.decode()
            phone = Browser()
            phone.force_login(world.cliente)
            lists = [phone.get(path).content.decode() for path in (HOME, MANY)]
            step = Caller(world.cliente).get(f"reviews/{review.pk}/")["steps"][0]
        return [
            YOURS in theirs and ANY in theirs,
            ANY in ours,
            step["silence_counts"],
            *(YOURS in page for page in lists),
            ANY in waiting,
        ]
