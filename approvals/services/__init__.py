"""The verbs of approvals, the only place where a review changes."""

from approvals.services.chains import copy_chain, retire_chain, save_chain, take_up_chain
from approvals.services.choosing import chain_for
from approvals.services.comments import add_comment, reopen_comment, resolve_comment
from approvals.services.deciding import decide
from approvals.services.deputies import end_deputy, name_deputy
from approvals.services.foreseeing import Foreseen, ForeseenStep, foresee
from approvals.services.links import issue_link, open_link, revoke_links
from approvals.services.plans import StepPlan, plans_of
from approvals.services.reviews import move, start, supersede, withdraw
from approvals.services.seats import replace_seat, take_back
from approvals.services.suggesting import decline, take_over
from approvals.services.time_up import time_up

__all__ = [
    "Foreseen",
    "ForeseenStep",
    "StepPlan",
    "add_comment",
    "chain_for",
    "copy_chain",
    "decide",
    "decline",
    "end_deputy",
    "foresee",
    "issue_link",
    "move",
    "name_deputy",
    "open_link",
    "plans_of",
    "reopen_comment",
    "replace_seat",
    "resolve_comment",
    "retire_chain",
    "revoke_links",
    "save_chain",
    "start",
    "supersede",
    "take_back",
    "take_over",
    "take_up_chain",
    "time_up",
    "withdraw",
]
