"""The verbs of approvals, the only place where a review changes."""

from approvals.services.chains import StepPlan, chain_for, save_chain
from approvals.services.comments import add_comment
from approvals.services.deciding import decide
from approvals.services.links import issue_link, open_link, revoke_links
from approvals.services.reviews import start, supersede, withdraw

__all__ = [
    "StepPlan",
    "add_comment",
    "chain_for",
    "decide",
    "issue_link",
    "open_link",
    "revoke_links",
    "save_chain",
    "start",
    "supersede",
    "withdraw",
]
