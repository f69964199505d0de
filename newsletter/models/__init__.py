"""Lists, their readers, issues and the copies that went to whom."""

from newsletter.models.issues import OVER, Copy, CopyState, Issue
from newsletter.models.lists import MailingList, Reader, ReaderState, Source

__all__ = ["OVER", "Copy", "CopyState", "Issue", "MailingList", "Reader", "ReaderState", "Source"]
