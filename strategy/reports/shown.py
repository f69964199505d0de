"""The report as its pages show it: each part with its chart and the words of its table."""

from dataclasses import dataclass
from typing import Any

from strategy.models import Metric, NumberSource
from strategy.reports.charts import (
    Chart,
    amount,
    cadence_chart,
    day_name,
    month_name,
    objective_chart,
    percent,
    pillar_name,
    shares_chart,
)
from strategy.reports.report import CadenceRow, ObjectiveRow, PillarRow, Report


@dataclass(frozen=True, kw_only=True)
class ShareShown:
    """One pillar of a table."""

    name: str
    agreed: str
    planned: str
    published: str
    row: PillarRow


def report_shown(report: Report) -> dict[str, Any]:
    """What the templates of the report want, in the active language."""
    return {
        "report": report,
        "month": report.month,
        "empty": not report.count.planned,
        "shares_chart": shares_chart(report.pillars, agreed=report.version is not None),
        "shares": _shares(report.pillars),
        "channels": [(row, _shares(row.pillars)) for row in report.channels],
        "month_rows": [(row, _shares(row.pillars)) for row in report.months],
        "cadences": [_cadence(row) for row in report.cadences],
        "objectives": [_objective(row) for row in report.objectives],
    }


def _shares(rows: list[PillarRow]) -> list[ShareShown]:
    return [
        ShareShown(
            name=pillar_name(row),
            agreed=percent(row.agreed),
            planned=percent(row.planned_share),
            published=percent(row.published_share),
            row=row,
        )
        for row in rows
    ]


def _cadence(row: CadenceRow) -> dict[str, Any]:
    return {
        "row": row,
        "chart": cadence_chart(row),
        "per_week": amount(row.per_week) if row.per_week is not None else "",
        "weeks": [
            (day_name(week.monday), day_name(week.sunday), week.count, _short(row, week.count.planned))
            for week in row.weeks
        ],
    }


def _short(row: CadenceRow, planned: int) -> bool:
    return row.per_week is not None and planned < row.per_week


def _objective(row: ObjectiveRow) -> dict[str, Any]:
    objective = row.objective
    chart: Chart | None = objective_chart(row)
    return {
        "row": row,
        "objective": objective,
        "chart": chart,
        "baseline": amount(objective.baseline, objective.unit),
        "target": amount(objective.target, objective.unit),
        "last": amount(row.numbers[-1].value, objective.unit) if row.numbers else "",
        "last_month": month_name(row.numbers[-1].month) if row.numbers else "",
        "metric": Metric(objective.metric).label if objective.metric else "",
        "added_up": objective.metric == Metric.REACH,
        "numbers": [
            {
                "month": month_name(number.month),
                "value": amount(number.value, objective.unit),
                "source": NumberSource(number.source).label,
                "by": number.by,
                "note": number.note,
            }
            for number in row.numbers
        ],
    }
