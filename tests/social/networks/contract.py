"""The contract that every network keeps. Its test module makes a case, and a class with what is its own:

    class TestPinterest(WireContract):
        kinds = ("words", "pictures")
        quiet = ("POST /v5/media",)
        visible = "POST /v5/pins"
        asked = ("GET /v5/pins",)

        @pytest.fixture
        def case(self) -> Iterator[WireCase]:
            with Pins() as network:
                yield PinterestCase(network)

`Contract` needs no wire (see `wireless`). `WireContract` adds the bad days.
"""

import dataclasses
import datetime as dt
from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from inspect import signature
from typing import ClassVar

import pytest

from social.networks import clocks
from social.networks.base import (
    CannotTell,
    CredentialsRefused,
    NetworkError,
    NotReady,
    NotSent,
    Numbers,
    Part,
    Published,
    Refused,
    Throttled,
    Unknown,
)
from tests.servers.bad_days import HTML, Answer, AnswerLost, Bomb, Cut, Echo, Endless, Fault
from tests.servers.wire import NOW
from tests.social.networks.case import Try, WireCase, patiently, said_by
from tests.social.networks.wireless import Contract, usual_uploads, was_killed
from tests.social.notebook import Notebook

__all__ = ["Contract", "WireContract", "was_killed"]


def _told(ask: Callable[[], object]) -> object:
    """What came of it, or the error."""
    try:
        return ask()
    except NetworkError as error:
        return error


def _page(status: int) -> Answer:
    """What somebody between says: a firewall, a server's attack mode."""
    return Answer(
        status, b"<!doctype html><title>Attention Required! | Cloudflare</title>", {"Content-Type": "text/html"}
    )


BREAKS: Mapping[str, Fault] = {
    "cut": Cut(),
    "cut unread": Cut(unread=True),
    "accepted and dropped": AnswerLost(),
    "html": HTML,
    "endless": Endless(),
    "bomb": Bomb(),
    "trouble": Answer(500, {}),
    "redirect": Answer(302, b"", {"Location": "http://127.0.0.1:9/"}),
    "page": _page(403),
}
# What comes in place of an answer to a question, or is one of another shape.
QUESTIONED: Mapping[str, Fault] = {
    "cut": Cut(),
    "html": HTML,
    "trouble": Answer(500, {}),
    "nothing": Answer(200, {}),
    "a list": Answer(200, []),
    "no object": Answer(200, {"data": None, "error": {}}),
}
# Answers that say back what they were asked with.
ECHOES = (Echo(), Echo(403, page=True), Echo(401, page=True), Echo(302), Echo(500, page=True))
REFUSALS = ("throttled", "credentials", "refused")
_QUIET: Mapping[str, type[NetworkError]] = {
    **dict.fromkeys(BREAKS, NotSent),
    "throttled": Throttled,
    "credentials": CredentialsRefused,
    "refused": Refused,
}
_VISIBLE: Mapping[str, type[NetworkError]] = {**_QUIET, **dict.fromkeys(BREAKS, Unknown)}


class WireContract(Contract):
    """What holds on bad days. All calls are named as in `tests.servers.bad_days`.

    `quiet` are the calls before the one that readers could see (`visible`), in the richest of the `kinds`; `asked` are
    those of `find`; `edits` and `deletes` those that change and take down. `threads` are the kinds that go out as
    several posts, each by the same visible call. `answers` are how this network says no, where it says it otherwise.
    `but` are the outcomes that its table has otherwise, by call and day; None where the post goes out all the same.
    """

    threads: ClassVar[tuple[str, ...]] = ()
    quiet: ClassVar[tuple[str, ...]] = ()
    visible: ClassVar[str]
    edits: ClassVar[tuple[str, ...]] = ()
    deletes: ClassVar[tuple[str, ...]] = ()
    asked: ClassVar[tuple[str, ...]] = ()
    answers: ClassVar[Mapping[str, Fault]] = {}
    but: ClassVar[Mapping[tuple[str, str], type[NetworkError] | None]] = {}

    @classmethod
    def _given(cls) -> dict[str, tuple[str, ...]]:
        """What tests may ask for, by the name of their parameter."""
        return {
            "thread": cls.threads,
            "quiet_call": cls.quiet,
            "any_call": (*cls.quiet, cls.visible),
            "asked_call": cls.asked,
            "edit_call": cls.edits,
            "delete_call": cls.deletes,
        }

    @classmethod
    def without(cls) -> list[str]:
        missing = {name for name, given in cls._given().items() if not given}
        tests = {name: getattr(cls, name) for name in dir(cls) if name.startswith("test_")}
        asking = [name for name, test in tests.items() if test and missing & set(signature(test).parameters)]
        return [*super().without(), *asking]

    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        super().pytest_generate_tests(metafunc)
        for name, given in self._given().items():
            if name in metafunc.fixturenames:
                metafunc.parametrize(name, given)
        if "day" in metafunc.fixturenames:
            metafunc.parametrize("day", [*BREAKS, *REFUSALS])

    def test_a_bad_day_on_a_quiet_call_leaves_nothing(self, case: WireCase, quiet_call: str, day: str) -> None:
        usual = self._usual(case)
        one = Try.of(case, case.content(self.kinds[-1], 1))
        case.on(quiet_call, self._fault(day))
        if self._ends(case, one, self.but.get((quiet_call, day), _QUIET[day])):
            assert one.shown() == []
            case.good_day()
            one.go_on()
        lost = day == "accepted and dropped"
        assert one.shown() == case.shown(one.content)
        assert usual <= one.uploads() <= usual + lost

    def test_a_bad_day_on_the_visible_call_doubles_nothing(self, case: WireCase, day: str) -> None:
        usual = self._usual(case)
        one = Try.of(case, case.content(self.kinds[-1], 1))
        case.on(self.visible, self._fault(day), None)
        if self._ends(case, one, self.but.get((self.visible, day), _VISIBLE[day])):
            case.good_day()
            one.go_on()
        assert (one.shown(), one.uploads()) == (case.shown(one.content), usual)

    def test_a_part_that_breaks_is_gone_on_from_there(self, case: WireCase, thread: str, day: str) -> None:
        for step in range(1, len(case.shown(case.content(thread, 1)))):
            one = Try.of(case, case.content(thread, step))
            case.on(self.visible, *[None] * step, self._fault(day), None)
            if self._ends(case, one, self.but.get((self.visible, day), _VISIBLE[day])):
                assert one.shown()[:step] == case.shown(one.content)[:step]
                case.good_day()
                one.go_on()
            assert one.shown() == case.shown(one.content)
            case.good_day()

    def test_what_broke_off_goes_on_in_other_words(self, case: WireCase, thread: str) -> None:
        """As where a change of the whole is approved: what is live stays, and more is to come than there was."""
        for live in range(1, 1 + len(case.content(thread, 1).parts)):
            one = Try.of(case, case.content(thread, live))
            case.on(self.visible, *[None] * live, self._fault("refused"), None)
            assert self._ends(case, one, Refused)
            case.good_day()
            parts = one.content.parts
            others = [dataclasses.replace(part, text=f"{part.text} E più.") for part in parts[live - 1 :]]
            one.content = dataclasses.replace(one.content, parts=(*parts[: live - 1], *others, Part(f"In più {live}")))
            one.keys = case.network.keys_for_rest(one.keys, NOW, one.content, live)
            kept = {"publish", *(f"part:{number}" for number in range(1, live)), clocks.STEP}
            one.notebook.steps = {name: given for name, given in one.notebook.steps.items() if name in kept}
            one.notebook.sealed = {}
            one.publish()
            assert one.shown() == case.shown(one.content)

    @pytest.mark.parametrize("status", [401, 406])
    def test_a_no_of_somebody_between_is_no_refusal(self, case: WireCase, status: int) -> None:
        one = Try.of(case, case.content(self.kinds[-1], 1))
        for call in (*self.quiet[:1], self.visible):
            case.on(call, _page(status), None)
            outcome = Unknown if call == self.visible else NotSent
            if self._ends(case, one, self.but.get((call, f"page {status}"), outcome)):
                case.good_day()
        one.go_on()
        assert one.shown() == case.shown(one.content)

    def test_on_another_account_the_visible_call_is_never_made(self, case: WireCase) -> None:
        one = Try.of(case, case.content(self.kinds[-1], 1))
        mistaken, before = case.mistaken(), len(case.calls())
        with pytest.raises(Refused):
            patiently(lambda: case.network.publish(mistaken, one.content, one.keys, one.notebook))
        assert self.visible not in case.calls()[before:]

    def test_what_was_accepted_and_dropped_is_found(self, case: WireCase) -> None:
        one = Try.of(case, case.content(self.kinds[0], 1))
        case.on(self.visible, AnswerLost())
        with pytest.raises(Unknown):
            one.publish()
        assert one.shown() == case.shown(one.content)
        if case.finds:
            found = one.find()
            assert found is not None
            assert found.remote_id

    def test_what_was_accepted_is_never_said_not_to_be_live_however_late_one_asks(
        self, case: WireCase, kind: str
    ) -> None:
        """Days later, when no token was there before: what was prepared for it is no longer good."""
        if not case.finds:
            return
        usual = case.content(kind, 1)
        content = dataclasses.replace(usual, parts=(), comment="")
        one = Try.of(case, content)
        case.on(self.visible, AnswerLost())
        with suppress(Unknown):
            one.publish()  # of some kinds by another call: there it was heard
        case.good_day()
        if not one.notebook.in_flight():
            return
        assert one.shown() == case.shown(content)
        one.notebook.grow_old()
        try:
            found = one.find()
        except (CannotTell, NotSent):
            return
        assert found is not None, "it is live, and was said not to be"

    def test_a_clock_of_ours_that_is_an_hour_ahead_hides_nothing(self, case: WireCase) -> None:
        one = Try.of(case, case.content(self.kinds[0], 1), begun=NOW + dt.timedelta(hours=1))
        case.on(self.visible, AnswerLost())
        with clocks.listening(), pytest.raises(Unknown):
            one.publish()
        if case.finds:
            found = one.find()
            assert found is not None
            assert found.remote_id

    def test_find_on_a_bad_day_never_says_that_it_is_not_live(self, case: WireCase, asked_call: str, day: str) -> None:
        one = Try.of(case, case.content(self.kinds[0], 1))
        one.publish()
        one.notebook.flying = "publish"
        case.on(asked_call, self._fault(day))
        try:
            found = one.find()
        except (CannotTell, NotSent, Throttled, Refused) as error:
            self._tells_nothing(case, error)
        else:
            assert found is not None, "it is live, and was said not to be"

    def test_an_edit_on_a_bad_day_is_done_or_not_and_says_so(self, case: WireCase, edit_call: str, day: str) -> None:
        for number, kind in enumerate(self._simplest_and_richest(), start=1):
            one = Try.of(case, case.content(kind, number))
            live, changed = one.publish(), case.changed(one.content)
            case.on(edit_call, self._fault(day))
            told = _told(lambda live=live, changed=changed: case.network.edit(case.account(), live, changed))  # type: ignore[misc]
            self._says_so(case, told, one.shown(), was=case.shown(one.content), becomes=case.shown(changed))
            case.good_day()
            case.network.edit(case.account(), live, changed)
            assert one.shown() == case.shown(changed)

    def test_a_deletion_on_a_bad_day_is_done_or_not_and_says_so(
        self, case: WireCase, delete_call: str, day: str
    ) -> None:
        for number, kind in enumerate(self._simplest_and_richest(), start=1):
            one = Try.of(case, case.content(kind, number))
            live = one.publish()
            case.on(delete_call, self._fault(day))
            told = _told(lambda live=live: case.network.delete(case.account(), live))  # type: ignore[misc]
            self._says_so(case, told, one.shown(), was=case.shown(one.content), becomes=[])
            case.good_day()
            case.network.delete(case.account(), live)
            assert one.shown() == []

    def _simplest_and_richest(self) -> list[str]:
        return list(dict.fromkeys((self.kinds[0], self.kinds[-1])))

    def _says_so(self, case: WireCase, told: object, shown: list[str], *, was: list[str], becomes: list[str]) -> None:
        """What is live now is what was said: as it was where that was an error, but where nobody knows."""
        if isinstance(told, NetworkError):
            self._tells_nothing(case, told)
        if not isinstance(told, Unknown):
            assert shown == (was if isinstance(told, NetworkError) else becomes)

    def test_a_question_on_a_bad_day_has_no_wrong_answer(self, case: WireCase) -> None:
        """What is there is never called gone, nothing is counted that was not told, nobody is taken for somebody else."""
        one = Try.of(case, case.content(self.kinds[0], 1))
        live, network, account = one.publish(), case.network, case.account()
        questions: dict[str, Callable[[], object]] = {
            "read_back": lambda: network.read_back(account, live),
            "numbers": lambda: network.numbers(account, live),
            "identity": lambda: network.identity(account).id,
        }
        if network.renews(account.credentials):
            questions["refresh"] = lambda: network.refresh(account)
        for name, ask in questions.items():
            case.good_day()
            before = len(case.calls())
            try:
                right = ask()
            except (CannotTell, Refused):
                continue  # to which this network has no answer
            for call in dict.fromkeys(case.calls()[before:]):
                for day, fault in {**QUESTIONED, **{day: self._fault(day) for day in REFUSALS}}.items():
                    case.good_day()
                    case.on(call, fault)
                    self._answers_right(case, (name, call, day), ask, right)
        case.good_day()

    def _answers_right(
        self, case: WireCase, what: tuple[str, str, str], ask: Callable[[], object], right: object
    ) -> None:
        try:
            given = ask()
        except Unknown:
            pytest.fail(f"{what}: a question changes nothing, so that nothing can be uncertain")
        except NetworkError as error:
            self._tells_nothing(case, error)
            return
        match given:
            case Numbers():
                counted = dataclasses.asdict(given).items()
                wrong = [field for field, count in counted if count not in {None, getattr(right, field)}]
                assert wrong == [], what
            case Published():
                assert given.remote_id == getattr(right, "remote_id", None), what
            case Mapping():
                assert given.get("access_token"), what
            case _:
                assert given == right, what

    def test_a_page_of_somebody_between_says_of_nothing_that_it_is_gone(self, case: WireCase) -> None:
        """A proxy, or a site that has moved: it knows no such page, or lets no such method through."""
        one = Try.of(case, case.content(self.kinds[0], 1))
        live, network, account = one.publish(), case.network, case.account()
        one.notebook.flying = one.notebook.flying or "publish"
        questions: dict[str, Callable[[], object]] = {"read_back": lambda: network.read_back(account, live)}
        if case.finds:
            questions["find"] = one.find
        changes = {"delete": lambda: network.delete(account, live)} if network.deletes else {}
        for name, ask in {**questions, **changes}.items():
            for status in (404, 405, 410):
                for call in self._calls_of(case, ask) if name in questions else self.deletes:
                    case.good_day()
                    case.on(call, Answer(status, HTML.body, HTML.headers))
                    told = _told(ask)
                    assert told is not None, (name, call, status)
                    assert not isinstance(told, Unknown) or name in changes, (name, call, status)
                    assert one.shown() == case.shown(one.content), (name, call, status)

    @staticmethod
    def _calls_of(case: WireCase, ask: Callable[[], object]) -> list[str]:
        case.good_day()
        before = len(case.calls())
        with suppress(NetworkError):
            ask()
        return list(dict.fromkeys(case.calls()[before:]))

    def test_where_nobody_listens_nothing_was_sent(self, case: WireCase) -> None:
        network, account = case.network, case.nowhere()
        one = Try.of(case, case.content(self.kinds[0], 1))
        one.notebook.flying = "publish"
        calls: dict[str, Callable[[], object]] = {
            "publish": lambda: network.publish(account, one.content, one.keys, Notebook()),
            "identity": lambda: network.identity(account),
        }
        if case.finds:
            calls["find"] = lambda: network.find(account, one.content, one.keys, one.notebook)
        for name, call in calls.items():
            with pytest.raises(NetworkError) as error:
                call()
            assert type(error.value) is NotSent, name
            self._tells_nothing(case, error.value)
        assert one.shown() == []

    def test_no_error_repeats_a_secret(self, case: WireCase, any_call: str) -> None:
        for number, echo in enumerate(ECHOES):
            one = Try.of(case, case.content(self.kinds[-1], 1 + number))
            case.good_day()
            case.on(any_call, echo)
            try:
                one.publish()
            except NetworkError as error:
                self._tells_nothing(case, error)
        secrets = case.secrets()
        assert secrets, "a case names what may not leak"
        assert all(secret not in repr(case.account()) for secret in secrets)

    def test_no_question_and_no_change_repeats_a_secret(self, case: WireCase) -> None:
        one = Try.of(case, case.content(self.kinds[0], 1))
        live, network, account = one.publish(), case.network, case.account()
        one.notebook.flying = one.notebook.flying or "publish"
        asked: dict[str, Callable[[], object]] = {
            "identity": lambda: network.identity(account),
            "read_back": lambda: network.read_back(account, live),
            "numbers": lambda: network.numbers(account, live),
            "signed_in": lambda: network.signed_in(account),
            "refresh": lambda: network.refresh(account),
            "find": one.find,
            "edit": lambda: network.edit(account, live, case.changed(one.content)),
            "delete": lambda: network.delete(account, live),
        }
        for ask in asked.values():
            for call in self._calls_of(case, ask):
                for echo in ECHOES:
                    case.good_day()
                    case.on(call, echo)
                    try:
                        ask()
                    except NetworkError as error:
                        self._tells_nothing(case, error)

    def _usual(self, case: WireCase) -> int:
        usual = usual_uploads(case, self.kinds[-1])
        case.good_day()
        return usual

    def _fault(self, day: str) -> Fault:
        usual = {"throttled": Answer(429, {}), "credentials": Answer(401, {}), "refused": Answer(400, {}), **BREAKS}
        return {**usual, **self.answers}[day]

    def _ends(self, case: WireCase, one: Try, outcome: type[NetworkError] | None) -> bool:
        """Publish, and say whether it ended with the error that was foreseen; False where it went out all the same."""
        if outcome is None:
            one.publish()
            return False
        with pytest.raises(NetworkError) as error:
            one.publish()
        assert type(error.value) is outcome, repr(error.value)
        assert not isinstance(error.value, NotReady)
        self._tells_nothing(case, error.value)
        one.settle(error.value)
        return True

    def _tells_nothing(self, case: WireCase, error: NetworkError) -> None:
        said = said_by(error)
        leaked: Collection[str] = [secret for secret in case.secrets() if secret in said]
        assert not leaked, said
