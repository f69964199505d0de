"""Who plays, and by which chains: plain data for the model, and the same as rows for the engine."""

import random
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django.core.exceptions import ValidationError

from accounts.models import User
from approvals.models import Chain
from approvals.services import StepPlan, save_chain
from clients.models import Client, Membership, WorkingHours
from tests.quotes.models import Quote
from tests.quotes.services import create_quote
from tests.quotes.subject import AMOUNT, KIND, TERMS
from tests.world import person

START = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
AGREED_ON = date(2026, 1, 15)
CHAINS = 20  # each example begins with one of so many
DOCUMENT = "consents/1/made-up.pdf"

# In the order of their numbers. The role is None for who has none; the boss is who they report to.
CAST: dict[str, tuple[str | None, str | None]] = {
    "ada": (None, None),  # agency admin
    "marta": ("manager", None),
    "elena": ("editor", "marta"),
    "luca": ("editor", "marta"),
    "vito": ("author", "elena"),
    "piero": ("approver", None),
    "figlia": ("approver", "piero"),
    "nonna": ("viewer", None),
    "carlo": (None, None),
}
NAMES = list(CAST)
STAFF = ["marta", "elena", "luca", "vito"]


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """A step of a chain with its people by name; ``only`` as pairs, so that it can be compared."""

    name: str
    rule: str = "any"
    needed: int = 1
    role: str = ""
    users: tuple[str, ...] = ()
    managers_up: int = 0
    channels: tuple[int, ...] = ()
    text: tuple[str, ...] = ()
    due_after: int | None = None
    due_before: int | None = None
    on_deadline: str = "remind"
    escalate_to: tuple[str, ...] = ()
    never_tacit: bool = False
    four_eyes: bool = False

    @property
    def recipe(self) -> tuple[Any, ...]:
        """What the next round knows it by."""
        return (
            self.name,
            self.rule,
            self.needed,
            self.role,
            self.managers_up,
            self.channels,
            self.text,
            self.four_eyes,
        )

    def plan(self, people: dict[str, User]) -> StepPlan:
        """The same, as the engine wants it."""
        only: dict[str, list[Any]] = {"channels": list(self.channels), "text": list(self.text)}
        return StepPlan(
            name=self.name,
            rule=self.rule,
            needed=self.needed,
            role=self.role,
            users=[people[name] for name in self.users],
            managers_up=self.managers_up,
            only={key: value for key, value in only.items() if value},
            due_after_minutes=self.due_after,
            due_before_minutes=self.due_before,
            on_deadline=self.on_deadline,
            escalate_to=[people[name] for name in self.escalate_to],
            never_tacit=self.never_tacit,
            four_eyes=self.four_eyes,
        )


_ANYONE = ("marta", "elena", "luca")

# Chains that ask for trouble. What ``plots`` begins with is written for them.
BY_HAND: dict[str, tuple[Wanted, ...]] = {
    "other eyes": (
        Wanted(name="Uno", users=("elena", "luca")),
        Wanted(name="Due", users=("luca", "marta"), four_eyes=True),
    ),
    "two of four": (
        Wanted(name="Due di quattro", rule="at_least", needed=2, users=(*_ANYONE, "piero")),
        Wanted(name="Tutti", rule="all", role="approver"),
    ),
    "parts": (
        Wanted(name="Importo", users=("elena", "luca"), channels=(AMOUNT,)),
        Wanted(name="Condizioni", users=("marta", "luca"), channels=(TERMS,), four_eyes=True),
        Wanted(name="Cliente", role="approver"),
    ),
    "parts, then other eyes": (
        Wanted(name="Importo", users=_ANYONE, channels=(AMOUNT,)),
        Wanted(name="Condizioni", users=_ANYONE, channels=(TERMS,)),
        Wanted(name="Occhi", users=_ANYONE, four_eyes=True),
    ),
    "managers": (
        Wanted(name="Prezzo", users=("marta", "ada"), text=("price",)),
        Wanted(name="Chi comanda", managers_up=1),
        Wanted(name="Chi comanda", managers_up=2),
    ),
    "more are asked": (
        Wanted(
            name="Presto",
            users=("elena", "vito"),
            due_after=60,
            on_deadline="escalate",
            escalate_to=("marta", "ada", "vito"),
        ),
        Wanted(name="Cliente", rule="all", users=("piero", "figlia"), due_after=120, on_deadline="tacit"),
    ),
    "before it goes out": (
        Wanted(name="Mai tacito", users=("piero",), never_tacit=True, due_after=30),
        Wanted(name="Prima", rule="at_least", needed=2, users=_ANYONE, due_before=60, on_deadline="tacit"),
    ),
    # The same step twice: what one of them got is not the other's.
    "alike": (
        Wanted(name="Occhi", users=(*_ANYONE, "piero")),
        Wanted(name="Occhi", users=(*_ANYONE, "piero")),
        Wanted(name="Fine", role="approver"),
    ),
    "other eyes twice": (
        Wanted(name="A", users=("elena", "luca", "vito")),
        Wanted(name="B", rule="at_least", needed=2, users=(*_ANYONE, "ada"), four_eyes=True),
        Wanted(name="C", rule="all", users=("piero", "ada"), four_eyes=True),
    ),
    "two and two": (
        Wanted(name="Due", rule="at_least", needed=2, users=(*_ANYONE, "vito")),
        Wanted(name="Altri due", rule="at_least", needed=2, users=(*_ANYONE, "ada", "piero"), four_eyes=True),
    ),
    # Silence beside four eyes, and beside people who leave.
    "silent eyes": (
        Wanted(name="Uno", users=("elena", "luca")),
        Wanted(name="Occhi", users=("elena", "luca"), four_eyes=True, due_after=60, on_deadline="tacit"),
        Wanted(name="Cliente", rule="at_least", needed=2, role="approver"),
    ),
    "all, or silence": (
        Wanted(name="Tutti", rule="all", users=_ANYONE, channels=(AMOUNT,), due_after=60, on_deadline="tacit"),
        Wanted(
            name="Cliente",
            users=("piero",),
            four_eyes=True,
            due_after=90,
            due_before=30,
            on_deadline="escalate",
            escalate_to=("figlia", "marta"),
        ),
    ),
}


def _by_chance(chance: random.Random) -> tuple[Wanted, ...]:
    return tuple(_step_by_chance(chance, number) for number in range(chance.randint(1, 3)))


def _step_by_chance(chance: random.Random, number: int) -> Wanted:
    deciding = NAMES[:7]
    step = Wanted(name=chance.choice(["Passo", f"Passo {number}"]))
    who = chance.choice(["users", "users", "users", "users", "role", "manager"])
    if who == "users":
        step = replace(step, users=tuple(sorted(chance.sample(deciding, chance.randint(2, 4)), key=NAMES.index)))
    elif who == "role":
        step = replace(step, role=chance.choice(["manager", "editor", "approver"]))
    else:
        step = replace(step, managers_up=chance.randint(1, 2))
    rule = chance.choice(["any", "all", "at_least", "at_least"])
    needed = chance.randint(1, max(1, len(step.users))) if rule == "at_least" else 1
    step = replace(step, rule=rule, needed=needed, four_eyes=chance.random() < 0.5)
    if chance.random() < 0.25:
        step = replace(step, channels=(chance.choice([AMOUNT, TERMS]),))
    elif chance.random() < 0.15:
        step = replace(step, text=("price",))
    if chance.random() < 0.5:
        when = {chance.choice(["due_after", "due_before"]): chance.choice([30, 60, 120])}
        step = replace(step, **when, on_deadline=chance.choice(["remind", "escalate", "tacit", "tacit"]))  # type: ignore[arg-type]
        if step.on_deadline == "escalate":
            step = replace(step, escalate_to=tuple(chance.sample(deciding, 2)))
    return step


@dataclass
class Stage:
    """The rows that every example begins with, and what the model knows of them."""

    people: dict[str, User] = field(default_factory=dict)
    client: Client = field(init=False)
    quote: Quote = field(init=False)
    chains: list[tuple[Chain, tuple[Wanted, ...]]] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Everybody moves in."""
        self.people = {name: person(name, name.title(), is_agency_admin=name == "ada") for name in NAMES}
        self.client = Client.objects.create(
            name="Cantina Roero",
            slug="cantina-roero",
            timezone="UTC",
            holidays_country="",
            tacit_consent_agreed_on=AGREED_ON,
            tacit_consent_document=DOCUMENT,
        )
        for weekday in range(7):  # working minutes are minutes
            WorkingHours.objects.create(client=self.client, weekday=weekday, opens=time(0), closes=time(0))
        for name, (role, boss) in CAST.items():
            if role is not None:
                manager = self.people[boss] if boss else None
                Membership.objects.create(client=self.client, user=self.people[name], role=role, manager=manager)
        self.quote = create_quote(
            user=self.people["vito"], client=self.client, title="Sito", amount="Da dire", terms="T0"
        )

    def write_chains(self, seed: int, many: int = CHAINS) -> None:
        """So many chains, the ones by hand first; always the same ones for a seed."""
        chance = random.Random(seed)  # noqa: S311 - no secret
        by_hand = list(BY_HAND.values())
        while len(self.chains) < many:
            number = len(self.chains)
            steps = by_hand[number] if number < len(by_hand) else _by_chance(chance)
            plans = [step.plan(self.people) for step in steps]
            name = f"Chain {number}"
            try:
                chain = save_chain(user=self.people["ada"], client=self.client, name=name, subject=KIND, steps=plans)
            except ValidationError:
                assert number >= len(by_hand)
                continue  # nobody could pass it
            self.chains.append((chain, steps))

    def at(self, minute: int) -> datetime:
        """The moment so many minutes after the beginning."""
        return START + timedelta(minutes=minute)
