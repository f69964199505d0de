"""The measurements run and can be read. How fast they are is not asserted: that is what `make bench` is for."""

import io
import re
from collections import Counter
from datetime import date
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connection
from pytest_django.fixtures import Settings

from accounts.models import User
from agency.bench import chains, report, reviewing, scratch, starting
from agency.bench.bare import BareReview
from agency.bench.figures import Figure, Part, high, said
from approvals.models import Review

TABLES = (
    "social_postversion",
    "approvals_review",
    "approvals_reviewstep",
    "approvals_seat",
    "approvals_decision",
    "notifications_notification",
    "audit_event",
    "social_publication",
)


def bench(part: str, into: Path) -> str:
    out = io.StringIO()
    call_command("bench", f"--{part}", "--small", f"--into={into}", stdout=out)
    return out.getvalue()


def rows() -> Counter[str]:
    with connection.cursor() as cursor:
        found = {}
        for table in TABLES:
            cursor.execute(f"SELECT count(*) FROM {table}")  # noqa: S608 - ours, from above
            found[table] = cursor.fetchone()[0]
    return Counter(found)


def test_the_bare_rows_are_as_many_as_ours(transactional_db: None) -> None:
    with scratch.database():
        at = reviewing.office()
        before = rows()
        reviewing.by_services(at, reviewing.draft(at))
        ours = rows() - before
        post = reviewing.draft(at)
        before = rows()
        BareReview(client=at.client, channel=at.channel, author=at.author, approvers=at.approvers, post=post).write()
        assert rows() - before == ours - Counter({"audit_event": 1})  # the draft's own event
        post.refresh_from_db()
        assert post.state == "scheduled"


def test_it_measures_in_a_database_of_its_own(transactional_db: None, tmp_path: Path) -> None:
    usual = connection.settings_dict["NAME"]
    User.objects.create_user("ada@filo.example", name="Ada")
    before = rows()
    printed = bench("review", tmp_path / "docs" / "benchmarks.md")
    assert connection.settings_dict["NAME"] == usual
    assert rows() == before
    assert User.objects.get().name == "Ada"
    assert "ratio" in printed
    with connection.cursor() as cursor:
        cursor.execute("SELECT datname FROM pg_database WHERE datname = %s", [scratch.NAME])
        assert cursor.fetchall() == []


@pytest.mark.slow
def test_worker_and_beat_publish_each_once(transactional_db: None, tmp_path: Path) -> None:
    printed = bench("publish", tmp_path / "benchmarks.md")
    assert re.search(r"published more than once *\| 0 +\| at most 0 +\| met", printed)


def test_texts_are_counted(db: None, tmp_path: Path) -> None:
    assert re.search(r"texts a second, as X counts *\| [\d,]+ +\| at least 20,000", bench("count", tmp_path / "b.md"))


def test_the_sweep_hands_out_what_is_due(transactional_db: None, tmp_path: Path) -> None:
    printed = bench("sweep", tmp_path / "benchmarks.md")
    assert re.search(r"handed out by one sweep *\| 20 ", printed)
    assert re.search(r"queries of it *\| [1-9]+ +\| at most 11 +\| met", printed)
    assert re.search(r"events that do not fit *\| 0 +\| at most 0 +\| met", printed)


def test_pictures_and_videos_are_made(transactional_db: None, tmp_path: Path) -> None:
    printed = bench("media", tmp_path / "benchmarks.md")
    assert re.search(r"0.12 megapixels for six networks *\| ", printed)
    assert re.search(r"ratio *\| [0-9.]+ × ", printed)


MAKEFILE = """
run:
	@mkdir -p var/postgres
	@echo $$PPID > var/postgres/postmaster.pid
	@echo Filo is ready
	@exec sleep 60
"""


def test_a_copy_of_the_tree_is_started_twice(tmp_path: Path, settings: Settings) -> None:
    settings.BASE_DIR = tmp_path
    (tmp_path / "Makefile").write_text(MAKEFILE)
    (tmp_path / "var").mkdir()
    (tmp_path / "var" / "kept").touch()
    steps: list[int] = []
    part = starting.measure(steps.append, idle_for=0)
    assert sum(steps) == starting.STEPS
    assert [figure.what for figure in part.figures] == [
        "the first make run",
        "the next one",
        "stopping",
        "memory of all processes, idle",
    ]
    assert min(figure.value for figure in part.figures) > 0
    assert sorted(path.name for path in (tmp_path / "var").iterdir()) == ["kept"]  # it is a copy that ran


def test_a_start_that_fails_says_what_it_said(tmp_path: Path, settings: Settings) -> None:
    settings.BASE_DIR = tmp_path
    (tmp_path / "Makefile").write_text("run:\n\t@echo no room left\n")
    with pytest.raises(RuntimeError, match="no room left"):
        starting.measure(lambda _steps: None)


def test_a_part_replaces_only_itself() -> None:
    old = Part("review", "One", "About one.", [Figure(what="took", value=1.234, unit="s", target=2)], date(2026, 1, 2))
    other = Part("sweep", "Two", "About two.", [Figure(what="took", value=9, unit="s", target=2)], date(2026, 1, 2))
    new = Part("review", "One", "About one.", [Figure(what="took", value=1.5, unit="s")], date(2026, 2, 3))
    both = report.merged("", [old, other], "On a machine.")
    assert "| took | 1.23 s   | at most 2 s | met |  |" in both
    assert "| took | 9 s      | at most 2 s | MISSED |  |" in both
    after = report.merged(both, [new], "On another one.")
    assert "On a machine." not in after
    assert "1.23" not in after
    assert "| took | 1.5 s    |        |  |  |" in after
    assert report.section(other).strip() in after
    assert report.merged(after, [], "On another one.") == after


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (0, "", "0"),
        (0.01234, "s", "0.0123 s"),
        (12.345, "ms", "12.3 ms"),
        (1234.5, "", "1,234"),
        (99.96, "ms", "100 ms"),
    ],
)
def test_three_digits(value: float, unit: str, text: str) -> None:
    assert said(value, unit) == text


def test_percentiles_are_values_that_were_measured() -> None:
    assert high([3.0, 1.0, 2.0], 0.99) == 3.0
    assert high([float(n) for n in range(1, 101)], 0.99) == 99.0
    assert high([7.0], 0.99) == 7.0


def test_the_machine_is_told_without_its_name(db: None) -> None:
    told = report.machine()
    assert "PostgreSQL" in told
    assert Path.cwd().name not in told.replace("main", "")


def test_the_morning_s_sweep_claims_what_is_due(transactional_db: None, tmp_path: Path) -> None:
    printed = bench("remind", tmp_path / "benchmarks.md")
    assert re.search(r"due seats claimed by one sweep *\| 12 ", printed)
    assert re.search(r"what waits for me: queries *\| [1-6] +\| at most 6 +\| met", printed)


def test_chains_with_all_of_it_write_the_rows_that_they_are_compared_with(transactional_db: None) -> None:
    with scratch.database():
        at = chains.whole_office()
        post = chains.second_round(at)
        before = rows()
        reviewing.by_services(at, post)
        ours = rows() - before
        post = reviewing.draft(at)
        before = rows()
        BareReview(client=at.client, channel=at.channel, author=at.author, approvers=at.approvers, post=post).write()
        assert rows() - before == ours
        review = Review.objects.get(subject_id=chains.second_round(at).pk)
        assert [step.due_at is None for step in review.steps.all()] == [False, True, True]


def test_many_are_approved_at_once(transactional_db: None, tmp_path: Path) -> None:
    printed = bench("chains", tmp_path / "benchmarks.md")
    assert re.search(r"of these approved *\| 3 +\| at least 3 +\| met", printed)


def test_a_strategy_is_put_on_paper(db: None, tmp_path: Path) -> None:
    printed = bench("papers", tmp_path / "b.md")
    assert re.search(r"difference of two versions *\| [\d.,]+ ms +\| at most 300 ms", printed)
    assert re.search(r"sections with something new *\| 4 ", printed)
    assert re.search(r"PDF *\| [\d.,]+ s +\| at most 3 s", printed)


def test_a_strategy_is_written_and_reported_on(transactional_db: None, tmp_path: Path) -> None:
    printed = bench("strategies", tmp_path / "b.md")
    assert re.search(r"its page opened to write *\| [\d.,]+ ms +\| at most 150 ms +\| \w+ +\| 200,", printed)
    assert re.search(r"a page of 50 revisions *\| [\d.,]+ ms .* of \d+", printed)
    assert re.search(r"report: queries *\| \d+ +\| at most 10 +\| met", printed)


def test_silences_are_foreseen_by_a_sweep(transactional_db: None, tmp_path: Path) -> None:
    printed = bench("silences", tmp_path / "benchmarks.md")
    assert re.search(r"silences foreseen by one sweep *\| 10 ", printed)
    assert re.search(r"claimed by that *\| 0 +\| at most 0 +\| met", printed)
    assert re.search(r"queries of one sweep, at most *\| \d+ +\| at most 18 +\| met", printed)
