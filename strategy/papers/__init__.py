"""Strategies on paper: what people take away, as PDF, DOCX, or Markdown with its pictures."""
