"""A long strategy at its desk, and the report of a client with many posts."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db import connection, transaction
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from agency.bench import papers
from agency.bench.figures import Figure, Part, Progress, middle
from agency.bench.reviewing import Office, office
from approvals.services import StepPlan, save_chain
from clients.models import Role
from clients.months import month_at
from clients.services import set_role
from social.services import create_channel
from strategy import selectors
from strategy.models import Section, Strategy
from strategy.reports import report_of
from strategy.services import (
    add_objective,
    add_section,
    create_pillar,
    create_strategy,
    save_section,
    set_cadence,
    set_number,
    set_shares,
    submit_strategy,
    withdraw_strategy,
)

TITLE = "A strategy at its desk"
ABOUT = (
    "A strategy of 40 sections and 60,000 words, one section with 500 revisions: its page is opened to be written on, a section "
    "saved, a version made with its digest (and its review begun), a page of the revisions listed. What two versions differ in "
    "is measured with its papers. Then the report of a month of a client with 20,000 posts on two channels in two years: shares of five pillars by "
    "channel and month, cadences by week, objectives. Medians."
)
PILLARS = 5
PAGE = 50
WARM = 2


@dataclass(frozen=True, kw_only=True)
class Size:
    """How much of what."""

    sections: int
    words: int  # of each section
    revisions: int
    posts: int
    rounds: int

    @property
    def steps(self) -> int:
        """How often a full run says that it has come further."""
        return 2 + self.rounds + WARM


FULL = Size(sections=40, words=1500, revisions=500, posts=20_000, rounds=20)
SMALL = Size(sections=3, words=200, revisions=6, posts=40, rounds=1)

# Two years of posts, a month of them still to come, some drafts among these.
POSTS = """
INSERT INTO social_post (id, client_id, author_id, written_by_id, title, text, link, parts, comment, publish_at, publish_zone, state, revision,
    version_id, pillar_id, created_at, updated_at)
SELECT n, %(client)s, %(author)s, %(author)s, 'Bench', 'Number ' || n, '', '{}', '',
    now() + interval '30 days' - n * interval '760 days' / %(posts)s, 'Europe/Rome',
    CASE WHEN n * 760 / %(posts)s >= 30 THEN 'published' WHEN n %% 3 = 0 THEN 'draft' ELSE 'scheduled' END, 1,
    n, (%(pillars)s::bigint[])[1 + n %% 6], now(), now()
FROM generate_series(1, %(posts)s) n
"""
VERSIONS = """
INSERT INTO social_postversion (id, post_id, client_id, number, author_id, digest, content, created_at)
SELECT p.id, p.id, p.client_id, 1, p.author_id, encode(sha256(p.id::text::bytea), 'hex'), '{"filo": 1, "channels": []}', now()
FROM social_post p
"""
VARIANTS = """
INSERT INTO social_variant (post_id, client_id, channel_id, own_media, fields, says)
SELECT p.id, p.client_id, c, false, '{}', '{}' FROM social_post p CROSS JOIN unnest(%(channels)s::bigint[]) c
"""
PUBLICATIONS = """
INSERT INTO social_publication (post_id, version_id, channel_id, network, client_id, state, due_at, wake_at, keys, progress,
    begun, uses, dollars, held, tries, asked, detail, remote_id, permalink, published_at, updated_at)
SELECT p.id, p.id, c, 'sandbox', p.client_id, p.state, p.publish_at, CASE WHEN p.state = 'scheduled' THEN p.publish_at END,
    '{"key": "0"}', '{}', false, '{}', 0, false, 0, 0, '', '', '', CASE WHEN p.state = 'published' THEN p.publish_at END, now()
FROM social_post p CROSS JOIN unnest(%(channels)s::bigint[]) c WHERE p.state <> 'draft'
"""
FILLED = (POSTS, VERSIONS, VARIANTS, PUBLICATIONS)


@dataclass(frozen=True)
class Desk:
    """Who writes what."""

    author: User
    strategy: Strategy
    section: Section


def measure(progress: Progress, size: Size = FULL) -> Part:
    """Fill, then each of it in turns."""
    at = office()
    desk = _strategy(at, size)
    progress(1)
    _posts(at, size)
    progress(1)
    took: dict[str, list[float]] = {name: [] for name in ("open", "save", "version", "revisions", "report")}
    for number in range(size.rounds + WARM):
        _round(desk, took, number)
        progress(1)
    return Part("strategies", TITLE, ABOUT, _figures(desk, size, {name: rows[WARM:] for name, rows in took.items()}))


def _strategy(at: Office, size: Size) -> Desk:
    """A strategy that is in review once, so that there is a version before."""
    ada = User.objects.filter(is_agency_admin=True).order_by("-pk")[0]
    author, client = at.author, at.client
    set_role(user=ada, client=client, person=author, role=Role.MANAGER)
    steps = [StepPlan(name="one", users=[at.approvers[1]])]
    save_chain(user=ada, client=client, name="strategies", subject="strategy", is_default=True, steps=steps)
    strategy = create_strategy(user=author, client=client, title="Bench", starts_on=date(2020, 1, 1))
    content = papers.long_content(papers.Size(sections=size.sections, words=size.words, rounds=1), 0)
    for entry in content["sections"]:
        texts: dict[str, Any] = {"title": entry["title"], "body": entry["body"], "why": entry["why"]}
        add_section(user=author, strategy=strategy, kind="free", **texts)
    pillars = [create_pillar(user=author, client=client, name=f"Pillar {number}") for number in range(PILLARS)]
    set_shares(user=author, strategy=strategy, shares=[(pillar, 100 // PILLARS) for pillar in pillars])
    how: dict[str, Any] = {"per_week": Decimal(7), "reason": "Readers."}
    set_cadence(user=author, strategy=strategy, channel=at.channel.pk, **how)
    _objectives(author, strategy)
    section = strategy.sections.order_by("position", "pk")[0]
    for number in range(size.revisions):
        section.refresh_from_db()
        save_section(user=author, section=section, begun_from=section.revision, why=f"Because of {number}.")
    strategy.refresh_from_db()
    submit_strategy(user=author, strategy=strategy)
    withdraw_strategy(user=author, strategy=strategy)
    return Desk(author, strategy, section)


def _objectives(author: User, strategy: Strategy) -> None:
    today = timezone.now().date()
    for number in range(3):
        aim: dict[str, Any] = {"name": f"{number}", "measure": "m", "target": Decimal(9), "due_on": today}
        objective = add_objective(user=author, strategy=strategy, **aim)
        for months in range(12):
            month = (today - timedelta(days=30 * months)).replace(day=1)
            set_number(user=author, objective=objective, month=month, value=Decimal(months))


def _posts(at: Office, size: Size) -> None:
    """Write all the rows, without triggers and foreign keys: we know what we write."""
    second = create_channel(user=at.author, client=at.client, network="sandbox", handle="second", name="second")
    values: dict[str, Any] = {
        "client": at.client.pk,
        "author": at.author.pk,
        "posts": size.posts,
        "pillars": list(at.client.pillars.order_by("pk").values_list("pk", flat=True)),
        "channels": [at.channel.pk, second.pk],
    }
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        for statement in FILLED:
            cursor.execute(statement, values)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM (ANALYZE)")


def _round(desk: Desk, took: dict[str, list[float]], number: int) -> None:
    author, section, strategy = desk.author, desk.section, desk.strategy
    browser = _browser(author)
    address = reverse("admin:strategy_strategy_change", args=[strategy.pk])
    took["open"].append(_timed(lambda: browser.get(address)))
    section.refresh_from_db()
    begun = section.revision
    why = f"Round {number}."
    took["save"].append(_timed(lambda: save_section(user=author, section=section, begun_from=begun, why=why)))
    took["version"].append(_timed(lambda: submit_strategy(user=author, strategy=strategy)))
    withdraw_strategy(user=author, strategy=strategy)
    took["revisions"].append(_timed(lambda: list(selectors.revisions(section)[:PAGE])))
    month = month_at(strategy.client, timezone.now())
    took["report"].append(_timed(lambda: report_of(author, strategy, month)))


def _browser(user: User) -> Browser:
    browser = Browser(headers={"host": "localhost"})
    browser.force_login(user)
    return browser


def _figures(desk: Desk, size: Size, took: dict[str, list[float]]) -> list[Figure]:
    with CaptureQueriesContext(connection) as opening:
        page = _browser(desk.author)
        before = len(opening)
        answer = page.get(reverse("admin:strategy_strategy_change", args=[desk.strategy.pk]))
        opened = len(opening) - before
    month = month_at(desk.strategy.client, timezone.now())
    with CaptureQueriesContext(connection) as asked:
        report = report_of(desk.author, desk.strategy, month)
    there = f"{answer.status_code}, {len(answer.content) // 1024} KB"
    counted = f"{report.count.planned} planned, {report.count.published} out in this month; {size.posts:,} posts in all"
    rows = desk.section.revisions.count()
    return [
        Figure(what="its page opened to write", value=middle(took["open"]), unit="ms", target=150, note=there),
        Figure(what="its page: queries", value=opened, target=12, note="session and person included"),
        Figure(what="a section saved", value=middle(took["save"]), unit="ms", target=40),
        Figure(what="a version with its digest", value=middle(took["version"]), unit="ms", target=60),
        Figure(what=f"a page of {PAGE} revisions", value=middle(took["revisions"]), unit="ms", note=f"of {rows}"),
        Figure(what="report of a month", value=middle(took["report"]), unit="ms", target=80, note=counted),
        Figure(what="report: queries", value=len(asked), target=10),
    ]


def _timed(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began
