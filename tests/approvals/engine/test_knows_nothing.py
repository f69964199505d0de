"""Approvals know nothing of posts, channels, strategies or quotes: they neither import nor name them."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
ABOVE = {"agency", "newsletter", "portal", "social", "strategy", "tests"}
SOURCES = sorted(
    path for path in (ROOT / "approvals").rglob("*.py") if path.relative_to(ROOT / "approvals").parts[0] != "migrations"
)
# What a program could ask of a post without importing it: its tables, its models, its kind.
NAMES = re.compile(r"\b(social_\w+|posts?|postversion|strategy|strategies|Post\w*|Channel|Publication\w*)\b")


def modules(path: Path) -> Iterator[str]:
    """All that it imports, inside of functions too."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0
            yield node.module or ""


def words(path: Path) -> Iterator[str]:
    """Its names, and its strings that are no sentences: what a program would look something up by."""
    tree = ast.parse(path.read_text())
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            yield node.id
        elif isinstance(node, ast.Attribute):
            yield node.attr
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and " " not in node.value.strip():
            yield node.value


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


def test_there_is_something_to_look_at() -> None:
    assert len(SOURCES) > 20
    social = {module.partition(".")[0] for path in (ROOT / "social").rglob("*.py") for module in modules(path)}
    assert "approvals" in social
    assert "post" in set(words(ROOT / "social" / "kind.py"))


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_it_imports_nothing_above_it(path: Path) -> None:
    assert {module for module in modules(path) if module.partition(".")[0] in ABOVE} == set()


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_it_names_no_kind_of_subject(path: Path) -> None:
    # HTTP has a verb of that name; and a passage is quoted, so that quotes are not looked for.
    http = {"post", "POST"}
    assert {word for word in words(path) if NAMES.search(word)} - http == set()


def test_the_clock_is_ours() -> None:
    """Services ask Python what time it is, so that a test, or a sweep, can say another one; PostgreSQL is never asked."""
    asking = re.compile(
        r"\b(CURRENT_TIMESTAMP|CURRENT_DATE|LOCALTIMESTAMP|clock_timestamp|statement_timestamp)\b|\bNow\(|\bNOW\(|(?<![.\w])now\(\)",
        re.IGNORECASE,
    )
    for path in SOURCES:
        for text in (node.value for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Constant)):
            if isinstance(text, str):
                assert not asking.search(text), (name_of(path), asking.search(text))
        assert "functions import Now" not in path.read_text()
