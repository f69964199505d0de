"""The OpenAPI 3.1 document, and what drf-spectacular cannot know of us: who signs in how, and how errors look."""

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema

from rest.idempotency import PARAMETER, REPLAYED

TEXT = {"type": "string"}
PROBLEM = {
    "type": "object",
    "description": "RFC 9457. `code` is for programs, `detail` for people, in their language.",
    "required": ["type", "title", "status", "detail", "code"],
    "properties": {
        "type": {"type": "string", "format": "uri-reference"},
        "title": TEXT,
        "status": {"type": "integer", "minimum": 400, "maximum": 599},
        "detail": TEXT,
        "code": TEXT,
        "revisions": {
            "type": "array",
            "description": "Of a section that was saved from what is not the current revision any more: what was kept beside "
            "it, and what stands there.",
            "items": {"type": "object"},
        },
        "errors": {
            "type": "array",
            "description": "Where fields are wrong: which (empty where it concerns the whole request), and why.",
            "items": {
                "type": "object",
                "required": ["field", "code", "detail"],
                "properties": {"field": TEXT, "code": TEXT, "detail": TEXT},
            },
        },
    },
}
TOLD = {
    "400": "Something in the request can't be taken: `errors` says which field and why.",
    "401": "No token, or not a living one.",
    "403": "The person's role, or a read-only token, does not allow it.",
    "404": "There is no such thing, or it is another client's.",
    "409": "The state of things does not allow it: `code` says which.",
    "414": "The address is longer than 4 KB: the web server itself says so, before Filo is asked.",
    "412": "`If-Match` is not the `ETag` that it has now: somebody has changed it since.",
    "413": "The body is larger than 8 MB (files apart).",
    "415": "The body's media type is not the one of this operation.",
    "503": "The database is away for the moment. Whether it was done is to be looked at before it is asked again.",
    "507": "There is no room left for files. Nothing was stored.",
}
WRITES = frozenset({"post", "patch", "delete"})


class Schema(AutoSchema):
    """Operations say what they do by their first line; lists are filtered only where they are lists."""

    def get_tags(self) -> list[str]:
        """One a resource: the first part of the address after the version."""
        return [self.path.removeprefix("/api/v1/").partition("/")[0]]

    def get_summary(self) -> str:
        """The first line of what it says of itself."""
        return str(self.get_description()).partition("\n")[0]

    def get_operation_id(self) -> str:
        """Such as ``posts_submit``: the same words as in the address."""
        parts = [part for part in self.path.removeprefix("/api/v1/").split("/") if part and not part.startswith("{")]
        action = getattr(self.view, "action", None) or self.method.lower()
        words = {
            "list": "list",
            "retrieve": "read",
            "create": "create",
            "partial_update": "change",
            "destroy": "delete",
        }
        named = words.get(action)
        return "_".join([*parts, named] if named else parts).replace("-", "_")


class TokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]  # its metaclass registers it
    """``Authorization: Token KEY``."""

    target_class = "accounts.authentication.TokenAuthentication"
    name = "token"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, Any]:  # noqa: ARG002 - its signature
        """A header; OpenAPI has no word for the scheme itself."""
        text = "`Authorization: Token KEY`, with the key that `manage.py create_token` printed."
        return {"type": "apiKey", "in": "header", "name": "Authorization", "description": text}


def add_problems(result: dict[str, Any], **_about: Any) -> dict[str, Any]:
    """Give every operation the errors that it can end in."""
    result["components"].setdefault("schemas", {})["Problem"] = PROBLEM
    for path, operations in result["paths"].items():
        for method, operation in operations.items():
            if method == "post":
                _repeatable(operation)
            for status in _ends(path, method, operation):
                operation["responses"][status] = _response(status)
            operation["responses"] = dict(sorted(operation["responses"].items()))
    return result


def _repeatable(operation: dict[str, Any]) -> None:
    """What a POST takes and gives for being sent twice."""
    operation.setdefault("parameters", []).append(PARAMETER)
    for told in operation["responses"].values():
        told.setdefault("headers", {})[REPLAYED] = {
            "schema": {"type": "string", "const": "true"},
            "description": "This is the first answer with this key, once more.",
        }


def _ends(path: str, method: str, operation: dict[str, Any]) -> set[str]:
    ends = {"401", "503"}
    query = any(parameter["in"] == "query" for parameter in operation.get("parameters", []))
    if "requestBody" in operation:
        ends |= {"400", "413", "415"}
        if "multipart/form-data" in operation["requestBody"].get("content", {}):
            ends |= {"507"}
    if "{" in path:
        ends |= {"404"}
    if any(parameter["name"] == "If-Match" for parameter in operation.get("parameters", [])):
        ends |= {"412"}
    if method in WRITES:
        ends |= {"400", "403", "404", "409"}
    return ends | {"400", "414"} if query else ends


def _response(status: str) -> dict[str, Any]:
    if status == "414":
        return {"description": TOLD[status]}
    found: dict[str, Any] = {
        "description": TOLD[status],
        "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
    if status == "401":
        found["headers"] = {"WWW-Authenticate": {"schema": TEXT}}
    if status == "409":
        about = "Seconds, where the first request with the same key is still being done (`in_progress`)."
        found["headers"] = {"Retry-After": {"schema": {"type": "integer"}, "description": about}}
    if status == "503":
        found["headers"] = {"Retry-After": {"schema": {"type": "integer"}, "description": "Seconds."}}
    return found
