"""What could fill a silence, and a draft made of it in two clicks."""

from datetime import date, datetime, time
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.errors import Conflict
from audit.models import Event
from social.comebacks import BLANKS, comeback
from social.models import Channel, Post, Publication, Reading, Silence
from social.proposals import Proposal, proposals
from social.proposals.planned import next_day
from social.services import create_post, edit_post, set_slots, submit_post
from social.services.silences import foresee, take_up
from social.services.slots import SlotPlan
from strategy.models import Occasion
from strategy.services import add_occasion, create_pillar, set_shares, submit_strategy
from tests.approvals.clock import at, rome
from tests.social.quiet import BEGUN, agree_on, silence, swept
from tests.strategy.documents import say
from tests.world import World, sandbox


def out(world: World, when: datetime, text: str, channel: Channel | None = None, **numbers: int) -> Post:
    """A post that went out then, with these numbers as they were counted last."""
    with at(when):
        publication = world.due(text=text, title="", channels=[channel or world.page])
    for state in ("publishing", "published"):
        Publication.objects.filter(pk=publication.pk).update(state=state, published_at=when)
    Post.objects.filter(pk=publication.post_id).update(state="publishing")
    Post.objects.filter(pk=publication.post_id).update(state="published")
    if numbers:
        Reading.objects.create(publication=publication, client=world.winery, mark=1, **numbers)
    return publication.post


def found(silence: Silence, kind: str) -> list[Proposal]:
    with at(BEGUN):
        return [proposal for proposal in proposals(silence, BEGUN) if proposal.kind == kind]


def test_posts_worth_repeating(world: World) -> None:
    july = rome(2026, 7, 1, 10)
    seen = out(world, july, "Molto visto", views=90_000)
    sold = out(world, rome(2026, 7, 3, 10), "Molto venduto", conversions=7, reach=100)
    out(world, rome(2026, 7, 5, 10), "Ridetto", conversions=90)
    out(world, rome(2026, 12, 20, 10), "  ridetto ")  # the same, of late
    clicked = out(world, rome(2026, 7, 7, 10), "Cliccato", clicks=5)
    long = out(world, rome(2026, 7, 9, 10), "Lungo", conversions=99)
    Post.objects.filter(pk=long.pk).update(text="x" * 2000)  # more than the page takes now
    ahead = silence(world)
    repeated = found(ahead, "evergreen")
    assert [(row.post, row.text) for row in repeated][:2] == [(sold, "Molto venduto"), (clicked, "Cliccato")]
    assert seen in [row.post for row in repeated]
    assert [row.reason.partition(". ")[2] for row in repeated] == [
        "7 conversions, 100 people reached.",
        "5 clicks.",
        "Seen 90,000 times.",
    ]
    with at(BEGUN):
        made = take_up(user=world.elena, silence=ahead, proposal=repeated[0].key)
    assert (made.state, made.text, made.author, made.pk != sold.pk) == ("draft", "Molto venduto", world.elena, True)
    assert [variant.channel for variant in made.variants.all()] == [world.page]


def test_a_post_comes_again_with_what_it_had_on_the_channel(world: World) -> None:
    other = sandbox(world.marta, world.winery, "altra")
    post = out(world, rome(2026, 7, 1, 10), "Per l’altra", channel=other, conversions=1)
    ahead = silence(world)
    (proposal,) = found(ahead, "evergreen")
    assert proposal.post == post
    with at(BEGUN):
        made = take_up(user=world.vito, silence=ahead, proposal=proposal.key)
    assert [variant.channel for variant in made.variants.all()] == [world.page]
    ahead.refresh_from_db()
    assert (ahead.state, ahead.filled_by) == ("filled", made)
    event = Event.objects.get(verb="silence.taken_up")
    assert (event.actor, event.data["proposal"], event.data["post"]) == (world.vito, proposal.key, made.pk)


def test_drafts_that_lie_around(world: World) -> None:
    with at(BEGUN):
        lying = world.draft(title="Potatura")
        nowhere = create_post(user=world.vito, client=world.winery, title="Senza canale", channels=[])
        world.draft(title="Ha la sua ora", publish_at=rome(2027, 4, 20))
        create_post(user=world.bruno, client=world.town, title="Del comune", channels=[world.town_page])
    ahead = silence(world)
    drafts = found(ahead, "draft")
    assert [row.post for row in drafts] == [nowhere, lying]
    assert drafts[1].reason == "Vito Serra’s draft without a time, last touched on Monday 1 March."
    with at(BEGUN):
        made = take_up(user=world.vito, silence=ahead, proposal=f"draft:{nowhere.pk}")
    assert (made.pk, made.publish_at) == (nowhere.pk, rome(2027, 3, 9, 10))
    assert [variant.channel for variant in made.variants.all()] == [world.page]


def test_occasions_near_by(world: World) -> None:
    strategy = agree_on(world)
    with at(BEGUN):
        first = add_occasion(user=world.vito, strategy=strategy, name="San Giuseppe", on=date(2019, 3, 19), yearly=True)
        add_occasion(user=world.vito, strategy=strategy, name="Passata", on=date(2026, 3, 19))
        soon = add_occasion(user=world.vito, strategy=strategy, name="Donna", on=date(2027, 3, 8))
        add_occasion(user=world.vito, strategy=strategy, name="Ferragosto", on=date(2027, 8, 15))
        second = add_occasion(user=world.vito, strategy=strategy, name="Fiera", on=date(2027, 3, 25), note="In piazza.")
        served = add_occasion(user=world.vito, strategy=strategy, name="Ha il suo post", on=date(2027, 3, 10))
        world.draft(occasion=served, publish_at=rome(2027, 3, 10))
        again(world, strategy)
    swept(BEGUN)
    ahead = Silence.objects.get(state="foreseen")
    near = found(ahead, "occasion")
    assert [(row.title, row.publish_at) for row in near] == [
        ("Donna", rome(2027, 3, 8, 10)),
        ("San Giuseppe", rome(2027, 3, 9, 10)),  # on the day itself the channel would have been silent for ten days
        ("Fiera", rome(2027, 3, 9, 10)),
    ]
    assert near[0].reason == "On Monday 8 March, and no post is for it yet."
    assert near[2].reason == (
        "On Thursday 25 March, and no post is for it yet. In piazza. "
        "A post on the day itself would come too late for this silence: it goes out before, and looks ahead to it."
    )
    with at(BEGUN):
        made = take_up(user=world.vito, silence=ahead, proposal=near[1].key)
    assert (made.occasion, made.title, made.publish_at) == (first, "San Giuseppe", rome(2027, 3, 9, 10))
    assert [row.occasion for row in found(ahead, "occasion")] == [soon, second]
    with at(BEGUN):  # written, it fills the silence
        edit_post(user=world.vito, post=made, text="Fra dieci giorni è San Giuseppe.")
        foresee(now=BEGUN)
    ahead.refresh_from_db()
    assert (ahead.state, ahead.filled_by) == ("filled", made)


def again(world: World, strategy: Any) -> None:
    strategy.refresh_from_db()
    submit_strategy(user=world.vito, strategy=strategy)
    say(strategy, world.elena)
    say(strategy, world.cliente)


@pytest.mark.parametrize(
    ("on", "yearly", "today", "comes"),
    [
        (date(2027, 3, 1), 0, date(2027, 3, 1), date(2027, 3, 1)),
        (date(2027, 3, 1), 0, date(2027, 3, 2), None),
        (date(2020, 3, 1), 1, date(2027, 3, 1), date(2027, 3, 1)),
        (date(2020, 3, 1), 1, date(2027, 3, 2), date(2028, 3, 1)),
        (date(2020, 1, 1), 1, date(2026, 12, 31), date(2027, 1, 1)),
        (date(2024, 2, 29), 1, date(2027, 2, 1), date(2027, 2, 28)),
        (date(2024, 2, 29), 1, date(2027, 3, 1), date(2028, 2, 29)),
        (date(2030, 5, 5), 1, date(2027, 3, 1), date(2030, 5, 5)),
    ],
)
def test_when_an_occasion_comes(on: date, yearly: int, today: date, comes: date | None) -> None:
    assert next_day(Occasion(on=on, yearly=bool(yearly)), today) == comes


def test_pillars_behind_their_share(world: World) -> None:
    vine, people, gone = [
        create_pillar(user=world.marta, client=world.winery, name=name) for name in ("Vigna", "Persone", "Andato")
    ]
    strategy = agree_on(world)
    with at(BEGUN):
        strategy.refresh_from_db()
        set_shares(user=world.vito, strategy=strategy, shares=[(vine, 50), (people, 30), (gone, 20)])
        again(world, strategy)
        for number in range(3):
            world.draft(pillar=vine, title=f"{number}", publish_at=rome(2027, 4, 20 + number))
        world.draft(pillar=people, publish_at=rome(2027, 4, 20))
    type(gone).objects.filter(pk=gone.pk).update(retired_at=BEGUN)
    swept(BEGUN)
    ahead = Silence.objects.get(state="foreseen")
    (behind,) = found(ahead, "pillar")
    assert behind.title == "Persone"
    assert behind.reason == "30 % of the posts were agreed for it; of two months back and ahead it has 25 %."
    with at(BEGUN):
        made = take_up(user=world.vito, silence=ahead, proposal=behind.key)
        assert (made.pillar, made.title) == (people, "Persone")
        # It has still to be written: the silence is ahead, and the pillar is not proposed once more until the draft is given up.
        ahead.refresh_from_db()
        assert (ahead.state, ahead.filled_by, found(ahead, "pillar")) == ("foreseen", made, [])
        with pytest.raises(Conflict) as taken:
            take_up(user=world.elena, silence=ahead, proposal=behind.key)
        assert taken.value.code == "no_proposal"
        edit_post(user=world.vito, post=made, text="Chi pota la vigna da trent’anni.")
        foresee(now=BEGUN)
        ahead.refresh_from_db()
        assert (ahead.state, ahead.filled_by) == ("filled", made)


def test_coming_back_in_the_clients_language(world: World) -> None:
    ahead = silence(world)
    (proposal,) = found(ahead, "return")
    assert proposal.text == comeback("it", date(2027, 3, 1), date(2027, 3, 9))
    assert "Per qualche giorno qui non ci avete letto." in proposal.text
    with at(BEGUN):
        made = take_up(user=world.vito, silence=ahead, proposal="return:0")
        # Nothing goes out while our blanks are in it.
        with pytest.raises(ValidationError) as refused:
            submit_post(user=world.vito, post=made)
    (said,) = refused.value.message_dict["text"]
    assert "[che cosa è successo davvero, in una frase]" in said


@pytest.mark.parametrize(
    ("language", "last", "words"),
    [
        ("it", date(2026, 11, 30), "L’ultima volta che ci avete letto qui era novembre 2026."),
        ("it", date(2027, 3, 1), "L’ultima volta che ci avete letto qui era marzo."),
        ("en", date(2027, 3, 1), "You last heard from us here in March."),
        ("en", date(2027, 4, 18), "You haven’t heard from us here for a few weeks."),
        ("it", date(2027, 5, 18), "Per qualche settimana qui non ci avete letto."),
        ("en", date(2027, 5, 19), "You haven’t heard from us here for a few days."),
    ],
)
def test_a_long_silence_is_called_by_its_name(language: str, last: date, words: str) -> None:
    text = comeback(language, last, date(2027, 6, 1))
    assert text.startswith(words)
    assert [blank for blank in BLANKS if blank in text]


def test_in_a_free_slot_that_still_fills_it(world: World) -> None:
    with at(BEGUN):
        set_slots(user=world.marta, channel=world.page, slots=[SlotPlan(3, time(18, 30)), SlotPlan(0, time(9))])
    ahead = silence(world)
    assert (
        found(ahead, "return")[0:1] == []
    )  # on Thursday it has been quiet for three days only: nothing to come back from
    with at(BEGUN):
        lying = world.draft()
    assert found(ahead, "draft")[0].publish_at == rome(2027, 3, 4, 18, 30)
    with at(BEGUN):
        made = take_up(user=world.vito, silence=ahead, proposal=f"draft:{lying.pk}")
    assert made.publish_at == rome(2027, 3, 4, 18, 30)
    ahead.refresh_from_db()
    assert ahead.state == "filled"


def test_what_is_not_there_any_more(world: World) -> None:
    ahead = silence(world)
    with at(BEGUN):
        for key in ("draft:999999", "pillar:1", "evergreen:x", "", "return:1"):
            with pytest.raises(Conflict) as gone:
                take_up(user=world.vito, silence=ahead, proposal=key)
            assert gone.value.code == "no_proposal"
        with pytest.raises(ValidationError) as refused:
            take_up(user=world.vito, silence=ahead, proposal="return:0", publish_at=rome(2027, 2, 1))
    assert list(refused.value.message_dict) == ["publish_at"]
    assert not Post.objects.exists()
    ahead.refresh_from_db()
    assert (ahead.state, ahead.filled_by) == ("foreseen", None)


def test_a_fixed_number_of_queries(world: World) -> None:
    for number in range(2):
        out(world, rome(2026, 7, 1 + number, 10), f"{number}", conversions=1)
    ahead = silence(world)

    def queries() -> int:
        with at(BEGUN), CaptureQueriesContext(connection) as asked:
            proposals(Silence.objects.select_related("client", "channel__client", "strategy").get(pk=ahead.pk), BEGUN)
        return len(asked)

    first = queries()
    with at(BEGUN):
        for number in range(4):
            world.draft(title=f"Bozza {number}")
    for number in range(4):
        out(world, rome(2026, 8, 1 + number, 10), f"Altro {number}", conversions=1)
    assert queries() == first
