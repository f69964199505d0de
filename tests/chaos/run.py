"""One run from beginning to end: set the scene, let the storm loose, wait until all is quiet, gather, judge."""

import contextlib
import random
import signal
import threading
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from socket import socket
from typing import Any

from agency.home import Home
from tests.chaos import gathering, outside, plan, real, weather
from tests.chaos.corrections import Corrections
from tests.chaos.judge import Judge
from tests.chaos.lasting import Lasting
from tests.chaos.people import PATIENCE, People, Rows, Said
from tests.chaos.post_office import PostOffice
from tests.chaos.renewing import Renews
from tests.chaos.tables import Verdict
from tests.chaos.tokens import Tokens
from tests.chaos.town import Town
from tests.chaos.words import text_of
from tests.servers.bad_days import Answer, Cut, Fault, Slow

THREADS = 8  # of each process
BEHAVIOURS = ("slow", "refuse", "throttle", "drop_after_accept", "unavailable")
HOUR = 3600
CONNECTS = 2.0  # seconds between two looks at which accounts are shut
KINDS: dict[str, tuple[Callable[[], Any], dict[str, str]]] = {**outside.KINDS, "newsletter": (PostOffice, {})}


@dataclass
class Outcome:
    """What a run came to."""

    seed: int
    verdicts: list[Verdict]
    counts: Counter[str]
    states: Counter[str]
    seconds: float
    stormed: float  # seconds of these
    written: int  # posts, by people and beforehand

    @property
    def well(self) -> bool:
        """Whether nothing was wrong."""
        return not any(verdict.wrong for verdict in self.verdicts)


@dataclass
class Run:
    """See the module."""

    size: plan.Size
    seed: int
    say: Callable[[str], None]
    chance: random.Random = field(init=False)
    networks: list[Any] = field(default_factory=list)
    handles: list[list[str]] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    stopped: set[int] = field(default_factory=set)
    aside: list[threading.Thread] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Draw the plan."""
        self.chance = random.Random(self.seed)  # noqa: S311 - no secret
        self.due: dict[int, float] = {}
        self.posts = plan.planned(self.size, self.seed)

    def go(self, home: Home, listener: socket) -> Outcome:
        """All of it."""
        began = time.monotonic()
        with contextlib.ExitStack() as stack:
            self.town = Town(home, listener, threads=THREADS)
            stack.callback(self.town.clean_up)
            self.town.prepare()
            self.people = self._scene(stack, listener.getsockname()[1])
            stack.enter_context(self.town.running())
            waking = time.monotonic()
            self.people.wait_for_web()
            self.waking = time.monotonic() - waking
            self.say(f"the storm begins after {time.monotonic() - began:.0f} s")
            self._storm()
            self.say(f"and ends after {time.monotonic() - began:.0f} s")
            self._calm()
            self.say(f"all is quiet after {time.monotonic() - began:.0f} s")
            self._second_look()
            self.say(f"and again after {time.monotonic() - began:.0f} s")
            evidence = gathering.evidence(self)
        verdicts = Judge(evidence).verdicts()
        self.counts.update(self.town.done)
        states = Counter(row.state for row in evidence.rows)
        took, written = time.monotonic() - began, len(evidence.wanted)
        return Outcome(self.seed, verdicts, self.counts, states, took, stormed=self.stormed, written=written)

    # The scene

    def _scene(self, stack: contextlib.ExitStack, port: int) -> People:
        import django

        django.setup()
        from django.db import connection

        from tests.chaos import scene

        wanted, kinds = iter(plan.networks_of(self.size)), KINDS | (real.kinds(stack) if self.size.real else {})
        made = scene.Scene.made(self.size.clients)
        channels: list[list[int]] = []
        networks: dict[int, str] = {}
        accounts: dict[int, Renews] = {}
        for client in range(self.size.clients):
            ids: list[int] = []
            handles: list[str] = []
            lists: dict[int, list[str]] = {}
            fakes: dict[int, Any] = {}
            for number in range(self.size.channels):
                network, handle = next(wanted), f"{client}-{number}"
                server = called = ""
                credentials: dict[str, str] = {}
                if network != "sandbox":
                    kind, credentials = kinds[network]
                    fake = stack.enter_context(_kept(kind()))
                    fake.account, server, called = handle, fake.url, getattr(fake, "called", "")
                    self.networks.append(fake)
                    fakes[len(ids)] = fake
                    credentials = credentials or fake.credentials
                    if isinstance(fake, PostOffice):
                        lists[len(ids)] = fake.readers
                ids.append(made.channel(client, network, handle, server, credentials, called))
                handles.append(handle)
                networks[ids[-1]] = network
            for place, readers in lists.items():
                made.newsletter(ids[place], readers)
            accounts |= {ids[place]: fake for place, fake in fakes.items() if isinstance(fake, Renews)}
            channels.append(ids)
            self.handles.append(handles)
        self.sandboxes = made.sandboxes
        tokens = made.tokens()
        self.early = {}
        for planned in self.posts[: self.size.beforehand]:
            ids = [channels[planned.client][number] for number in planned.channels]
            said = Said(planned, texts=[text_of(planned.number, 1)])
            said.approved.extend(said.words())
            self.early[made.written(planned, ids, said.texts[0])] = said
        connection.close()
        rows = Rows(f"postgresql://postgres@/filo?host={self.town.home.socket_dir}")
        ids = [client.pk for client in made.clients]
        found = People(
            port=port, tokens=tokens, clients=ids, channels=channels, networks=networks, rows=rows,
            clock=self.town.now,
        )  # fmt: skip
        for post, said in self.early.items():
            said.post = post
            found.said[said.plan.number] = said
        # Each draws for itself: they go at the pace of the machine.
        self.corrections = Corrections(found, random.Random(self.seed + 1))  # noqa: S311 - no secret
        self.tokens = Tokens(accounts, found, random.Random(self.seed + 2), self.counts)  # noqa: S311 - no secret
        return found

    # The storm

    def _storm(self) -> None:
        from tests.chaos import scene

        scene.due({post: said.plan.at for post, said in self.early.items()})
        self.wrong: list[str] = []
        posts, lock, patient = iter(self.posts[self.size.beforehand :]), threading.Lock(), list[threading.Thread]()
        begin = time.monotonic()
        lasts = Lasting(begin + self.size.seconds, begin + self.size.longest)

        def work_on() -> None:
            while True:
                with lock:
                    planned = next(posts, None)
                if planned is None or time.monotonic() > lasts.at_most:
                    return  # a slow machine writes fewer
                time.sleep(max(0.0, begin + planned.at - time.monotonic()))
                if planned.shows == "video":  # of which each has to be made ready: nobody waits for that
                    patient.append(threading.Thread(target=self._write, args=[planned], daemon=True))
                    patient[-1].start()
                else:
                    self._write(planned)

        work = [threading.Thread(target=work_on, daemon=True) for _number in range(self.size.threads)]
        for one in work:
            one.start()
        self._break_things(
            lambda: lasts.goes_on(time.monotonic(), writing=any(one.is_alive() for one in [*work, *patient]))
        )
        self.stormed = time.monotonic() - begin
        self.people.storm_is_over.set()
        for one in [*work, *patient]:
            one.join(60)
        if self.wrong:
            raise RuntimeError(f"the people could not go on: {len(self.wrong)} times, such as\n{self.wrong[0]}")

    def _write(self, planned: plan.Planned) -> None:
        chance = random.Random(self.seed * 31 + planned.number)  # noqa: S311 - no secret
        try:
            said = self.people.write(planned, chance)
            if planned.way == "moved" and said.post:
                self.people.move(said, chance)
        except Exception:  # noqa: BLE001 - it is told
            self.wrong.append(traceback.format_exc())

    def _break_things(self, goes_on: Callable[[], bool]) -> None:
        """At random moments, each with its own pace."""
        size, town = self.size, self.town
        # What is killed before it has come to life breaks nothing any more.
        kill = max(size.kill, min(self.waking / 3, size.patient_kill))
        breaks: dict[str, tuple[float, Callable[[], None]]] = {
            "kill": (kill, lambda: town.kill(self.chance.choice(town.processes))),
            "database": (size.database, self._restart_database),
            "clock": (size.clock, self._jump),
            "network": (size.network, self._network),
            "behaviour": (size.behaviour, self._behaviour),
            "broker": (size.broker, town.empty_broker),
            "disk": (size.disk, self._disk),
            "freeze": (size.freeze, self._freeze),
            "token": (size.token, self.tokens.end_one),
            "session": (size.token, self._end_session),
            "connect": (CONNECTS, lambda: self._aside(self.tokens.connect)),
            "correction": (size.correction, lambda: self._aside(self.corrections.one)),
            "expiry": (2 * size.network, self._expire),
        }
        begin = time.monotonic()
        town.kill(town.processes[1])  # a worker: the others are drawn
        at = {name: begin + 2 + pace * self.chance.uniform(0.2, 0.9) for name, (pace, _) in breaks.items()}
        self.later: list[tuple[float, Callable[[], None]]] = []
        while goes_on():
            now = time.monotonic()
            for name, (pace, act) in breaks.items():
                if at[name] <= now:
                    act()
                    at[name] = time.monotonic() + pace * self.chance.uniform(0.5, 1.5)
            ready = [act for when, act in self.later if when <= now]
            self.later = [(when, act) for when, act in self.later if when > now]
            for act in ready:
                act()
            town.look_after()
            time.sleep(0.1)

    def _after(self, seconds: float, act: Callable[[], None]) -> None:
        self.later.append((time.monotonic() + seconds, act))

    def _restart_database(self) -> None:
        self.town.restart_database(self.chance.choice([signal.SIGINT, signal.SIGQUIT, signal.SIGQUIT, signal.SIGKILL]))

    def _jump(self) -> None:
        if self.chance.random() < 0.25:
            self.town.jump_all(self.town.jumps[-1][1] + HOUR)
            return
        names = [name for name in self.town.clocks if name != "postgres"]
        name, offset = self.chance.choice(names), self.chance.choice([HOUR, -HOUR])
        usual = self.town.jumps[-1][1]
        self.town.jump(name, usual + offset)
        self._after(self.chance.uniform(3, 8), lambda: self.town.clocks[name].set(self.town.jumps[-1][1]))

    def _network(self) -> None:
        if self.chance.random() < 0.3:
            faults: list[Fault] = [Cut(), Cut(unread=True), Slow(2)]
            fault = self.chance.choice(faults)
            weather.break_all(self.networks, fault)
            self.counts["network cut or slow, all"] += 1
            self._after(self.chance.uniform(1, 4), lambda: weather.break_all(self.networks, None))
            return
        for network in self.chance.sample(self.networks, min(len(self.networks), 4)):
            day = weather.bad_day(self.chance)
            calls: list[list[Fault | None]] = [[day], [None, day], [day, None], [None, None, day]]
            network.on("*", *self.chance.choice(calls))
            self.counts[
                f"bad day: HTTP {day.status}" if isinstance(day, Answer) else f"bad day: {type(day).__name__}"
            ] += 1
            self._after(self.chance.uniform(2, 8), network.good_day)

    def _expire(self) -> None:
        self.chance.choice(self.networks).expire()
        self.counts["what was prepared ran out"] += 1

    def _end_session(self) -> None:
        if there := [network for network in self.networks if isinstance(network, real.Bluesky)]:
            self.chance.choice(there).end_token()
            self.counts["sessions ended"] += 1

    def _behaviour(self) -> None:
        channel, behaviour = self.chance.choice(self.sandboxes), self.chance.choice(BEHAVIOURS)
        self._aside(lambda: self.people.behave(channel, behaviour))
        self.counts[f"sandbox: {behaviour}"] += 1
        self._after(self.chance.uniform(4, 12), lambda: self._aside(lambda: self.people.behave(channel, "ok")))

    def _disk(self) -> None:
        self.town.fill_disk()
        self._after(self.chance.uniform(2, 6), self.town.free_disk)

    def _freeze(self) -> None:
        free = [client for client in range(self.size.clients) if client not in self.stopped]
        if len(free) < 2:
            return
        client, for_good = self.chance.choice(free), not self.counts["clients stopped for good"]
        self.counts["clients stopped for good" if for_good else "clients stopped for a while"] += 1
        self.stopped.add(client)

        def act() -> None:
            stop = self.people.stop(client)
            if stop is not None and not for_good:
                time.sleep(self.chance.uniform(3, 8))
                self.people.lift(stop)
                self.stopped.discard(client)

        self._aside(act)

    def _aside(self, act: Callable[[], object]) -> None:
        """What a person does takes as long as it takes; the storm does not wait."""
        self.aside.append(threading.Thread(target=act, daemon=True))
        self.aside[-1].start()

    # And afterwards

    def _calm(self) -> None:
        """Nothing breaks any more; the hours go by until nothing is under way."""
        self.town.free_disk()
        weather.break_all(self.networks, None)
        usual = self.town.jumps[-1][1]
        for clock in self.town.clocks.values():
            clock.set(usual)
        self.town.look_after()
        for channel in self.sandboxes:
            self.people.behave(channel, "ok")
        for one in self.aside:
            one.join(4 * PATIENCE)
        self.people.lift_the_rest()
        self._until_quiet()

    def _until_quiet(self) -> None:
        until, jump = time.monotonic() + self.size.patience, time.monotonic() + 8
        stopped = [self.people.clients[stop.client] for stop in self.people.stops if stop.until is None]
        left, fewest = 0, 10**6
        while time.monotonic() < until:
            left = self.people.rows.one(UNDER_WAY, stopped)
            if not left:
                return
            if left < fewest:
                until, fewest = time.monotonic() + self.size.patience, left
            self.town.look_after()
            self.tokens.connect()
            if time.monotonic() > jump:
                self.town.jump_all(self.town.jumps[-1][1] + 1200)
                jump = time.monotonic() + max(4.0, self.waking / 3)  # else a busy machine's messages are always too old
            time.sleep(0.3)
        self.say(f"{left} are still under way")

    def _second_look(self) -> None:
        """People look at what failed, what is late, what is uncertain; and what they send again goes out once, too."""
        from django.db import connection

        from social.models import Publication
        from tests.chaos import scene

        connection.close()  # what it had is from before the restarts
        again = list(Publication.objects.filter(state__in=["failed", "late"]).values_list("pk", flat=True))
        # Whoever sends the rest of a newsletter moves its time, not that of the mails that are out.
        self.due = {pk: at.timestamp() for pk, at in Publication.objects.filter(begun=True).values_list("pk", "due_at")}
        live = {(one.account, one.text) for one in gathering.seen(self.networks)}
        rows = {row.id: row for row in scene.rows(self.people.clients, {}, state="unknown")}
        for number, pk in enumerate(rows):
            there = {(rows[pk].account, text) in live for text in rows[pk].texts}
            # Of a thread that is half there, neither button says what is so.
            if number % 2 and len(there) == 1 and rows[pk].act in {"publish", "reply"}:
                self.people.resolve(pk, live=there == {True})
                self.counts["uncertain, resolved by a person"] += 1
        with ThreadPoolExecutor(self.size.threads) as people:
            self.counts["failed or late, sent again by a person"] += sum(people.map(self.people.retry, again))
        self._until_quiet()


UNDER_WAY = """
SELECT count(*) FROM social_publication
WHERE state = 'publishing' OR (state = 'unknown' AND wake_at IS NOT NULL) OR (state = 'scheduled' AND NOT client_id = ANY(%s))
"""


@contextlib.contextmanager
def _kept(fake: Any) -> Iterator[Any]:
    """The fake runs; what was wrong is judged, not raised."""
    with fake:
        try:
            yield fake
        finally:
            fake.wrong_at_the_end = list(fake.wrong)
            fake.wrong = []
