"""What a strategy came to: shares of pillars, cadences of channels and objectives, month by month, beside what was agreed."""

from strategy.reports.report import Report, report_of

__all__ = ["Report", "report_of"]
