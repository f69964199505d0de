"""Lists, their readers, issues and the copies that went to whom."""

from newsletter.models.confirmations import Confirmation
from newsletter.models.doubts import Doubt, DoubtState
from newsletter.models.imports import ImportState, ListImport, RefusedLine, Why
from newsletter.models.issues import OVER, Copy, CopyState, Issue
from newsletter.models.lists import MailingList, Reader, ReaderState, Source

__all__ = [
    "OVER",
    "Confirmation",
    "Copy",
    "CopyState",
    "Doubt",
    "DoubtState",
    "ImportState",
    "Issue",
    "ListImport",
    "MailingList",
    "Reader",
    "ReaderState",
    "RefusedLine",
    "Source",
    "Why",
]
