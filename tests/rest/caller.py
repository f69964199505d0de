"""A program that calls the API and holds every answer, and every request that was taken, against the schema."""

import copy
import functools
import json
import re
from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation
from drf_spectacular.generators import SchemaGenerator
from jsonschema import Draft202012Validator, FormatChecker
from rest_framework.test import APIClient

from accounts.models import User
from tests.world import token

BASE = "/api/v1/"
PROBLEM = "application/problem+json"


@functools.cache
def document() -> dict[str, Any]:
    """The schema, made strict: an answer with a member that it does not name is wrong."""
    with translation.override("en"):
        made = SchemaGenerator().get_schema(request=None, public=True)  # type: ignore[no-untyped-call]
        found: dict[str, Any] = json.loads(json.dumps(made))
    for name, schema in found["components"]["schemas"].items():
        if "properties" in schema and not name.endswith("Request"):
            schema.setdefault("additionalProperties", False)
    return found


def operation(method: str, path: str) -> dict[str, Any]:
    """What the schema says of this call."""
    for template, operations in document()["paths"].items():
        pattern = re.sub(r"\{\w+\}", "[^/]+", template)
        if re.fullmatch(pattern, path) and method in operations:
            found: dict[str, Any] = operations[method]
            return found
    raise AssertionError(f"the schema does not know {method} {path}")


def check(value: Any, schema: dict[str, Any]) -> None:
    """The value is as the schema says."""
    whole = {**copy.copy(schema), "components": document()["components"]}
    wrong = list(Draft202012Validator(whole, format_checker=FormatChecker()).iter_errors(value))
    assert not wrong, [(list(error.absolute_path), error.message[:300]) for error in wrong]


class Caller:
    """One person's program. ``get`` and the others give the body, after checking status, media type and shape."""

    def __init__(self, user: User | None, **fields: Any) -> None:
        self.http = APIClient()
        if user is not None:
            self.http.credentials(HTTP_AUTHORIZATION=f"Token {token(user, **fields)}")

    def get(self, path: str, expect: int = 200, **query: Any) -> Any:
        """Read."""
        return self.call("get", path, query, expect)

    def post(self, path: str, body: Any = None, expect: int = 201, **options: Any) -> Any:
        """Make, or do."""
        return self.call("post", path, body, expect, **options)

    def patch(self, path: str, body: Any, expect: int = 200) -> Any:
        """Change."""
        return self.call("patch", path, body, expect)

    def delete(self, path: str, expect: int = 204) -> Any:
        """Take away."""
        return self.call("delete", path, None, expect)

    def call(
        self, method: str, path: str, body: Any, expect: int, headers: dict[str, str] | None = None, **options: Any
    ) -> Any:
        """Call, and hold it against the schema."""
        path = path if path.startswith("/") else BASE + path
        if method != "get" and not options:
            # As ASCII: half a character travels as its escape.
            sent, kind = json.dumps(body), "application/json"
            response = self.http.generic(method.upper(), path, sent, content_type=kind, headers=headers)
        else:
            response = getattr(self.http, method)(path, body, **options)
        assert response.status_code == expect, (method, path, response.status_code, response.content[:2000])
        told = operation(method, path.partition("?")[0])
        assert str(expect) in told["responses"], f"the schema does not know {expect} of {method} {path}"
        self._check_request(told, body, expect, options)
        return self._checked_answer(told["responses"][str(expect)], response)

    def repeat(self, path: str, body: Any, expect: int) -> None:
        """Post the same three times with one key: it is done once. Another body with that key is refused."""
        key = {"Idempotency-Key": "once"}
        first = self.call("post", path, body, expect, key)
        with CaptureQueriesContext(connection) as asked:
            assert self.call("post", path, body, expect, key) == first
        assert [query["sql"] for query in asked if re.match("INSERT|UPDATE|DELETE", query["sql"])] == []
        again = self.http.generic("POST", BASE + path, json.dumps(body), "application/json", headers=key)
        assert (again.status_code, again["Idempotency-Replayed"]) == (expect, "true")
        other = self.call("post", path, {**(body or {}), "other": 1}, 409, key)
        assert (other["code"], fields(other)) == ("key_reused", [("Idempotency-Key", "key_reused")])

    def _checked_answer(self, told: dict[str, Any], response: Any) -> Any:
        if "content" not in told:
            assert response.content == b""
            return None
        media_type = response["Content-Type"].partition(";")[0]
        assert media_type == (PROBLEM if response.status_code >= 400 else "application/json")
        value = json.loads(response.content)
        check(value, told["content"][media_type]["schema"])
        if media_type == PROBLEM:
            assert value["status"] == response.status_code
        return value

    def _check_request(self, told: dict[str, Any], body: Any, status: int, options: dict[str, Any]) -> None:
        if status < 300 and "requestBody" in told and options.get("format") is None and "data" not in options:
            check(body, told["requestBody"]["content"]["application/json"]["schema"])


def fields(problem: dict[str, Any]) -> list[tuple[str, str]]:
    """Which fields are wrong, and how."""
    return [(error["field"], error["code"]) for error in problem.get("errors", [])]
