"""The verbs of approvals, the only place where a review changes."""

from approvals.services.chains import StepPlan, chain_for, copy_chain, save_chain
from approvals.services.comments import add_comment
from approvals.services.deciding import decide
from approvals.services.deputies import end_deputy, name_deputy
from approvals.services.links import issue_link, open_link, revoke_links
from approvals.services.reviews import move, start, supersede, withdraw
from approvals.services.seats import replace_seat, take_back
from approvals.services.time_up import time_up

__all__ = [
    "StepPlan",
    "add_comment",
    "chain_for",
    "copy_chain",
    "decide",
    "end_deputy",
    "issue_link",
    "move",
    "name_deputy",
    "open_link",
    "replace_seat",
    "revoke_links",
    "save_chain",
    "start",
    "supersede",
    "take_back",
    "time_up",
    "withdraw",
]
