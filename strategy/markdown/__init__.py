"""A section's text: a small set of Markdown, read once for every face."""

from strategy.markdown.checking import check
from strategy.markdown.html import rendered
from strategy.markdown.parsing import parsed

__all__ = ["check", "parsed", "rendered"]
