"""What a run came to, for people."""

import os
from dataclasses import replace
from datetime import date

from tests.chaos.plan import Size
from tests.chaos.run import Outcome
from tests.chaos.tables import aligned, table

LAST_RUN = "## The last run\n\n"


def sized(size: Size, seconds: float | None, posts: int | None, *, real: bool) -> Size:
    """The size with another length, another number of posts, or real servers."""
    seconds, posts = seconds or size.seconds, posts or size.posts
    longest, beforehand = size.longest * seconds / size.seconds, size.beforehand * posts // size.posts
    return replace(size, seconds=seconds, longest=longest, posts=posts, beforehand=beforehand, real=real)


def told(outcome: Outcome, size: Size) -> str:
    """The tables, and what was wrong one by one."""
    wrong = [f"{one.what}: {line}" for one in outcome.verdicts for line in one.wrong]
    all_of_them = outcome.written == size.posts
    head = (
        f"{outcome.written:,} of {size.posts:,} posts of {size.clients} clients on {size.clients * size.channels} channels"
        f"{', Bluesky and Mastodon among them,' if size.real else ''}"
        f"{'' if all_of_them else ': what the machine had time for'} in {outcome.stormed:.0f} s of storm"
        f"{' (that is how long it took until all were due)' if outcome.stormed > size.seconds * 1.05 else ''}; "
        f"{outcome.seconds:.0f} s in all, seed {outcome.seed}."
    )
    return "\n\n".join([head, table(outcome.verdicts), _counted(outcome), *(["\n".join(wrong)] if wrong else [])])


def _counted(outcome: Outcome) -> str:
    what = [("what broke, and what people did", "times"), *((k, f"{v:,}") for k, v in sorted(outcome.counts.items()))]
    states = [("publications in the end", ""), *((k, f"{v:,}") for k, v in sorted(outcome.states.items()))]
    return f"{aligned(what)}\n\n{aligned(states)}"


def document(before: str, outcome: Outcome, size: Size) -> str:
    """docs/chaos.md with this run as its last: what people have written above stays as it is."""
    above = before.partition(LAST_RUN)[0]
    return f"{above}{LAST_RUN}On {os.cpu_count()} cores, {date.today():%Y-%m-%d}.\n\n{told(outcome, size)}\n"  # noqa: DTZ011
