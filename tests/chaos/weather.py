"""The bad days of networks."""

import random

from tests.servers.bad_days import Answer, AnswerLost, Between, Cut, Fault, Slow


def bad_day(chance: random.Random) -> Fault:
    """One of the ways in which a network, or the way to it, breaks."""
    faults: list[Fault] = [
        Cut(),
        Cut(unread=True),
        Slow(3),
        AnswerLost(),
        AnswerLost(),
        Answer(503, b"soon back"),
        Answer(429, b"", {"Retry-After": "2"}),
    ]
    return chance.choice(faults)


def break_all(networks: list[Between], fault: Fault | None) -> None:
    """The same bad day on all of them; None is a good one."""
    for network in networks:
        network.good_day() if fault is None else network.on("*", fault)
