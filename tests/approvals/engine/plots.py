"""What may have been before the first rule: beginnings after which a slip of the engine's would soon show.

Each is a chain, where the next round begins, and some verbs of the machine's (its methods of these names). Whoever does them
is left to chance, and so is all that follows.
"""

from tests.approvals.engine.cast import BY_HAND

VERBS = ["pass_step", "approve", "stand_in", "be_away", "think_again", "send_back", "be_silent", "join_in"]
ANY_TIME = {"think_again", "agree_too", "leave"}  # the others only while somebody is asked

_PLOTS = {
    ("other eyes", "refused"): [
        "pass_step",
        "stand_in try",
        "pass_step stand_in",
        "pass_step be_away leave",
        "approve think_again approve join_in",
        "pass_step leave send_back",
        "stand_in join_in",
    ],
    ("two of four", "first"): ["be_away", "stand_in seat", "approve leave think_again", "pass_step send_back"],
    ("parts", "unchanged"): [
        "pass_step pass_step change_amount try",
        "pass_step stand_in change_amount",
        "pass_step stand_in join_in",
        "pass_step pass_step think_again send_back",
        "pass_step change_terms pass_step change_terms",
    ],
    ("parts", "refused"): [
        "pass_step change_amount look_closer change_terms",
        "pass_step strike send_back",
        "pass_step stand_in join_in",
        "pass_step pass_step send_back try",
    ],
    ("parts, then other eyes", "unchanged"): [
        "pass_step pass_step change_amount approve",
        "pass_step pass_step change_amount pass_step try",
        "pass_step stand_in change_amount pass_step try",
        "pass_step stand_in change_amount pass_step stand_in",
        "stand_in pass_step change_terms pass_step try",
        "pass_step approve think_again approve change_amount pass_step",
    ],
    ("parts, then other eyes", "refused"): [
        "pass_step pass_step think_again send_back",
        "pass_step pass_step send_back",
    ],
    ("more are asked", "refused"): ["stand_in be_silent", "pass_step be_silent send_back"],
    ("before it goes out", "refused"): [
        "pass_step move move",
        "pass_step move move be_silent",
        "move wait pass_step",
        "move pass_step send_back",
    ],
    ("alike", "refused"): [
        "pass_step pass_step think_again approve",
        "pass_step pass_step think_again agree_too think_again",
        "pass_step send_back",
        "pass_step pass_step send_back",
    ],
    ("other eyes twice", "first"): ["pass_step approve think_again try", "pass_step send_back"],
    ("two and two", "refused"): [
        "pass_step pass_step think_again try",
        "pass_step approve think_again try",
        "stand_in seat",
        "pass_step stand_in try",
        "pass_step join_in",
    ],
    ("silent eyes", "refused"): [
        "pass_step be_silent",
        "pass_step be_silent send_back",
        "pass_step stand_in think_again",
    ],
    ("all, or silence", "unchanged"): [
        "approve be_silent think_again",
        "approve be_silent be_fewer change_terms",
        "approve be_fewer send_back",
        "pass_step be_silent",
    ],
}
PLOTS = [
    (list(BY_HAND).index(chain), restart, past.split()) for (chain, restart), pasts in _PLOTS.items() for past in pasts
]
LONGEST = max(len(past) for _chain, _restart, past in PLOTS)
