"""What every network gives, and what is said to people and to logs."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from django.utils import translation
from django.utils.translation import gettext_lazy

from social.networks import NETWORKS, get
from social.networks.base import Account, Content, CredentialsRefused, Network, NotSent, Problem
from tests.social.networks.conftest import NOW


@pytest.mark.parametrize("slug", sorted(NETWORKS))
def test_every_network_says_what_it_is_in_json(slug: str) -> None:
    network = get(slug)
    assert (network.slug, bool(network.name)) == (slug, True)
    limits = json.loads(json.dumps(network.limits))
    assert limits["text"]["max"] == network.preflight(Content("a")).limit
    assert limits["text"]["unit"] == network.preflight(Content("a")).unit
    assert {"max", "kinds"} <= limits["media"].keys()
    assert limits["source"]
    assert limits["as_of"]
    keys = network.new_keys(NOW, Content("x"))
    assert json.loads(json.dumps(keys)) == keys
    # What names our record is never given twice; where only the time is kept, it may be.
    assert (network.new_keys(NOW, Content("x")) != keys) == (set(keys) != {"since"})


def test_an_unknown_network_is_none() -> None:
    with pytest.raises(KeyError):
        get("friendster")


@pytest.mark.parametrize("slug", sorted(NETWORKS))
def test_a_refresh_token_counts_only_where_something_can_be_had_for_it(slug: str) -> None:
    network, given = get(slug), {"access_token": "a", "refresh_token": "r", "way": ""}
    can = type(network).refresh is not Network.refresh
    assert can or not network.renews(given)
    if not can:
        with pytest.raises(CredentialsRefused) as over:
            network.refresh(Account("roero", credentials=given))
        assert (over.value.code, network.name in over.value.detail) == ("no_refresh", True)


def test_missing_credentials_are_named() -> None:
    bluesky = get("bluesky")
    assert [need.name for need in bluesky.missing({})] == ["app_password"]
    assert [need.name for need in bluesky.missing({"app_password": ""})] == ["app_password"]
    assert bluesky.missing({"app_password": "x"}) == ()
    assert get("sandbox").missing({}) == ()


def test_sentences_are_in_the_language_of_whoever_reads_them() -> None:
    problem = Problem("x", "error", gettext_lazy("Yes"))
    error = NotSent(gettext_lazy("No"))
    with translation.override("en"):
        assert (problem.detail, error.detail) == ("Yes", "No")
    with translation.override("it"):
        assert (problem.detail, error.detail) == ("Sì", "No")


def test_a_per_cent_sign_without_figures_stays() -> None:
    assert NotSent("100 % sure").detail == "100 % sure"
    assert NotSent("%(n)d %%", params={"n": 100}).detail == "100 %"


def test_what_the_network_said_is_in_the_log_and_never_endless() -> None:
    error = NotSent("Not reached.", said="x" * 1000)
    assert str(error) == f"Not reached. ({'x' * 300})"
    assert error.detail == "Not reached."


def test_credentials_are_in_no_repr() -> None:
    assert "hunter2" not in repr(Account("a", credentials={"app_password": "hunter2"}))


def test_who_only_checks_is_spared_the_client_libraries() -> None:
    loaded = (
        "import sys; from social import networks; from social.networks.base import Content;"
        "[network.preflight(Content('a')) for network in networks.NETWORKS.values()]; print('atproto' in sys.modules);"
        "[network.warm_up() for network in networks.NETWORKS.values()]; print('atproto' in sys.modules)"
    )
    root = Path(__file__).resolve().parents[3]
    run = subprocess.run([sys.executable, "-c", loaded], cwd=root, capture_output=True, text=True, check=True)
    assert run.stdout.split() == ["False", "True"]
