"""Strategies that were written elsewhere: Markdown and DOCX in, section by section, as a preview of what was understood."""

from strategy.reading.reading import read
from strategy.reading.understood import FoundPicture, SectionRead, Understood

__all__ = ["FoundPicture", "SectionRead", "Understood", "read"]
