"""The networks' own documents, where the environment's SPECS_DIR has them: what they say of requests."""

from typing import Any

import httpx
import pytest

from tests.servers.wire import FakeNetwork, OpenApi, Request, route


@pytest.mark.parametrize(
    ("name", "method", "target", "body", "reason"),
    [
        ("x.json", "POST", "/2/tweets", {"text": "Ciao"}, ""),
        ("x.json", "POST", "/2/tweets", {"text": "Ciao", "media": {"media_ids": ["1"]}}, ""),
        ("x.json", "POST", "/2/tweets", {"text": 1}, "is not of type 'string'"),
        ("x.json", "POST", "/2/tweets", {"text": "Ciao", "colour": "red"}, "'colour' was unexpected"),
        ("x.json", "POST", "/2/twets", {"text": "Ciao"}, "is not in the specification"),
        ("pinterest.json", "POST", "/v5/pins", {"board_id": "1", "title": "x" * 101}, "is too long"),
        ("pinterest.json", "POST", "/v5/pins", {"board_id": "one"}, "does not match"),
        ("pinterest.json", "POST", "/v5/pins", {"board_id": "1", "colour": "red"}, "'colour' was unexpected"),
        (
            "pinterest.json",
            "POST",
            "/v5/pins",
            {
                "board_id": "1",
                "media_source": {"source_type": "image_base64", "content_type": "image/png", "data": "aa"},
            },
            "",
        ),
    ],
)
def test_the_networks_own_documents(name: str, method: str, target: str, body: Any, reason: str) -> None:
    class Network(FakeNetwork):
        spec = OpenApi(name)

        @route("POST /{rest...}")
        def all(self, request: Request) -> Any:
            return {}

    with Network() as network:
        httpx.request(method, network.url + target, json=body)
        wrong = network.wrong
        network.wrong = []
    assert [reason in said for said in wrong] == ([True] if reason else []), wrong
