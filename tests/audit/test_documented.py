"""docs/evidence.md says how an outsider checks us: its examples are true, by its own words and by our code."""

import hashlib
import json
import re
from datetime import datetime
from typing import Any

from django.conf import settings

from audit.services import content_hash
from social.digest import canonical, digest_of
from strategy import content as strategy
from tests.strategy import documents
from tests.world import World

DOCUMENT = (settings.BASE_DIR / "docs" / "evidence.md").read_text()
VERSION, STRATEGY, *EVENTS = re.findall(r"```json\n(.*?)\n```", DOCUMENT, re.DOTALL)
DIGEST = re.findall(r"(?m)^    ([0-9a-f]{64})$", DOCUMENT)
CONTENT_HASHES = re.findall(r"(?m)^    content hash  ([0-9a-f]{64})$", DOCUMENT)
HASHES = re.findall(r"(?m)^    hash          ([0-9a-f]{64})$", DOCUMENT)


def test_the_example_of_a_version() -> None:
    assert [hashlib.sha256(VERSION.encode()).hexdigest()] == DIGEST[:1]
    content = json.loads(VERSION)
    assert canonical(content).decode() == VERSION
    assert digest_of(content) == DIGEST[0]
    assert [entry["channel"] for entry in content["channels"]] == [3, 7]


def test_the_example_of_a_strategy() -> None:
    assert [hashlib.sha256(STRATEGY.encode()).hexdigest()] == DIGEST[1:]
    content = json.loads(STRATEGY)
    assert strategy.canonical(content).decode() == STRATEGY
    assert strategy.digest_of(content) == DIGEST[1]
    assert strategy.digest_of({**content, "title": "La cantina nel 2028"}) != DIGEST[1]


def test_a_strategy_as_we_write_it_has_the_keys_of_the_example(world: World, settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path
    written = documents.everything(world).version
    assert written is not None
    ours, told = (keys_of(content) for content in (written.content, json.loads(STRATEGY)))
    assert ours == told
    assert {key for keys in told.values() for key in keys} <= set(re.findall(r"`(\w+)`", DOCUMENT))
    assert written.digest == hashlib.sha256(strategy.canonical(written.content)).hexdigest()


def keys_of(content: Any, place: str = "") -> dict[str, set[str]]:
    """The keys at each place; lists are one place."""
    found: dict[str, set[str]] = {}
    if isinstance(content, dict):
        found[place] = set(content)
        for name, inner in content.items():
            for where, keys in keys_of(inner, f"{place}.{name}").items():
                found.setdefault(where, set()).update(keys)
    elif isinstance(content, list):
        for inner in content:
            for where, keys in keys_of(inner, place).items():
                found.setdefault(where, set()).update(keys)
    return found


def test_the_example_of_a_chain_as_an_outsider_follows_it() -> None:
    link, content_hashes, hashes = bytes(32), [], []
    for line in EVENTS:
        content_hashes.append(hashlib.sha256(line.encode()).hexdigest())
        link = hashlib.sha256(link + hashlib.sha256(line.encode()).digest()).digest()
        hashes.append(link.hex())
    assert len(EVENTS) == 2
    assert content_hashes == CONTENT_HASHES
    assert hashes == HASHES


def test_the_example_of_a_chain_as_we_write_it() -> None:
    for line, expected in zip(EVENTS, CONTENT_HASHES, strict=True):
        event = json.loads(line)
        kind, number = event["subject"]
        found = content_hash(
            client_id=event["client"],
            at=datetime.fromisoformat(event["at"]),
            actor_id=event["actor"],
            verb=event["verb"],
            subject_type=kind,
            subject_id=number,
            digest=event["digest"],
            data=event["data"],
        )
        assert found.hex() == expected
        assert event["digest"] == DIGEST[0]


def test_the_keys_of_the_recipe_are_told() -> None:
    told = set(re.findall(r"`(\w+)`", DOCUMENT))
    version, event = json.loads(VERSION), json.loads(EVENTS[0])
    keys = {*version, *version["channels"][0], *version["channels"][0]["media"][0], *event}
    assert keys - told == set()
