"""The staff's pages on newsletters: lists, their readers, and files of addresses."""

from newsletter.admin.imports import ImportAdmin
from newsletter.admin.lists import ListAdmin
from newsletter.admin.readers import ReaderAdmin

__all__ = ["ImportAdmin", "ListAdmin", "ReaderAdmin"]
