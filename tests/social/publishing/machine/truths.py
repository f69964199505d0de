"""What must be so whatever happened: the network's own rows, held against ours."""

import datetime as dt
from collections import Counter
from typing import TYPE_CHECKING

from django.db.models import Q
from django.utils import timezone

from social.knowing import asks_person
from social.models import Publication

if TYPE_CHECKING:
    from tests.social.publishing.machine.play import Play

ASKED_WITHIN = dt.timedelta(hours=26)
DOUBT = Q(state__in=["publishing", "unknown"]) | Q(begun=True)


def hold(play: "Play") -> None:
    """All of it."""
    _nothing_twice(play)
    _one_chain(play)
    for row in play.rows():
        _asks_in_time(play, row)
        if row.act in {"publish", "new_post", "reply"}:
            _as_our_table_says(play, row)
        if row.act == "take_down" and row.state == "published":
            assert not play.live_of(_target(row)), f"called taken down, and there: {play.live_of(_target(row))}"


def _target(row: Publication) -> Publication:
    assert row.target is not None
    return row.target


def _nothing_twice(play: "Play") -> None:
    texts = Counter(row.text for row in play.page.rows)
    assert not [text for text, times in texts.items() if times > 1], f"twice: {texts}"
    steps = Counter((row.key, row.step) for row in play.page.rows)
    assert not [step for step, times in steps.items() if times > 1], f"twice: {steps}"


def _one_chain(play: "Play") -> None:
    """Below no post stand a post of its thread and anything else, comments aside."""
    for above in play.page.rows:
        below = [row for row in play.page.rows if row.below is above and row.step != "comment"]
        ours = [row for row in below if row.key == above.key]
        assert not ours or len(below) == 1, f"a fork below {above.text}: {[row.text for row in below]}"


def _asks_in_time(play: "Play", row: Publication) -> None:
    key = (row.pk, row.tries)
    if row.state != "unknown":
        play.unknown_since.pop(key, None)
        return
    since = play.unknown_since.setdefault(key, timezone.now())
    assert timezone.now() - since < ASKED_WITHIN or asks_person(row), "uncertain for a day, and nobody was asked"


def _as_our_table_says(play: "Play", row: Publication) -> None:
    live, said = play.live_of(row), f"{row} {row.act} {row.state} {row.progress}: {play.live_of(row)}"
    ends = row.acts.filter(act="take_down").filter(DOUBT)
    above = row.target.acts.filter(act="take_down").filter(DOUBT) if row.act == "reply" and row.target else ends.none()
    if row.taken_down_at:
        assert not live, f"called taken down, and there: {said}"
        return
    if ends.exists() or above.exists() or _goes_with_what_it_answers(row):
        return
    words = play.words_of(row)
    steps = [*words]
    if row.state == "published":
        assert sorted(live) == sorted(steps), f"called published, and not whole: {said}"
    elif row.begun:
        posts = row.live_posts
        assert posts is not None
        sure = steps[:posts] + (["comment"] if "comment" in row.progress.get("steps", {}) else [])
        doubt = row.progress.get("in_flight") if row.state in {"publishing", "unknown"} else None
        assert sorted(live) in (sorted(sure), sorted([*sure, doubt or ""])), f"not so much of it is live: {said}"
    elif row.state not in {"publishing", "unknown"}:
        assert not live, f"nothing of it should be live: {said}"
    _by_agreed_words(play, row, live, words)


def _goes_with_what_it_answers(row: Publication) -> bool:
    """A comment goes with its post, where there are no numbers of their own."""
    return row.act == "reply" and bool(row.target and row.target.taken_down_at)


def _by_agreed_words(play: "Play", row: Publication, live: dict[str, list[str]], words: dict[str, str]) -> None:
    doubtful = row.acts.filter(act="edit").filter(DOUBT).exclude(state="published")
    allowed = [words, *(play.pieces[one.post_id].words for one in doubtful)]
    for step, texts in live.items():
        for text in texts:
            assert text in [one.get(step) for one in allowed], f"{step} says {text}, not as {allowed}"
