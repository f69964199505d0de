"""Each line of the table can fail: a record of a good run, and the same with one thing wrong."""

from dataclasses import replace
from typing import Any

import pytest

from tests.chaos.evidence import Asked, Evidence, Row, Stopped, Wanted
from tests.chaos.judge import Judge
from tests.chaos.post_office import Copy, Letter
from tests.chaos.record import Changed, Seen
from tests.chaos.tables import table
from tests.chaos.words import comment_of, text_of

FIRST, SECOND = "Chaos 00001 v1. Whatever.", "Chaos 00001 v2. Whatever."


def row(**fields: Any) -> Row:
    usual: dict[str, Any] = {
        "id": 1,
        "number": 1,
        "client": 0,
        "account": "0-1",
        "network": "x",
        "state": "published",
        "text": FIRST,
        "due_at": 1000.0,
        "digest_fits": True,
        "approved": True,
        "attempts": (5,),
    }
    return Row(**usual | fields)


def wanted(**fields: Any) -> Wanted:
    usual: dict[str, Any] = {
        "number": 1,
        "client": 0,
        "accounts": ("0-1",),
        "approved": frozenset({FIRST}),
        "last": FIRST,
        "approved_in_the_end": True,
    }
    return Wanted(**usual | fields)


GOOD = Evidence(
    seen=[Seen("0-1", FIRST, 1001.0)], rows=[row()], wanted={1: wanted()}, timed=frozenset({"0-1"})
)  # fmt: skip


MAILED = replace(
    GOOD, letters=[Letter("0-1", "ada", FIRST, 1001.0)], copies=[Copy("0-1", "ada", FIRST, "sent")]
)  # fmt: skip


PART, COMMENT, OTHER, REPLY = (
    text_of(1, 1, "part 1"),
    comment_of(1, 1),
    text_of(1, 5),
    text_of(1, 5, "reply"),
)

THREAD = replace(
    GOOD,
    seen=[*GOOD.seen, Seen("0-1", PART, 1002.0, below=FIRST), Seen("0-1", COMMENT, 1003.0, below=FIRST)],
    rows=[row(parts=(PART,), comment=COMMENT, out=frozenset({FIRST, PART, COMMENT}))],
    wanted={1: wanted(approved=frozenset({FIRST, PART, COMMENT}))},
)


def act(kind: str, text: str = "", **fields: Any) -> Row:
    return row(id=2, post=9, act=kind, text=text, **fields)


def asked(kind: str, text: str = "", *, yes: bool = True) -> dict[int, Asked]:
    return {9: Asked(9, kind, 1, text, yes=yes, approved_in_the_end=yes)}


EDITED = replace(
    GOOD, rows=[row(), act("edit", OTHER)], changes=[Changed("0-1", FIRST, OTHER, 1100.0)], asked=asked("edit", OTHER)
)
GONE = replace(
    THREAD,
    rows=[*THREAD.rows, act("take_down")],
    changes=[Changed("0-1", text, "", 1100.0) for text in (COMMENT, PART, FIRST)],
    asked=asked("take_down"),
)
ANSWERED = replace(
    THREAD,
    seen=[*THREAD.seen, Seen("0-1", REPLY, 1100.0, below=PART)],
    rows=[*THREAD.rows, act("reply", REPLY)],
    wanted={1: wanted(approved=frozenset({FIRST, PART, COMMENT, REPLY}))},
    asked=asked("reply", REPLY),
)


def seen_again(evidence: Evidence, text: str, **fields: Any) -> list[Seen]:
    """The same with one of them otherwise."""
    return [replace(one, **fields) if one.text == text else one for one in evidence.seen]


def wrong(evidence: Evidence) -> dict[str, tuple[str, ...]]:
    return {one.what: one.wrong for one in Judge(evidence).verdicts() if one.wrong}


def test_a_good_run() -> None:
    assert wrong(GOOD) == {}
    assert "| published twice " in table(Judge(GOOD).verdicts())


DOCTORED: list[tuple[str, Evidence, dict[str, tuple[str, ...]]]] = [
    (
        "twice",
        replace(GOOD, seen=[*GOOD.seen, *GOOD.seen]),
        {"published twice": ("00001 on 0-1: 2 times",)},
    ),
    (
        "twice with other words",
        replace(
            GOOD, seen=[*GOOD.seen, Seen("0-1", SECOND, 1002.0)], rows=[row(), row(text=SECOND)],
            wanted={1: wanted(approved=frozenset({FIRST, SECOND}))},
        ),
        {"published twice": ("00001 on 0-1: 2 times",)},
    ),
    (
        "nowhere",
        replace(GOOD, seen=[], rows=[]),
        {"lost": ("00001 on 0-1: approved, and nowhere",)},
    ),
    (
        "stuck",
        replace(GOOD, seen=[], rows=[row(state="publishing")]),
        {"lost": ("00001 on 0-1: still publishing",)},
    ),
    (
        "nobody is asked",
        replace(GOOD, seen=[], rows=[row(state="unknown", network="linkedin")]),
        {"lost": ("00001 on 0-1: uncertain, and nobody is asked",)},
    ),
    (
        "not there",
        replace(GOOD, seen=[]),
        {"called published, and is not": ("00001 on 0-1",)},
    ),
    (
        "called failed, and is there",
        replace(GOOD, rows=[row(state="failed")]),
        {"there, and called something else": ("Chaos 00001 v1 on 0-1",)},
    ),
    (
        "nobody said yes",
        replace(GOOD, wanted={1: wanted(approved=frozenset())}),
        {"published without approval of its digest": ("Chaos 00001 v1 on 0-1: nobody said yes",)},
    ),
    (
        "another digest",
        replace(GOOD, rows=[row(digest_fits=False)]),
        {"published without approval of its digest": ("Chaos 00001 v1 on 0-1: another digest",)},
    ),
    (
        "no decision on it",
        replace(GOOD, rows=[row(approved=False)]),
        {"published without approval of its digest": ("Chaos 00001 v1 on 0-1: another digest",)},
    ),
    (
        "overtaken",
        replace(
            GOOD,
            wanted={1: wanted(changed_after=4, last=SECOND, approved_in_the_end=False)},
        ),
        {"an older text after a change was accepted": ("00001 on 0-1",)},
    ),
    (
        "a try while stopped",
        replace(GOOD, stops=[Stopped(0, 4, 9, 1000.0, 1100.0)]),
        {"of a client that was stopped": ("00001 on 0-1: a try began",)},
    ),
    (
        "out long after the stop",
        replace(GOOD, stops=[Stopped(0, 5, None, 970.0, None)]),
        {"of a client that was stopped": ("Chaos 00001 v1 on 0-1: came out",)},
    ),
    (
        "early",
        replace(GOOD, rows=[row(due_at=1010.0)]),
        {"before its time": ("Chaos 00001 v1 on 0-1: 9 s",)},
    ),
    (
        "it could have been asked",
        replace(GOOD, seen=[], rows=[row(state="unknown", waits_for_person=True)]),
        {"uncertain, and the network could have told": ("00001 on 0-1",)},
    ),
    (
        "the chain is broken",
        replace(GOOD, misfits=["7"]),
        {"breaks in the evidence's chain": ("7",)},
    ),
    (
        "a part twice",
        replace(THREAD, seen=[*THREAD.seen, THREAD.seen[1]]),
        {"published twice": ("00001 part 1 on 0-1: 2 times",)},
    ),
    (
        "a comment twice, with other words",
        replace(
            THREAD, seen=[*THREAD.seen, Seen("0-1", comment_of(1, 2), 1004.0, below=FIRST)],
            rows=[*THREAD.rows, row(text=SECOND, comment=comment_of(1, 2), state="unknown")],
            wanted={1: wanted(approved=frozenset({FIRST, PART, COMMENT, comment_of(1, 2)}))},
        ),
        {
            "published twice": ("00001 comment on 0-1: 2 times",),
            "uncertain, and the network could have told": ("00001 on 0-1",),
            "lost": ("00001 on 0-1: uncertain, and nobody is asked",),
        },
    ),
    (
        "a part below nothing",
        replace(THREAD, seen=seen_again(THREAD, PART, below="")),
        {"below the wrong post": ("Chaos 00001 v1 part 1 on 0-1: below nothing",)},
    ),
    (
        "a comment below a part",
        replace(THREAD, seen=seen_again(THREAD, COMMENT, below=PART)),
        {"below the wrong post": ("Chaos 00001 v1 comment on 0-1: below Chaos 00001 v1 part 1",)},
    ),
    (
        "an answer in the middle of the thread",
        replace(ANSWERED, seen=seen_again(ANSWERED, REPLY, below=FIRST)),
        {"below the wrong post": ("Chaos 00001 v5 reply on 0-1: below Chaos 00001 v1",)},
    ),
    (
        "a first post below another",
        replace(THREAD, seen=seen_again(THREAD, FIRST, below=PART)),
        {"below the wrong post": ("Chaos 00001 v1 on 0-1: below Chaos 00001 v1 part 1",)},
    ),
    (
        "a part is missing",
        replace(THREAD, seen=[THREAD.seen[0], THREAD.seen[2]]),
        {"called published, and is not": ("00001 part 1 on 0-1",)},
    ),
    (
        "it broke off, and more is there than it knows",
        replace(THREAD, rows=[replace(THREAD.rows[0], state="late", begun=True, out=frozenset({FIRST, PART}))]),
        {"there, and called something else": ("Chaos 00001 v1 comment on 0-1",)},
    ),
    (
        "another picture",
        replace(GOOD, seen=seen_again(GOOD, FIRST, shows=("b",)), rows=[row(shows=("a",))]),
        {"other pictures than those approved": ("Chaos 00001 v1 on 0-1: 1 of 1",)},
    ),
    (
        "the picture is missing",
        replace(GOOD, rows=[row(shows=("a",))]),
        {"other pictures than those approved": ("Chaos 00001 v1 on 0-1: 0 of 1",)},
    ),
    (
        "changed, and nobody said yes",
        replace(EDITED, asked=asked("edit", OTHER, yes=False)),
        {"changed or taken down, and nobody said so": ("Chaos 00001 v1 on 0-1: Chaos 00001 v5",)},
    ),
    (
        "changed to something else",
        replace(EDITED, changes=[Changed("0-1", FIRST, text_of(1, 6), 1100.0)]),
        {
            "changed or taken down, and nobody said so": ("Chaos 00001 v1 on 0-1: Chaos 00001 v6",),
            "called changed or taken down, and is not": ("00001 on 0-1: edit",),
        },
    ),
    (
        "taken down, and nobody asked",
        replace(GOOD, changes=[Changed("0-1", FIRST, "", 1100.0)]),
        {"changed or taken down, and nobody said so": ("Chaos 00001 v1 on 0-1: taken down",)},
    ),
    (
        "called changed",
        replace(EDITED, changes=[]),
        {"called changed or taken down, and is not": ("00001 on 0-1: edit",)},
    ),
    (
        "called taken down, and a part stays",
        replace(GONE, changes=[GONE.changes[0], GONE.changes[2]]),
        {"called changed or taken down, and is not": ("00001 on 0-1: take_down",)},
    ),
    (
        "called answered",
        replace(ANSWERED, seen=THREAD.seen),
        {"called changed or taken down, and is not": ("00001 on 0-1: reply",)},
    ),
    (
        "changed, and called failed",
        replace(EDITED, rows=[row(), act("edit", OTHER, state="failed")]),
        {"there, and called something else": ("Chaos 00001 v1 on 0-1: edit, called failed",)},
    ),
    (
        "nobody changes it",
        replace(EDITED, changes=[], rows=[row(), act("edit", OTHER, state="scheduled")]),
        {"lost": ("00001, edit: still scheduled",)},
    ),
    (
        "a change nowhere",
        replace(EDITED, changes=[], rows=[row()]),
        {"lost": ("00001, edit: approved, and nowhere",)},
    ),
    (
        "changed long after the stop",
        replace(EDITED, stops=[Stopped(0, 5, None, 1060.0, None)]),
        {"of a client that was stopped": ("Chaos 00001 v1 on 0-1: was changed",)},
    ),
    (
        "a refresh token again",
        replace(GOOD, renewed_with=["0-1 one", "0-1 two", "0-1 one"]),
        {"a refresh token used twice": ("0-1 one: 2 times",)},
    ),
    (
        "the same mail again",
        replace(GOOD, letters=[*MAILED.letters, *MAILED.letters], copies=MAILED.copies),
        {"a reader has an issue twice": ("00001 to ada: 2 times",)},
    ),
    (
        "called sent, and never came",
        replace(MAILED, letters=[]),
        {"copies that are not what they are called": ("Chaos 00001 v1 to ada: called sent, and is not",)},
    ),
    (
        "came, and is called refused",
        replace(MAILED, copies=[replace(MAILED.copies[0], state="refused")]),
        {"copies that are not what they are called": ("Chaos 00001 v1 to ada: there, and called refused",)},
    ),
    (
        "left behind",
        replace(MAILED, letters=[], copies=[replace(MAILED.copies[0], state="waiting")]),
        {"copies that are not what they are called": ("Chaos 00001 v1 to ada: left behind",)},
    ),
    (
        "came from nowhere",
        replace(MAILED, copies=[]),
        {"copies that are not what they are called": ("Chaos 00001 v1 to ada: there, and no copy of it",)},
    ),
    (
        "forgotten",
        replace(MAILED, readers={"0-1": ["ada", "bob"]}),
        {"copies that are not what they are called": ("Chaos 00001 v1 to bob: nobody thought of them",)},
    ),
    (
        "mailed long after the stop",
        replace(MAILED, letters=[replace(MAILED.letters[0], at=1200.0)], stops=[Stopped(0, 5, None, 1100.0, None)]),
        {"of a client that was stopped": ("Chaos 00001 v1 to ada: came out",)},
    ),
    (
        "what the network does not know",
        replace(GOOD, wrong_requests=["GET /"]),
        {"requests that the network does not know": ("GET /",)},
    ),
]  # fmt: skip


@pytest.mark.parametrize(("evidence", "found"), [case[1:] for case in DOCTORED], ids=[case[0] for case in DOCTORED])
def test_what_is_wrong_is_seen(evidence: Evidence, found: dict[str, tuple[str, ...]]) -> None:
    assert wrong(evidence) == found


def test_every_line_has_been_seen_to_fail() -> None:
    assert {what for _, _, found in DOCTORED for what in found} == {one.what for one in Judge(GOOD).verdicts()}


@pytest.mark.parametrize(
    "evidence",
    [
        replace(GOOD, rows=[row(due_at=4600.0)], jumps=((0.0, 0), (990.0, 3600))),  # the clock said so
        replace(GOOD, seen=[], rows=[row(state="late")]),  # its people know
        replace(GOOD, seen=[], rows=[row(state="scheduled")], stops=[Stopped(0, 9, None, 1000.0, None)]),
        replace(GOOD, seen=[], rows=[row(state="unknown", network="linkedin", waits_for_person=True)]),
        replace(GOOD, stops=[Stopped(0, 5, 9, 972.0, 1100.0)]),  # it was on its way when the client was stopped
        replace(GOOD, seen=[], rows=[], wanted={1: wanted(approved_in_the_end=False)}),
        THREAD,
        EDITED,
        GONE,
        ANSWERED,
        replace(  # the rest of it is before a person
            THREAD,
            seen=THREAD.seen[:2],
            rows=[replace(THREAD.rows[0], state="late", begun=True, out=frozenset({FIRST, PART}))],
        ),
        MAILED,
        replace(MAILED, copies=[replace(MAILED.copies[0], state="uncertain")]),
        replace(MAILED, copies=[replace(MAILED.copies[0], state="uncertain")], letters=[]),
        replace(  # of a first issue nothing went out; a person has sent another one in its place
            MAILED,
            copies=[Copy("0-1", "ada", FIRST, "waiting", published=False), *MAILED.copies],
        ),
        replace(  # the stop keeps the rest of it
            MAILED,
            rows=[row(state="scheduled", begun=True)],
            stops=[Stopped(0, 9, None, 1001.0, None)],
            copies=[*MAILED.copies, Copy("0-1", "bob", FIRST, "waiting", published=False)],
        ),
    ],
    ids=[
        "clock",
        "late",
        "kept by the stop",
        "undecidable",
        "in flight",
        "never approved",
        "a thread",
        "edited",
        "taken down",
        "answered",
        "half a thread",
        "mailed",
        "uncertain and there",
        "uncertain and not there",
        "sent in the place of another",
        "half of it kept by the stop",
    ],
)
def test_what_is_right_is_left_alone(evidence: Evidence) -> None:
    assert wrong(evidence) == {}
