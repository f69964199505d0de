"""Eight people and workers do everything at once: nothing is refused for another reason than its own, nobody waits in a
circle, and at the end all that must be true is true.

``RUSH_SECONDS`` says for how long (20).
"""

import os
import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from functools import partial
from io import StringIO
from typing import Any

import pytest
from django.core.exceptions import ObjectDoesNotExist, PermissionDenied, ValidationError
from django.core.management import call_command
from django.db import connection, connections
from django.utils import timezone

from accounts.errors import Conflict
from accounts.models import User
from approvals.models import Chain, Comment, Deputy, Review, Seat
from approvals.services import (
    StepPlan,
    add_comment,
    decide,
    decline,
    end_deputy,
    name_deputy,
    reopen_comment,
    replace_seat,
    resolve_comment,
    save_chain,
    take_back,
    take_over,
)
from approvals.services.blocking import tell_blocked
from approvals.services.bulk import approve_many
from approvals.services.codes import send_code, spend_code
from approvals.services.links import issue_link, open_link
from approvals.services.nudging import nudge_all
from approvals.services.reminding import remind
from approvals.services.sweeping import sweep
from approvals.services.unanswered import escalate_unanswered
from approvals.services.warning import warn
from clients.models import Client
from clients.services import end_role, freeze, set_role, unfreeze
from notifications.services import send_due
from social.models import Label, Post, PostState, PostVersion, Publication
from social.services import (
    claiming,
    create_channel,
    create_label,
    create_post,
    edit_post,
    publishing,
    scheduling,
    submit_post,
    withdraw_post,
)
from tests.approvals.engine import truths
from tests.approvals.engine.cast import AGREED_ON, DOCUMENT, Stage
from tests.quotes.models import Quote
from tests.quotes.services import create_quote, edit_quote, move_quote, submit_quote, withdraw_quote
from tests.quotes.subject import KIND

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
SECONDS = float(os.environ.get("RUSH_SECONDS", "20"))
LONG = 60  # seconds within which each act has succeeded at least once
THREADS = 8
STATES = set(PostState.values)
REFUSALS = (Conflict, PermissionDenied, ObjectDoesNotExist, ValidationError)


class Rush:
    """Four quotes, four posts, two chains, a cast; and everything that can be done to them."""

    def __init__(self) -> None:
        self.stage = Stage()
        self.client, people = self.stage.client, self.stage.people
        self.people = list(people.values())
        marta = people["marta"]
        page = create_channel(
            user=marta, client=self.client, network="sandbox", handle="roero", name="Prova", credentials={}
        )
        for subject in (KIND, "post"):
            save_chain(
                user=marta, client=self.client, name=subject, subject=subject, is_default=True, steps=self.steps(0)
            )
        create_label(user=marta, client=self.client, name="Promozione")
        for number in range(4):
            create_quote(user=people["vito"], client=self.client, title=f"Q{number}", amount="1 €", terms="T0")
            create_post(user=people["vito"], client=self.client, title=f"P{number}", text="Oggi.", channels=[page])
        self.acts: list[Callable[[random.Random], Any]] = [
            *[self.decide] * 8,
            *[self.submit] * 4,
            *[self.edit, self.withdraw, self.take_back, self.replace, self.deputise, self.end_deputy] * 2,
            *[self.publish, self.sweep, self.mail, self.bulk, self.comment, self.move],
            *[self.suggest, self.settle, self.resolve, self.code, self.sort],
            *[self.save_chain, self.change_role, self.consent, self.stop],
        ]

    def steps(self, which: int) -> list[StepPlan]:
        """One of several chains."""
        p = self.stage.people
        late: dict[str, Any] = {
            "due_after_minutes": 1,
            "on_deadline": "escalate",
            "escalate_to": [p["marta"], p["ada"]],
        }
        tacit: dict[str, Any] = {"due_after_minutes": 2, "on_deadline": "tacit"}
        return [
            [StepPlan(name="A", users=[p["elena"], p["luca"]], **late), StepPlan(name="B", role="approver", **tacit)],
            [StepPlan(name="A", users=[p["elena"], p["luca"], p["marta"]], rule="at_least", needed=2)],
            [StepPlan(name="B", role="approver"), StepPlan(name="C", users=[p["marta"], p["ada"]], four_eyes=True)],
        ][which % 3]

    # What can be done

    def one(self, chance: random.Random) -> User:
        """Somebody, read anew."""
        return User.objects.get(pk=chance.choice(self.people).pk)

    def review(self, chance: random.Random) -> Review:
        """A review of something, most likely an open one."""
        found = list(Review.objects.order_by("-pk")[:12])
        opened = [review for review in found if review.state == "open"]
        return chance.choice(opened if opened and chance.random() < 0.8 else found or [Review()])

    def decide(self, chance: random.Random) -> None:
        """Somebody who is asked, or anybody."""
        review, user = self.review(chance), self.one(chance)
        seats = list(Seat.objects.filter(step__review=review.pk, step__state="active", ended_at=None, decision=None))
        if seats and chance.random() < 0.8:
            user = chance.choice(seats).user
        verdict = "approve" if chance.random() < 0.8 else "request_changes"
        decide(review=review, user=user, digest=review.digest, verdict=verdict, comment="Così.")

    def submit(self, chance: random.Random) -> None:
        """A quote or a post."""
        vito = self.stage.people["vito"]
        if chance.random() < 0.5:
            submit_quote(
                user=vito, quote=chance.choice(list(Quote.objects.filter(client=self.client, title__startswith="Q")))
            )
            return
        post = chance.choice(list(Post.objects.all()))
        if post.state in {"draft", "changes_requested"} and chance.random() < 0.5:
            when = timezone.now() + timedelta(seconds=1)
            edit_post(user=vito, post=post, publish_at=when, publish_zone="UTC")
        submit_post(user=vito, post=post)

    def edit(self, chance: random.Random) -> None:
        """Other words."""
        user, words = self.one(chance), f"{chance.randint(1, 99)} €"
        if chance.random() < 0.5:
            edit_quote(user=user, quote=chance.choice(list(Quote.objects.all())), amount=words)
        else:
            edit_post(user=user, post=chance.choice(list(Post.objects.all())), text=words, publish_at=None)

    def withdraw(self, chance: random.Random) -> None:
        """Back to a draft."""
        if chance.random() < 0.5:
            withdraw_quote(user=self.one(chance), quote=chance.choice(list(Quote.objects.all())))
        else:
            withdraw_post(user=self.one(chance), post=chance.choice(list(Post.objects.all())))

    def move(self, chance: random.Random) -> None:
        """Another time."""
        quote, when = (
            chance.choice(list(Quote.objects.all())),
            timezone.now() + timedelta(minutes=chance.randint(-5, 90)),
        )
        move_quote(user=self.one(chance), quote=quote, goes_out_at=when)

    def take_back(self, chance: random.Random) -> None:
        """Somebody thinks again."""
        review = self.review(chance)
        said = list(Seat.objects.filter(step__review=review.pk, decision__verdict="approve"))
        user = chance.choice(said).user if said else self.one(chance)
        take_back(review=review, user=user, reason="Ci ripenso.")

    def replace(self, chance: random.Random) -> None:
        """Somebody else sits there."""
        seat = chance.choice(
            list(Seat.objects.filter(step__review=self.review(chance).pk)) or [Seat(client=self.client)]
        )
        replace_seat(user=self.stage.people["ada"], seat=seat, person=self.one(chance), reason="Via.")

    def deputise(self, chance: random.Random) -> None:
        """Somebody stands in, for a moment."""
        now = timezone.now()
        times = {"from_at": now, "until": now + timedelta(seconds=chance.randint(1, 20))}
        ada = self.stage.people["ada"]
        name_deputy(user=ada, client=self.client, principal=self.one(chance), deputy=self.one(chance), **times)

    def end_deputy(self, chance: random.Random) -> None:
        """No more."""
        rows = list(Deputy.objects.order_by("-pk")[:3])
        if rows:
            end_deputy(user=self.stage.people["ada"], deputy=chance.choice(rows))

    def publish(self, _chance: random.Random) -> None:
        """What is due goes out, and what nobody has heard of is asked for."""
        now = timezone.now() + timedelta(seconds=2)
        for pk, _state in claiming.hand_out(now):
            publishing.publish(publication_id=pk)
        scheduling.mark_late()

    def sweep(self, chance: random.Random) -> None:
        """All sweeps, at an hour of their own."""
        now = timezone.now() + timedelta(minutes=chance.choice([0, 1, 3, 60 * 24 * 3]))
        for act in (sweep, warn, remind, escalate_unanswered, tell_blocked):
            act(now=now)

    def mail(self, _chance: random.Random) -> None:
        """The outbox is emptied."""
        send_due()

    def bulk(self, chance: random.Random) -> None:
        """Approve this week."""
        seen = [(review.pk, review.digest) for review in Review.objects.filter(state="open")[:5]]
        approve_many(user=self.one(chance), seen=seen, via="portal")

    def comment(self, chance: random.Random) -> None:
        """Words, and a nudge."""
        review = self.review(chance)
        add_comment(review=review, user=self.one(chance), text="E il prezzo?", audience="client")
        nudge_all(user=self.stage.people["ada"], review=review)

    def suggest(self, chance: random.Random) -> None:
        """Other words for all of what a post says in its version."""
        review = chance.choice(
            list(Review.objects.filter(subject_type__model="post").order_by("-pk")[:6]) or [Review()]
        )
        version = PostVersion.objects.get(post=review.subject_id, number=review.version)
        entry = version.content["channels"][0]
        anchor = {"part": str(entry["channel"]), "start": 0, "end": len(entry["text"]), "quote": entry["text"]}
        words = f"{chance.randint(1, 99)} euro"
        add_comment(review=review, user=self.one(chance), text="", audience="client", anchor=anchor, suggestion=words)

    def settle(self, chance: random.Random) -> None:
        """They are taken over, or not."""
        found = list(Comment.objects.filter(suggestion__isnull=False).order_by("-pk")[:4])
        comment, user = chance.choice(found or [Comment(client=self.client)]), self.one(chance)
        if chance.random() < 0.7:
            take_over(comment=comment, user=user, submit=chance.random() < 0.5)
        else:
            decline(comment=comment, user=user, word="No.")

    def resolve(self, chance: random.Random) -> None:
        """A thread is done, or not yet."""
        found = list(Comment.objects.filter(parent=None, suggestion=None).order_by("-pk")[:4])
        comment, user = chance.choice(found or [Comment(client=self.client)]), self.one(chance)
        act = reopen_comment if comment.resolved_at else resolve_comment
        act(comment=comment, user=user)

    def code(self, chance: random.Random) -> None:
        """Somebody opens a link, and types a code; the right one is nobody's to guess."""
        seats = list(Seat.objects.filter(step__review=self.review(chance).pk, ended_at=None))
        link = open_link(secret=issue_link(seat=chance.choice(seats or [Seat(client=self.client)])))
        assert link is not None
        send_code(link=link)
        with suppress(ValidationError):
            spend_code(link=link, typed="000000")

    def sort(self, chance: random.Random) -> None:
        """A label more or less: it may decide who is asked."""
        labels = list(Label.objects.filter(client=self.client)) if chance.random() < 0.5 else []
        edit_post(user=self.one(chance), post=chance.choice(list(Post.objects.all())), labels=labels)

    def save_chain(self, chance: random.Random) -> None:
        """Another chain for what comes."""
        chain = chance.choice(list(Chain.objects.filter(client=self.client)))
        restart = chance.choice(["first", "refused", "unchanged"])
        fields: dict[str, Any] = {"name": chain.name, "is_default": True, "restart": restart}
        steps = self.steps(chance.randint(0, 2))
        save_chain(user=self.stage.people["ada"], client=self.client, chain=chain, steps=steps, **fields)

    def change_role(self, chance: random.Random) -> None:
        """Somebody is something else for a moment."""
        ada, person = self.stage.people["ada"], self.stage.people[chance.choice(["elena", "luca", "piero", "figlia"])]
        role = {"elena": "editor", "luca": "editor"}.get(person.name.lower(), "approver")
        membership = set_role(
            user=ada, client=self.client, person=person, role="viewer" if chance.random() < 0.5 else role
        )
        if chance.random() < 0.3:
            end_role(user=ada, membership=membership)
        set_role(user=ada, client=self.client, person=person, role=role)

    def consent(self, chance: random.Random) -> None:
        """Agreed to, or not. The row alone: the document is no part of this."""
        agreed = chance.random() < 0.7
        fields = {"tacit_consent_agreed_on": AGREED_ON if agreed else None, "tacit_consent_document": DOCUMENT * agreed}
        Client.objects.filter(pk=self.client.pk).update(**fields)

    def stop(self, _chance: random.Random) -> None:
        """Stop everything, and go on."""
        client = Client.objects.get(pk=self.client.pk)
        ada = self.stage.people["ada"]
        unfreeze(user=ada, client=freeze(user=ada, client=client, reason="Prova"))

    # All of it

    def run(self, number: int, until: float, done: Counter[str], wrong: list[BaseException]) -> None:
        """One of the threads."""
        chance = random.Random(number)  # noqa: S311 - no secret
        try:
            while time.monotonic() < until and not wrong:
                act = chance.choice(self.acts)
                try:
                    act(chance)
                    done[act.__name__] += 1
                except REFUSALS:
                    done[f"{act.__name__} refused"] += 1
        except BaseException as error:  # noqa: BLE001 - whatever it is, it is told
            wrong.append(error)
        finally:
            connections.close_all()


def deadlocks() -> int:
    """How many PostgreSQL has had to break in this database."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_clear_snapshot()")
        cursor.execute("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
        count: int = cursor.fetchone()[0]
        return count


@contextmanager
def no_deadlocks() -> Iterator[None]:
    before = deadlocks()
    yield
    time.sleep(1)  # its statistics are written when a connection rests
    assert deadlocks() == before


def test_everything_at_once(transactional_db: None) -> None:
    rush, done, wrong = Rush(), Counter[str](), list[BaseException]()
    with no_deadlocks():
        until = time.monotonic() + SECONDS
        work = [threading.Thread(target=partial(rush.run, number, until, done, wrong)) for number in range(THREADS)]
        for thread in work:
            thread.start()
        for thread in work:
            thread.join(SECONDS + 60)
        assert not any(thread.is_alive() for thread in work), "somebody waits for ever"
        if wrong:
            raise wrong[0]
    for quote in Quote.objects.filter(review__isnull=False):
        truths.hold(truths.read(quote.pk))
    _posts_hold()
    call_command("verify_audit", stdout=StringIO())
    tried = {name.removesuffix(" refused") for name in done}
    never = {act.__name__ for act in rush.acts} - (done.keys() if SECONDS >= LONG else tried)
    assert never == set(), done
    print(sum(done.values()), dict(done))  # noqa: T201 - for who runs it for longer


def _posts_hold() -> None:
    """What went out had been approved; and a post in review has one open review, also where its hour has come (late)."""
    for publication in Publication.objects.filter(state__in=["publishing", "published"]).select_related(
        "version", "post"
    ):
        reviews = Review.objects.filter(subject_id=publication.post_id, digest=publication.version.digest)
        assert reviews.filter(state__in=["approved", "superseded", "withdrawn"]).exists()
    for post in Post.objects.select_related("review"):
        reviewed = post.review is not None and post.review.state == "open"
        assert post.state in ({"in_review", "late"} if reviewed else STATES - {"in_review"})
