"""The verbs of strategies, the only place where pillars, strategies and their sections change."""

from strategy.services.cadences import remove_cadence, set_cadence
from strategy.services.documents import WantedSection, WantedShare, create_document, write_document
from strategy.services.numbers import (
    add_objective,
    add_occasion,
    check_objective,
    edit_objective,
    edit_occasion,
    remove_objective,
    remove_occasion,
    set_number,
    set_shares,
)
from strategy.services.pillars import KEEPERS, LONGEST_WHY, create_pillar, edit_pillar
from strategy.services.remarks import add_remark, reopen_remark, resolve_remark
from strategy.services.reviewing import submit_strategy, withdraw_strategy
from strategy.services.saving import Saved, merge_section, save_section
from strategy.services.sections import (
    add_section,
    confirm_section,
    is_in,
    move_section,
    release_lock,
    remove_section,
    restore_section,
    take_lock,
)
from strategy.services.strategies import close_strategy, create_strategy, edit_strategy, share_strategy
from strategy.services.suggesting import accept_suggestion, decline_suggestion, suggest
from strategy.services.templates import create_template, edit_template, save_as_template

__all__ = [
    "KEEPERS",
    "LONGEST_WHY",
    "Saved",
    "WantedSection",
    "WantedShare",
    "accept_suggestion",
    "add_objective",
    "add_occasion",
    "add_remark",
    "add_section",
    "check_objective",
    "close_strategy",
    "confirm_section",
    "create_document",
    "create_pillar",
    "create_strategy",
    "create_template",
    "decline_suggestion",
    "edit_objective",
    "edit_occasion",
    "edit_pillar",
    "edit_strategy",
    "edit_template",
    "is_in",
    "merge_section",
    "move_section",
    "release_lock",
    "remove_cadence",
    "remove_objective",
    "remove_occasion",
    "remove_section",
    "reopen_remark",
    "resolve_remark",
    "restore_section",
    "save_as_template",
    "save_section",
    "set_cadence",
    "set_number",
    "set_shares",
    "share_strategy",
    "submit_strategy",
    "suggest",
    "take_lock",
    "withdraw_strategy",
    "write_document",
]
