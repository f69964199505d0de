"""The schema is valid and whole; what is outside it answers in the API's own way, too."""

import json
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from rest_framework.test import APIClient

from social.api.posts import Posts
from tests.rest.caller import PROBLEM, Caller
from tests.world import World, token


def test_the_schema_is_valid_and_without_doubts(tmp_path: Any) -> None:
    call_command("spectacular", "--validate", "--fail-on-warn", "--file", str(tmp_path / "schema.yaml"))


def test_the_schema_is_served_and_its_page_asks_nobody_else(client: Client, world: World) -> None:
    document = json.loads(client.get("/api/v1/schema/?format=json").content)
    assert document["openapi"] == "3.1.0"
    assert client.get("/api/v1/schema/").headers["Content-Type"].startswith("application/vnd.oai.openapi")
    page = client.get("/api/v1/docs/").content.decode()
    assert "/static/drf_spectacular_sidecar/" in page
    assert "https://" not in page
    assert CANARIES.isdisjoint(json.dumps(document).split('"'))


CANARIES = {"Cantina Roero", "cantina-roero", "vito@filo.example"}


@pytest.mark.parametrize("method", ["get", "post", "put", "patch", "delete", "options"])
@pytest.mark.parametrize("path", ["", "nothing/", "posts", "posts/1", "posts/x/", "posts/1/explode/"])
def test_an_unknown_address_is_a_problem_of_its_own(world: World, method: str, path: str) -> None:
    caller = APIClient(HTTP_AUTHORIZATION=f"Token {token(world.vito)}")
    answer = getattr(caller, method)(f"/api/v1/{path}")
    assert (answer.status_code, answer["Content-Type"]) == (404, PROBLEM)
    assert set(answer.json()) == {"type", "title", "status", "detail", "code"}


@pytest.mark.parametrize(
    ("method", "path"), [("put", "posts/"), ("delete", "posts/1/"), ("options", "me/"), ("post", "me/")]
)
def test_a_method_that_is_not_there(world: World, method: str, path: str) -> None:
    caller = APIClient(HTTP_AUTHORIZATION=f"Token {token(world.vito)}")
    answer = getattr(caller, method)(f"/api/v1/{path}")
    assert (answer.status_code, answer["Content-Type"]) == (405, PROBLEM)
    assert "GET" in answer["Allow"]


def test_what_nobody_foresaw_says_nothing(
    world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_args: Any, **_kwargs: Any) -> None:
        raise RuntimeError("the secret is 1234")

    monkeypatch.setattr(Posts, "visible", broken)
    answer = Caller(world.vito).http.get("/api/v1/posts/")
    assert (answer.status_code, answer["Content-Type"], answer.json()["code"]) == (500, PROBLEM, "error")
    assert b"1234" not in answer.content
    assert "the secret is 1234" in caplog.text


@pytest.mark.parametrize("header", ["Token", "Token a b", "Token nobody", "Token filo_à", "Basic dml0bzp4"])
def test_a_header_that_opens_nothing(world: World, header: str) -> None:
    answer = APIClient().get("/api/v1/posts/", headers={"Authorization": header})
    assert (answer.status_code, answer["Content-Type"], answer["WWW-Authenticate"]) == (401, PROBLEM, "Token")


def test_errors_speak_the_persons_language_and_the_next_ones(world: World) -> None:
    # Carlo reads Italian, the mayor English; DRF's own words show whose turn it is.
    italian = Caller(world.carlo).post("posts/", {}, 400)["errors"][0]["detail"]
    english = Caller(world.sindaco).post("posts/", {}, 400)["errors"][0]["detail"]
    assert (italian, english) == ("Questo campo è obbligatorio.", "This field is required.")
    blank = Caller(world.marta).post("labels/", {"client": world.winery.pk, "name": " "}, 400)["detail"]
    assert blank == "Questo campo non può essere vuoto."  # not DRF's "omesso"
    stranger = APIClient().get("/api/v1/posts/", headers={"Accept-Language": "en"})
    assert stranger["Content-Language"] == "en"
