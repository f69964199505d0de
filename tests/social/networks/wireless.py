"""What every network keeps, without looking at the wire: what fits, what goes out, kills. See `contract`."""

import dataclasses
import io
from contextlib import suppress
from typing import Any, ClassVar

import pytest

from social.networks.base import CannotTell, Numbers, Published, Refused
from tests.social.networks.case import Case, Try, WireCase, patiently
from tests.social.notebook import Killed

MOST_WORDS = 60  # that one publication says to its journal


class Contract:
    """What holds for a network without looking at the wire.

    `kinds` are the kinds of content that the case makes, the richest last. `counted`: its text has a limit.
    """

    kinds: ClassVar[tuple[str, ...]] = ("words",)
    counted: ClassVar[bool] = True

    def __init_subclass__(cls, **kwargs: Any) -> None:
        """Leave out the tests of what this network does not have: pytest takes no None for a test."""
        super().__init_subclass__(**kwargs)
        for name in cls.without() if cls.__name__.startswith("Test") else ():
            setattr(cls, name, None)

    @classmethod
    def without(cls) -> list[str]:
        """The names of the tests that ask for what this network does not have."""
        return [] if cls.counted else [name for name in dir(cls) if name.startswith("test_a_text_")]

    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        if "kind" in metafunc.fixturenames:
            metafunc.parametrize("kind", self.kinds)

    def test_a_text_at_the_limit_goes_out_whole(self, case: Case) -> None:
        content = case.of_length(case.network.preflight(case.of_length(1)).limit)
        checked = case.network.preflight(content)
        assert (checked.ok, checked.used, checked.cut_at) == (True, checked.limit, None), checked.problems
        assert case.takes(content) in {True, None}
        one = Try.of(case, content)
        one.publish()
        assert one.shown() == case.shown(content)

    def test_a_text_beyond_the_limit_is_refused_before_anything_is_sent(self, case: Case) -> None:
        limit = case.network.preflight(case.of_length(1)).limit
        content = case.of_length(limit + 1)
        checked = case.network.preflight(content)
        assert (checked.ok, checked.used) == (False, limit + 1)
        assert checked.cut_at is not None
        fits = dataclasses.replace(content, text=content.text[: checked.cut_at])
        assert case.network.preflight(fits).ok
        assert case.takes(content) in {False, None}
        calls = case.calls() if isinstance(case, WireCase) else []
        one = Try.of(case, content)
        with pytest.raises(Refused):
            one.publish()
        assert (one.shown(), one.uploads()) == ([], 0)
        assert calls == (case.calls() if isinstance(case, WireCase) else [])

    def test_media_at_the_edges(self, case: Case) -> None:
        for number, (content, fits) in enumerate(case.edges()):
            checked = case.network.preflight(content)
            assert checked.ok == fits, (number, checked.problems)
            assert case.takes(content) in {fits, None}, number
            one = Try.of(case, content)
            if fits:
                one.publish()
                assert one.shown() == case.shown(content), number
            else:
                with pytest.raises(Refused):
                    one.publish()
                assert (one.shown(), one.uploads()) == ([], 0), number

    def test_each_kind_goes_out_once_and_is_found(self, case: Case, kind: str) -> None:
        one = Try.of(case, case.content(kind, 1))
        live = one.publish()
        assert one.shown() == case.shown(one.content)
        assert live.remote_id
        one.notebook.flying = one.notebook.flying or "publish"
        if case.finds and not one.content.parts and not one.content.comment:
            assert one.find() == live

    def test_other_bytes_than_the_approved_ones_go_nowhere(self, case: Case) -> None:
        for number, kind in enumerate(self.kinds, start=1):
            content = case.content(kind, number)
            if not content.media:
                continue
            changed = [dataclasses.replace(item, open=lambda: io.BytesIO(b"others")) for item in content.media]
            one = Try.of(case, dataclasses.replace(content, media=tuple(changed)))
            with pytest.raises(Refused) as refused:
                one.publish()
            assert refused.value.code in {"picture_not_valid", "video_not_valid"}
            assert (one.shown(), one.uploads()) == ([], 0)

    def test_two_publications_are_two_posts(self, case: Case) -> None:
        ones = [Try.of(case, case.content(self.kinds[0], number)) for number in (1, 2)]
        made = [one.publish() for one in ones]
        assert len({live.remote_id for live in made}) == 2
        assert len(ones[0].shown()) == 2

    def test_a_kill_between_any_two_calls_doubles_nothing(self, case: Case, kind: str) -> None:
        usual = usual_uploads(case, kind)
        one = Try.of(case, case.content(kind, 1), kill_at=1)
        while was_killed(one):
            heard = one.notebook.heard
            one.go_on()
            assert usual <= one.uploads() <= usual + heard[one.kill_at - 1].startswith("once"), heard
            assert one.shown() == case.shown(one.content), heard
            assert one.kill_at < MOST_WORDS
            one = Try.of(case, case.content(kind, one.kill_at + 1), kill_at=one.kill_at + 1)
        # Killed after the last answer, before anybody has written down that it is live.
        if one.notebook.in_flight():
            one.go_on()
        assert (one.shown(), one.uploads()) == (case.shown(one.content), usual)

    def test_nothing_goes_out_on_another_account(self, case: Case, kind: str) -> None:
        one = Try.of(case, case.content(kind, 1))
        mistaken = case.mistaken()
        with pytest.raises(Refused) as refused:
            patiently(lambda: case.network.publish(mistaken, one.content, one.keys, one.notebook))
        assert refused.value.code == "wrong_account"
        assert (one.shown(), one.uploads()) == ([], 0)

    def test_who_it_is_stays_the_same(self, case: Case) -> None:
        account = case.account()
        found = case.network.identity(account)
        assert found.id
        assert found == case.network.identity(dataclasses.replace(account, identity=found.id))
        one = Try.of(case, case.content(self.kinds[0], 1))
        known = dataclasses.replace(account, identity=found.id)
        patiently(lambda: case.network.publish(known, one.content, one.keys, one.notebook))
        assert one.shown() == case.shown(one.content)

    def test_what_is_not_live_is_not_found(self, case: Case) -> None:
        one = Try.of(case, case.content(self.kinds[0], 1))
        one.notebook.sending()
        if case.finds:
            assert one.find() is None
        else:
            with pytest.raises(CannotTell):
                one.find()

    def test_what_another_one_of_ours_became_is_not_this_one(self, case: Case, kind: str) -> None:
        """Another one with the same words went out; this one was cut off before it arrived."""
        other = Try.of(case, case.content(kind, 1))
        live = other.publish()
        one = Try.of(case, other.content)
        one.notebook.others = numbers_of(other, live)
        one.notebook.sending()
        if not case.finds:
            with pytest.raises(CannotTell):
                one.find()
            return
        assert one.find() is None
        assert one.notebook.given("publish") is None

    def test_of_two_in_doubt_none_is_taken_for_the_other(self, case: Case, kind: str) -> None:
        """Both were cut off, the other one after it had arrived. Who goes by words can't tell whose it is."""
        other = Try.of(case, case.content(kind, 1))
        other.publish()
        one = Try.of(case, other.content)
        one.notebook.in_doubt = True
        one.notebook.sending()
        with suppress(CannotTell):
            assert one.find() is None
        assert one.notebook.given("publish") is None

    def test_a_strangers_post_without_words_is_not_ours(self, case: Case, kind: str) -> None:
        """Somebody put a picture there by hand; ours, without words like it, was cut off before it arrived."""
        bare: dict[str, Any] = {"text": "", "link": "", "parts": (), "comment": ""}
        both = [case.content(kind, number) for number in (1, 2)]
        strangers, content = (
            dataclasses.replace(one, **bare, fields={name: of for name, of in one.fields.items() if name != "title"})
            for one in both
        )
        if not (content.media and case.network.preflight(content).ok):
            return  # this network wants words
        Try.of(case, strangers).publish()
        one = Try.of(case, content)
        one.notebook.sending()
        with suppress(CannotTell):
            assert one.find() is None
        assert one.notebook.given("publish") is None
        live = one.publish()
        one.notebook.forget("publish")
        one.notebook.flying = "publish"
        with suppress(CannotTell):
            assert one.find() == live

    def test_of_two_with_the_same_words_each_is_found(self, case: Case) -> None:
        content = case.content(self.kinds[0], 1)
        ones = [Try.of(case, content) for _ in range(2)]
        made = [ones[0].publish()]
        ones[1].notebook.others = numbers_of(ones[0], made[0])
        try:
            made.append(ones[1].publish())
        except Refused:
            return  # the same text twice, which this network does not take
        for one, live, other in zip(ones, made, reversed(made), strict=True):
            one.notebook.others = {other.remote_id, *other.remote_id.split(",")}
            one.notebook.flying = one.notebook.flying or "publish"
            if case.finds and not one.content.comment and not one.content.parts:
                assert one.find() == live

    def test_edited_twice_is_edited_once(self, case: Case) -> None:
        for number, kind in enumerate(dict.fromkeys((self.kinds[0], self.kinds[-1])), start=1):
            one = Try.of(case, case.content(kind, number))
            live = one.publish()
            changed = case.changed(one.content)
            if not case.network.edits:
                with pytest.raises(Refused):
                    case.network.edit(case.account(), live, changed)
                assert one.shown() == case.shown(one.content)
                return
            for _ in range(2):
                live = case.network.edit(case.account(), live, changed)
                assert one.shown() == case.shown(changed)

    def test_deleted_twice_is_deleted_whole(self, case: Case, kind: str) -> None:
        one = Try.of(case, case.content(kind, 1))
        live = one.publish()
        if not case.network.deletes:
            with pytest.raises(Refused):
                case.network.delete(case.account(), live)
            assert one.shown() == case.shown(one.content)
            return
        for _ in range(2):
            case.network.delete(case.account(), live)
            assert one.shown() == []

    def test_read_back_says_what_is_there(self, case: Case) -> None:
        one = Try.of(case, case.content(self.kinds[0], 1))
        live = one.publish()
        try:
            shown = case.network.read_back(case.account(), live)
        except CannotTell:
            return
        assert shown is not None
        assert shown.remote_id == live.remote_id
        if case.network.deletes:
            case.network.delete(case.account(), live)
            assert case.network.read_back(case.account(), live) is None

    def test_numbers_are_counts_or_unknown(self, case: Case) -> None:
        live = Try.of(case, case.content(self.kinds[0], 1)).publish() if case.network.counts else Published("1", "")
        if not case.network.counts:
            with pytest.raises(Refused):
                case.network.numbers(case.account(), live)
            return
        for count in dataclasses.asdict(case.network.numbers(case.account(), live)).values():
            assert count is None or (type(count) is int and count >= 0)
        assert Numbers().reach is None


def numbers_of(one: Try, live: Published) -> set[str]:
    """What the network calls it: the whole, each of its posts, its comment."""
    steps = [given for step, given in one.notebook.steps.items() if not step.startswith(("media:", "account"))]
    return {live.remote_id, *live.remote_id.split(","), *(str(given["id"]) for given in steps if given.get("id"))}


def was_killed(one: Try) -> bool:
    """Publish, and say whether that was the end of the worker."""
    try:
        one.publish()
    except Killed:
        return True
    return False


_usual: dict[tuple[type[Case], str], int] = {}


def usual_uploads(case: Case, kind: str) -> int:
    """How many uploads that kind takes on a good day."""
    if (type(case), kind) not in _usual:
        one = Try.of(case, case.content(kind, 1000))
        one.publish()
        _usual[type(case), kind] = one.uploads()
    return _usual[type(case), kind]
