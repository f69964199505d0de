"""The chains of the sample agency, the reviews that run on them, and its strategy: whatever day it is loaded on."""

import hashlib
import re
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from django.db import transaction
from pytest_django import DjangoDbBlocker

from accounts.models import User
from agency.sample.clock import clock_at
from agency.sample.loading import load
from approvals.models import Chain, Comment, Deputy, Review, ReviewStep
from approvals.waiting import all_blocked
from clients.models import Client
from social.models import Post, Silence
from social.proposals import proposals
from strategy import selectors
from strategy.content import content_of, digest_of, material_of
from strategy.differences import differences
from strategy.models import (
    Agreement,
    Cadence,
    Horizon,
    Objective,
    ObjectiveNumber,
    Occasion,
    PillarShare,
    Remark,
    Revision,
    Section,
    SectionKind,
    Strategy,
    StrategyVersion,
    Suggestion,
)
from strategy.services.checks import problems_of

DAYS = ["2026-12-29", "2027-03-29"]  # after Christmas; Easter Monday


@pytest.fixture(scope="module", params=DAYS)
def loaded(
    request: pytest.FixtureRequest, django_db_setup: None, django_db_blocker: DjangoDbBlocker
) -> Iterator[datetime]:
    """The sample agency, loaded at eight in the morning of that day, and taken back after the last of these tests."""
    now = datetime.combine(date.fromisoformat(request.param), time(8), ZoneInfo("Europe/Rome"))
    with django_db_blocker.unblock(), transaction.atomic():
        with clock_at(now):
            load(password="una parola per lo staff", now=now, begin=lambda _moments: None, step=lambda: None)
        yield now
        transaction.set_rollback(True)


@pytest.fixture
def sample(loaded: datetime, db: None) -> Iterator[datetime]:
    """The loaded agency, at the moment of its loading."""
    with clock_at(loaded):
        yield loaded


def test_chains_of_one_two_three_four_and_nine_steps(sample: datetime) -> None:
    chains = {chain.name: chain for chain in Chain.objects.prefetch_related("steps", "defaults")}
    assert {name: len(chain.steps.all()) for name, chain in chains.items()} == {
        "Redazione, cliente": 2,
        "Correzioni": 2,
        "Solo il cliente": 1,
        "Strategia": 3,
        "Redazione, account, cliente": 3,
        "Redazione, legale, portavoce, consigliera": 4,
        "Redazione, ufficio turistico": 2,
        "Con il Comune, nove passaggi": 9,
    }
    nine, four = chains["Con il Comune, nove passaggi"], chains["Redazione, legale, portavoce, consigliera"]
    assert [default.value for default in nine.defaults.all()] == ["con il Comune"]
    assert chains["Redazione, ufficio turistico"].copied_from == chains["Redazione, cliente"]
    lawyer = four.steps.get(position=2)
    assert lawyer.only == {"labels": ["Legale"], "text": ["name", "price"]}
    by_position = {step.position: step for step in nine.steps.all()}
    assert (by_position[7].rule, by_position[7].needed) == ("at_least", 2)
    assert [n for n, step in by_position.items() if step.four_eyes] == [3]
    assert [n for n, step in by_position.items() if step.managers_up] == [2]
    assert [n for n, step in by_position.items() if step.never_tacit] == [8, 9]
    assert {n: step.on_deadline for n, step in by_position.items() if step.on_deadline != "remind"} == {
        4: "escalate",
        5: "tacit",
    }
    assert Deputy.objects.get().deputy.name == "Irene Sala"


def said(title: str) -> dict[int, tuple[str, list[str]]]:
    """The last review of the post with this title: each step's state, and who has said yes there."""
    review = Review.objects.filter(title=title).order_by("-round")[0]
    return {
        step.position: (
            step.state,
            list(step.seats.exclude(decision=None).order_by("pk").values_list("decision__actor__name", flat=True)),
        )
        for step in review.steps.all()
    }


def test_reviews_of_every_kind(sample: datetime) -> None:
    overdue = ReviewStep.objects.get(review__title="Il bando per le bancarelle", state="active")
    assert overdue.due_at is not None
    assert overdue.due_at < sample
    assert list(overdue.seats.order_by("pk").values_list("user__name", "source")) == [
        ("Paola Ferrero", "chain"),
        ("Rosa Viale", "escalation"),
    ]
    silent = ReviewStep.objects.exclude(tacit_at=None).get()
    assert (silent.review.title, silent.position) == ("La piazza cambia verso", 5)
    assert silent.due_at is not None
    assert silent.tacit_at is not None
    assert timedelta() <= silent.tacit_at - silent.due_at < timedelta(seconds=2)
    assert [step.review.title for step in all_blocked() if step.state == "active"] == [
        "Fuochi d’artificio, dove si guarda"
    ]
    assert said("Il bilancio in una pagina")[7] == ("active", ["Nadia Ferri"])
    carried = ReviewStep.objects.exclude(carried_from=None)
    assert set(carried.values_list("review__title", "position", "state")) == {
        ("La navetta della fiera", 6, "passed"),
        ("I posti letto dell’ospedale", 1, "passed"),
        ("I posti letto dell’ospedale", 3, "passed"),
    }
    assert said("Quanto costa un ritardo") == {
        1: ("passed", ["Elena Riva"]),
        2: ("active", []),
        3: ("waiting", []),
        4: ("waiting", []),
    }
    assert said("Incontro con i pendolari") == {
        1: ("passed", ["Elena Riva"]),
        2: ("skipped", []),
        3: ("passed", ["Irene Sala"]),
        4: ("active", []),
    }


def test_silence_counts_where_the_client_has_said_so_in_writing(sample: datetime) -> None:
    (agreed,) = [client for client in Client.objects.all() if client.tacit_consent]
    assert agreed.slug == "castelmora"
    with agreed.tacit_consent_document.open() as document:
        data = document.read()
    assert data.startswith(b"%PDF-")
    assert "A Studio Filo".encode("cp1252") in data
    assert agreed.tacit_consent_digest == hashlib.sha256(data).hexdigest()


def test_people_talk_in_threads_and_suggest_words(sample: datetime) -> None:
    suggested = Comment.objects.exclude(suggestion=None).order_by("pk")
    assert sorted(suggested.values_list("author__name", "suggestion", "fate")) == [
        ("Elena Riva", "il merlo ha già detto tutto quello che pensa", "taken"),
        ("Paola Ferrero", "Le sedie sono centottanta", "open"),
    ]
    assert (
        Post.objects.get(title="Chi c’è prima di noi").text.count("il merlo ha già detto tutto quello che pensa") == 1
    )
    assert Comment.objects.exclude(parent=None).count() == 3
    assert Comment.objects.filter(parent=None).exclude(resolved_at=None).count() == 3
    assert Comment.objects.filter(anchor__has_key="x").get().author.name == "Dario Costa"


def test_a_strategy_with_everything_in_it(sample: datetime) -> None:
    strategy = Strategy.objects.get()
    sections = list(strategy.sections.order_by("position"))
    assert [section.kind for section in sections] == list(SectionKind.values)
    assert {section.horizon for section in sections} == set(Horizon.values)
    assert all(section.body and section.why and section.owner for section in sections)
    assert sum(PillarShare.objects.values_list("percent", flat=True)) == 100
    assert list(Objective.objects.filter(baseline=None).values_list("name", flat=True)) == [
        "Degustazioni nei giorni feriali"
    ]
    assert ObjectiveNumber.objects.count() == 8
    assert ObjectiveNumber.objects.filter(month__gt=sample.date().replace(day=1)).count() == 0
    agreed = list(Cadence.objects.values_list("per_week", "name"))
    assert agreed == [(3, ""), (2, ""), (2, ""), (Decimal("0.5"), ""), (None, "TikTok")]
    assert all(Cadence.objects.values_list("reason", flat=True))
    coming = [occasion.on >= sample.date() for occasion in Occasion.objects.all()]
    assert coming == [True] * 7
    assert problems_of(strategy, material_of(strategy)) == []


def test_it_was_agreed_by_the_long_chain_and_then_by_the_short_one(sample: datetime) -> None:
    strategy = Strategy.objects.select_related("agreed_version").get()
    first, second = StrategyVersion.objects.order_by("number")
    assert (strategy.state, strategy.agreed_version, strategy.version) == ("agreed", second, second)
    assert second.digest == digest_of(content_of(strategy))
    assert second.changed == ["volatile"]
    (changed,) = differences(first.content, second.content).sections
    assert changed.kind == "channels"
    states = [
        [step.state for step in review.steps.order_by("position")]
        for review in Review.objects.filter(chain_name="Strategia").order_by("pk")
    ]
    assert states == [["passed", "passed", "passed"], ["skipped", "passed", "passed"]]
    agreements = Agreement.objects.select_related("version").order_by("pk")
    assert [(row.version.number, row.ended_at is None) for row in agreements] == [(1, False), (2, True)]


def test_the_client_wrote_with_us_and_reads_nothing_internal(sample: datetime) -> None:
    assert list(Suggestion.objects.order_by("pk").values_list("author__name", "state", "section__kind")) == [
        ("Lucia Roero", "accepted", "audience"),
        ("Piero Roero", "declined", "tone"),
        ("Lucia Roero", "open", "roles"),
    ]
    taken = Revision.objects.get(credit__isnull=False)
    assert (taken.author.name, taken.credit and taken.credit.name) == ("Elena Riva", "Lucia Roero")
    piero = User.objects.get(email="cliente@filo.example")
    assert Remark.objects.filter(audience="internal").exists()
    assert [remark.author.name for remark in selectors.remarks(piero).order_by("pk")] == [
        "Piero Roero",
        "Elena Riva",
        "Piero Roero",
    ]
    assert {strategy.title for strategy in selectors.strategies(piero)} == {"La terra prima del prezzo"}
    served = Post.objects.exclude(objective=None)
    assert {post.client.slug for post in served.select_related("client")} == {"cantina-roero"}
    assert len(set(served.values_list("objective", flat=True))) == 3
    assert Post.objects.exclude(occasion=None).get().title == "Sabato in cantina"


def test_the_strategy_reads_as_italian(sample: datetime) -> None:
    words = [text for row in Revision.objects.values_list("title", "body", "why", "source") for text in row]
    words += [text for row in Objective.objects.values_list("name", "measure", "unit") for text in row]
    words += [text for row in Suggestion.objects.values_list("words", "comment", "reason") for text in row]
    for found in (Cadence.objects.values_list("reason"), Remark.objects.values_list("text")):
        words += [text for (text,) in found]
    words += list(Occasion.objects.values_list("note", flat=True))
    left_over = re.compile(r"\b(TODO|FIXME|lorem|the|and|with|this|your|we|is)\b|'|\.\.\.|!(?!\[)|{", re.IGNORECASE)
    assert [text for text in words if left_over.search(text)] == []
    assert Section.objects.filter(body="").count() == 0


def test_the_shop_falls_silent_in_a_week_and_something_is_proposed(sample: datetime) -> None:
    ahead = Silence.objects.select_related("channel", "client", "owner", "strategy__agreed_version")
    silence = ahead.get(channel__handle="cantina-roero-bottega")
    days = [(day - sample.date()).days for day in (silence.after, silence.falls_on, silence.until) if day]
    assert days == [0, 7, 8]
    assert silence.strategy == Strategy.objects.get()
    assert silence.owner == User.objects.get(email="vito@filo.example")
    proposed = {proposal.title: proposal for proposal in proposals(silence, sample)}
    assert {"Le ultime magnum", "Cena con chi torna", "Quanto dura una bottiglia aperta"} <= set(proposed)
    again = proposed["Quanto dura una bottiglia aperta"]
    assert (again.kind, again.reason.partition(". ")[2]) == ("evergreen", "Seen 164 times.")
