"""What a run came to, for people."""

import os
from dataclasses import replace
from datetime import date

from tests.chaos.judge import aligned, table
from tests.chaos.plan import Size
from tests.chaos.run import Outcome


def sized(size: Size, seconds: float | None, posts: int | None) -> Size:
    """The size with another length, or another number of posts."""
    return replace(size, seconds=seconds or size.seconds, posts=posts or size.posts)


def told(outcome: Outcome, size: Size) -> str:
    """The tables, and what was wrong one by one."""
    wrong = [f"{one.what}: {line}" for one in outcome.verdicts for line in one.wrong]
    head = (
        f"{size.posts:,} posts of {size.clients} clients on {size.clients * size.channels} channels, {size.seconds:.0f} s "
        f"of storm, {outcome.seconds:.0f} s in all, seed {outcome.seed}."
    )
    return "\n\n".join([head, table(outcome.verdicts), _counted(outcome), *(["\n".join(wrong)] if wrong else [])])


def _counted(outcome: Outcome) -> str:
    what = [("what broke, and what people did", "times"), *((k, f"{v:,}") for k, v in sorted(outcome.counts.items()))]
    states = [("publications in the end", ""), *((k, f"{v:,}") for k, v in sorted(outcome.states.items()))]
    return f"{aligned(what)}\n\n{aligned(states)}"


def document(outcome: Outcome, size: Size) -> str:
    """docs/chaos.md."""
    return f"{INTRODUCTION}\n## The last run\n\nOn {os.cpu_count()} cores, {date.today():%Y-%m-%d}.\n\n{told(outcome, size)}\n"  # noqa: DTZ011


INTRODUCTION = """# What happens when everything breaks

`make chaos` runs Filo for ten minutes as it runs anywhere: PostgreSQL, web, three workers, beat, the broker's folder; people who
write, submit, approve, change their minds, move posts and stop clients, all by the API; and five networks. Meanwhile everything
breaks, at moments that a seed draws. Afterwards the networks are asked what they have published, each from the record that it
kept itself, and that is held against what people wanted and against what the database says. `make chaos CHAOS="--seed 7"` is the
same storm again (what the machine makes of it is never the same twice), `--small` is a storm of 38 s and runs with the
tests, `--seconds` and `--posts` make it longer or shorter. It lives in `var/chaos` alone, and leaves only its logs there.

| what breaks | how |
|---|---|
| web, workers, beat | SIGKILL, and started again at once |
| PostgreSQL | started again: its fast way, its immediate one, SIGKILL to its first process |
| broker | all messages of its folder are deleted |
| networks | HTTP servers at the wire: connections cut before or after the request is read, answers that come late, answers that are lost after the post was taken, 429, 503; one by one, and all of them at once |
| sandbox | slow, refuses, throttles, drops after accepting, not reachable |
| clocks | of one process, an hour ahead or behind for some seconds; and of all of them, PostgreSQL's too, an hour ahead. A small library is loaded before everything else (`tests/chaos/clock.c`) and adds the hour to each look at the time of day, as when somebody sets a clock; what measures spans goes on, as it does then. The networks go with the database |
| disk of the media | full: a small file system of its own (tmpfs) is filled to its end; where nothing can be mounted, no file of web and workers may grow |

X, Facebook, Threads and LinkedIn are the tests' own fakes, which refuse what the network's documents refuse; LinkedIn is a
person's account, whose posts nobody may read back, so that what is uncertain there stays so: a person decides. Before the last
count people look at all that failed, is late or uncertain, and send it again.

Not mended: where the database's clock is wrong against a network's by more than ten minutes (five on Meta's), what is uncertain
just then is looked for in the wrong span, and not found. In a run in which the networks kept the right time while all of
ours went ahead by hours, one of 656 posts was called "not published" on X, where it was: most likely X had refused the second try as the
same text. A network that takes the same text twice would have it twice. So the machine of the database needs its time from a
time server.

Not covered: a machine that loses its power (PostgreSQL runs without fsync here), two databases, a network that answers wrongly on
purpose (the contract of each network does that), real accounts (`rehearse` does that).

What must be so, and is counted: nothing twice on an account; nothing lost (what was approved is out, or before a person, or kept
by a stop); nothing called published that is not there, or called something else that is; nothing without a person's approval of its
very digest; no older words once a change was accepted; nothing that began while its client was stopped; nothing before its time,
by the database's clock; nothing uncertain where the network could have told; the evidence whole; no request that a network does
not know. Each of these lines has been shown a record that is wrong (`tests/chaos/test_judge.py`).

## What came to light, and was mended

Some of it the count has shown, some the thought of what the storm would do.

| fault | mended by |
|---|---|
| A worker whose clock is behind writes a lease that has ended already: another one asks, hears that it is not there yet, and sends it again | the database's clock counts for the whole outbox |
| A worker whose clock is ahead sends before the time | the same |
| All clocks go an hour ahead while a network takes its time: the lease ends over what is being sent, and it goes out twice | a living worker holds a lock on what it sends; a lease ends only without it |
| A message that came late ended the lease of the next try; an answer that came late was taken for one about the next try | both are of one try only |
| PostgreSQL is started again while the network answers: the answer was lost, the outcome uncertain for no reason | the answer is kept and written down when the database is back |
| After such a start the first requests of each connection failed | connections are looked at before they are lent |
| A full disk was an error without words, and half a file was later taken for the whole | 507 and a sentence; files are compared by their size, and halves are removed |
"""
