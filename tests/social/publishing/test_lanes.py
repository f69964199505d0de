"""A network has its share of a worker's threads; who waits for it keeps none of the others."""

import threading
import time
from datetime import timedelta

import pytest
from django.conf import settings
from django.db import OperationalError, connections
from django.utils import timezone

from social import networks
from social.models import Channel, Publication, SandboxPost
from social.services import asking, checking, claiming, create_channel, lanes, publishing, renewing
from social.services.lanes import Lane, Question
from social.tasks import publish
from tests.social.publishing.flood import copies
from tests.social.publishing.stepwise import Stepwise
from tests.world import World

PATIENCE = 10.0


class Slow:
    """Work that ends when it is told to, and says who did what."""

    def __init__(self) -> None:
        self.began: list[tuple[int, str]] = []
        self.changed = threading.Condition()
        self.end = threading.Event()

    def __call__(self, one: int) -> None:
        with self.changed:
            self.began.append((one, threading.current_thread().name))
            self.changed.notify_all()
        assert self.end.wait(PATIENCE)

    def until(self, many: int) -> None:
        with self.changed:
            assert self.changed.wait_for(lambda: len(self.began) >= many, PATIENCE)


def come(lane: Lane, work: Slow, one: int) -> threading.Thread:
    thread = threading.Thread(target=lane.run, args=(one, work), name=f"thread {one}")
    thread.start()
    return thread


def test_two_go_at_once_and_the_others_cost_no_thread() -> None:
    lane, work = Lane(2), Slow()
    busy = [come(lane, work, one) for one in (1, 2)]
    work.until(2)
    for one in (3, 4, 5, 4):
        later = come(lane, work, one)
        later.join(PATIENCE)
        assert not later.is_alive()  # it waits in memory, its thread is for the other networks
    assert sorted(one for one, _who in work.began) == [1, 2]
    work.end.set()
    for thread in busy:
        thread.join(PATIENCE)
    assert [one for one, _who in work.began[2:]] == [3, 4, 5]  # in order, and the one that came twice once
    assert {who for _one, who in work.began} == {"thread 1", "thread 2"}
    assert lane.clear() == []


def test_who_waits_goes_in_turns_between_clients() -> None:
    lane, work = Lane(1), Slow()
    busy = come(lane, work, 1)
    work.until(1)
    for one, whose in [(2, 7), (3, 7), (4, 7), (5, 8), (6, 9), (7, 8)]:
        lane.run(one, work, whose=whose)
    work.end.set()
    busy.join(PATIENCE)
    assert [one for one, _who in work.began] == [1, 2, 5, 6, 3, 7, 4]  # a flood keeps nobody else waiting
    assert lane.clear() == []


def test_who_has_the_fewest_at_work_goes_first() -> None:
    lane, work = Lane(2), Slow()
    first = threading.Thread(target=lane.run, args=(1, work), kwargs={"whose": 7})
    first.start()
    quick: list[int] = []

    def at_once(one: int) -> None:
        if one != 2:
            quick.append(one)
            return
        for other, whose in [(3, 7), (4, 7), (5, 8), (6, 8)]:
            lane.run(other, at_once, whose=whose)

    work.until(1)
    lane.run(2, at_once, whose=8)  # the only place beside the one that client 7 holds
    assert quick == [5, 6, 3, 4]
    work.end.set()
    first.join(PATIENCE)


def test_a_client_whose_server_hangs_keeps_no_other_waiting() -> None:
    lane, work = Lane(4, share=lanes.share_of(4)), Slow()
    done: list[int] = []
    busy = [threading.Thread(target=lane.run, args=(one, work), kwargs={"whose": 7}) for one in (1, 2, 3)]
    for thread in busy:
        thread.start()
    work.until(2)
    for other in (11, 12, 13):
        lane.run(other, done.append, whose=8)  # each in this thread, at once
    assert done == [11, 12, 13]
    assert len(work.began) == 2
    work.end.set()
    for thread in busy:
        thread.join(PATIENCE)
    assert len(work.began) == 3
    assert lane._free == 4


def test_of_several_that_came_together_none_waits_where_a_place_is_free() -> None:
    lane, work = Lane(2), Slow()
    sent_on: list[int] = []
    errands = [(one, 7, work) for one in (1, 2, 3)]
    together = threading.Thread(target=lane.run_all, args=(errands, sent_on.append), name="thread 1")
    together.start()
    work.until(1)
    assert sent_on == [2, 3]  # whoever has a thread for them; the first may hang
    other = come(lane, work, 2)
    work.until(2)
    lane.run_all([(one, 8, work) for one in (3, 4)], sent_on.append)  # no place: they wait
    assert ([one for one, _who in work.began], sent_on) == ([1, 2], [2, 3])
    work.end.set()
    for thread in (together, other):
        thread.join(PATIENCE)
    assert sorted(one for one, _who in work.began) == [1, 2, 3, 4]
    assert (lane._free, lane.clear()) == (2, [])


def test_who_comes_alone_begins_at_once_where_a_place_is_free() -> None:
    lane, hangs, done = Lane(3), Slow(), list[int]()
    together = threading.Thread(target=lane.run_all, args=([(1, 7, hangs), (2, 8, hangs)], lanes.nobody))
    together.start()
    hangs.until(1)
    lane.run(3, done.append, whose=9)
    assert done == [3]
    hangs.end.set()
    together.join(PATIENCE)


def test_several_that_came_together_leave_a_client_its_share_and_no_more() -> None:
    lane, work = Lane(2, share=1), Slow()
    done: list[int] = []
    sent_on: list[int] = []
    busy = threading.Thread(target=lane.run, args=(1, work), kwargs={"whose": 7})
    busy.start()
    work.until(1)
    lane.run_all([(2, 7, done.append), (3, 8, done.append), (4, 8, done.append)], sent_on.append)
    assert (done, sent_on) == ([3, 4], [])  # the first has no place, which keeps none of the others
    work.end.set()
    busy.join(PATIENCE)
    assert done == [3, 4, 2]
    assert lane._free == 2


def test_what_can_not_be_sent_on_keeps_nothing(caplog: pytest.LogCaptureFixture) -> None:
    def away(_one: int) -> None:
        raise OperationalError

    lane, done = Lane(3), list[int]()
    lane.run_all([(1, 7, done.append), (2, 8, done.append)], away)
    assert (done, lane._free) == ([1], 3)
    assert "a row could not be sent on" in caplog.text


def test_what_begins_is_handed_out_one_by_one_as_long_as_there_are_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(claiming, "MESSAGES", 3)
    rows = [(9, "publishing", "x"), (8, "unknown", "x"), (7, "unknown", "x")]
    rows += [(one, "scheduled", "x") for one in (1, 2)] + [(one, "scheduled", "bluesky") for one in range(10, 18)]
    assert list(claiming.bundles(rows)) == [
        ("publishing", [9]),
        ("unknown", [8]),
        ("unknown", [7]),
        ("scheduled", [1]),
        ("scheduled", [2]),
        ("scheduled", [10, 13, 16]),
        ("scheduled", [11, 14, 17]),
        ("scheduled", [12, 15]),
    ]
    assert list(claiming.bundles([])) == []


def test_what_comes_in_one_message_goes_out_each_once(transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    world, sent_on = World(), list[int]()
    monkeypatch.setattr(publish, "delay", sent_on.append)
    ids = [world.due(text=f"Numero {number}").pk for number in range(4)]
    publish(*ids)
    assert sent_on == ids[1:]
    for one in [*sent_on, *ids]:  # a message that comes twice, too
        publish(one)
    assert set(Publication.objects.filter(pk__in=ids).values_list("state", "tries")) == {("published", 1)}
    assert SandboxPost.objects.count() == 4


def test_networks_of_one_company_have_their_places_together(
    transactional_db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = World()
    meta = {slug for slug in networks.NETWORKS if lanes.company_of(slug) == "meta"}
    assert meta == {"facebook", "instagram", "threads"}
    assert publishing._lane("meta")._free == settings.THREADS // 3 == 5
    assert lanes.questions("facebook", "ask") is lanes.questions("threads", "ask") is not lanes.questions("x", "ask")
    here, there = world.due(), world.due(text="Altrove")
    Publication.objects.filter(pk=there.pk).update(network="instagram")
    Publication.objects.filter(pk=here.pk).update(network="facebook")
    sent: list[tuple[int, str]] = []

    def publish(one: int, slug: str) -> None:
        if not sent:
            publishing.publish(publication_id=there.pk)  # all places are taken: it waits for this thread
            assert not sent
        sent.append((one, slug))

    monkeypatch.setattr(publishing, "_publish", publish)
    lane = publishing._lane("meta")
    monkeypatch.setattr(lane, "_free", 1)
    publishing.publish(publication_id=here.pk)
    assert sent == [(here.pk, "facebook"), (there.pk, "instagram")]


def test_a_place_is_free_again_after_what_broke() -> None:
    lane, work, done = Lane(1), Slow(), []

    def breaking(one: int) -> None:
        work(one)
        if one < 3:
            raise ValueError(one)
        done.append(one)

    first = threading.Thread(target=pytest.raises, args=(ValueError, lane.run, 1, breaking))
    first.start()
    work.until(1)
    for one in (2, 3):
        lane.run(one, breaking)
    work.end.set()
    first.join(PATIENCE)
    assert done == [3]
    lane.run(4, breaking)
    assert done == [3, 4]


def test_what_waited_for_too_long_is_left_to_whoever_got_it_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    lane, work = Lane(1), Slow()
    busy = come(lane, work, 1)
    work.until(1)
    lane.run(2, work)
    monkeypatch.setattr(lanes, "STALE", 0.0)
    work.end.set()
    busy.join(PATIENCE)
    assert [one for one, _who in work.began] == [1]
    monkeypatch.undo()
    lane.run(3, work)
    assert [one for one, _who in work.began] == [1, 3]


def test_who_was_handed_out_anew_keeps_its_place(monkeypatch: pytest.MonkeyPatch) -> None:
    lane, now = Lane(1), [0.0]
    began: list[int] = []
    monkeypatch.setattr(time, "monotonic", lambda: now[0])

    def work(one: int) -> None:
        began.append(one)
        if one == 1:
            for moment, other in [(1.0, 2), (20.0, 3), (1.0 + lanes.STALE, 2), (40.0, 0)]:
                now[0] = moment
                if other:
                    lane.run(other, work)

    lane.run(1, work)
    assert began == [1, 2, 3]


def test_a_place_is_free_again_where_the_database_is_away(monkeypatch: pytest.MonkeyPatch) -> None:
    lane, done = Lane(1), []

    def away() -> None:
        monkeypatch.undo()
        raise OperationalError

    def work(one: int) -> None:
        done.append(one)
        if one == 1:
            lane.run(2, work)
            lane.run(3, work)

    monkeypatch.setattr(lanes, "close_old_connections", away)
    lane.run(1, work)
    assert done == [1, 3]
    assert lane._free == 1


def test_of_a_client_with_a_server_of_its_own_few_are_under_way(
    world: World, stepwise: Stepwise, monkeypatch: pytest.MonkeyPatch
) -> None:
    winery, town = (
        create_channel(user=user, client=client, network="stepwise", handle=client.slug, name=client.name)
        for user, client in ((world.marta, world.winery), (world.bruno, world.town))
    )
    first, now = world.due(channels=[winery]), timezone.now()
    flood = copies(first, winery, world.winery, 20, now - timedelta(seconds=20))
    few = copies(first, town, world.town, 3, now - timedelta(seconds=10))
    Publication.objects.filter(pk=first.pk).update(state="cancelled", wake_at=None)
    monkeypatch.setattr(stepwise, "at_once", 4)
    monkeypatch.setattr(stepwise, "many_servers", True)

    handed = [pk for pk, _state in claiming.hand_out(now)]
    assert handed == [flood[0], few[0], flood[1], few[1]]  # two of each at most
    assert claiming.hand_out(now + timedelta(seconds=1)) == []
    assert claiming.claim(publication_id=flood[0])
    Publication.objects.filter(pk=few[0]).update(state="cancelled", wake_at=None)
    assert claiming.hand_out(now + timedelta(seconds=2)) == [(few[2], "scheduled")]

    monkeypatch.setattr(stepwise, "many_servers", False)  # on a network's own servers the others need nothing held back
    assert [pk for pk, _state in claiming.hand_out(now + timedelta(seconds=3))] == flood[2:]


def test_a_worker_that_ends_leaves_what_waits_to_the_others(world: World) -> None:
    publication = world.due()
    lane = publishing._lane(publication.network)
    now = timezone.now()
    assert claiming.hand_out(now) == [(publication.pk, "scheduled")]
    assert claiming.hand_out(now + timedelta(seconds=5)) == []
    free, lane._free = lane._free, 0  # as if all its threads were at work
    try:
        publishing.publish(publication_id=publication.pk)
        publication.refresh_from_db()
        assert publication.state == "scheduled"
        publishing.stop_waiting()
    finally:
        lane._free = free
    assert lane.clear() == []
    assert claiming.hand_out(timezone.now() + timedelta(seconds=2)) == [(publication.pk, "scheduled")]


def test_questions_to_a_network_that_hangs_keep_few_threads(
    transactional_db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert claiming.HAND_OUT.total_seconds() == lanes.STALE
    world, slow = World(), Slow()
    publications = [world.due() for _number in range(4)]
    monkeypatch.setattr(asking, "_ask_one", slow)
    lane = lanes.questions("sandbox", "ask")
    assert lane._free == settings.THREADS // 8 == 2

    def ask(publication: Publication) -> threading.Thread:
        thread = threading.Thread(target=asked, args=(publication.pk,))
        thread.start()
        return thread

    def asked(pk: int) -> None:
        try:
            asking.ask(publication_id=pk)
        finally:
            connections.close_all()

    busy = [ask(publication) for publication in publications[:2]]
    slow.until(2)
    for publication in [*publications, publications[3]]:
        later = ask(publication)
        later.join(PATIENCE)
        assert not later.is_alive()
    assert len(slow.began) == 2
    slow.end.set()
    for thread in busy:
        thread.join(PATIENCE)
    assert sorted(pk for pk, _who in slow.began) == [publication.pk for publication in publications]
    assert lane._free == 2


@pytest.mark.parametrize("question", ["check", "renew"])
def test_checks_and_renewals_have_a_place_of_their_own(world: World, question: Question) -> None:
    lane = lanes.questions("sandbox", question)
    free, lane._free = lane._free, 0
    before = Channel.objects.get(pk=world.page.pk).checked_at
    try:
        if question == "check":
            checking.check(channel_id=world.page.pk)
        else:
            renewing.renew_in_turn(channel_id=world.page.pk)
    finally:
        lane._free = free
    assert lane.clear() == [world.page.pk]
    assert Channel.objects.get(pk=world.page.pk).checked_at == before
