"""Requests held against one of Google's discovery documents, as google-api-python-client brings them along.

    spec = Discovery("youtube.v3")

Checked are path, parameters (known, required, of their kind) and the JSON of the body against its schema, where what is
not named is wrong; of an upload with what is said of it (`multipart/related`), its first part. Of what is changed part by
part, that no part is in the body that is not asked for in `part`, and none is missing.
"""

import importlib.util
import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator

from tests.servers.bad_days import matches
from tests.servers.requests import Request

_UPLOADS = frozenset({"uploadType", "upload_id"})
_NO_PARTS = frozenset({"id", "kind", "etag"})
_OURS = frozenset({"type", "properties", "items", "additionalProperties", "enum", "pattern", "$ref"})


class Discovery:
    """One API's document, by its name and version."""

    def __init__(self, name: str) -> None:
        self.name = name

    def problems(self, request: Request) -> list[str]:
        """What is wrong with the request; see `tests.servers.specs.Specification`."""
        document = read(self.name)
        found = _method(document, request)
        if found is None:
            return [f"{request.method} {request.path} is not in the document"]
        method, args = found
        return [*_parameters(document, method, request, args), *_body(document, method, request)]


def path_of(name: str) -> Path:
    """Where the document lies.

    Raises:
        RuntimeError: the package is not installed.
    """
    found = importlib.util.find_spec("googleapiclient")
    if found is None or found.origin is None:
        raise RuntimeError("google-api-python-client is missing: make test installs it")
    return Path(found.origin).parent / "discovery_cache" / "documents" / f"{name}.json"


@cache
def read(name: str) -> Mapping[str, Any]:
    """The document, read once."""
    document: Mapping[str, Any] = json.loads(path_of(name).read_text())
    return document


def _method(document: Mapping[str, Any], request: Request) -> tuple[Mapping[str, Any], Mapping[str, str]] | None:
    for method in _methods(document.get("resources", {})):
        upload = method.get("mediaUpload", {}).get("protocols", {}).get("simple", {}).get("path")
        for path in filter(None, (f"/{method.get('flatPath') or method['path']}", upload)):
            args = matches(f"{method['httpMethod']} {path.replace('{+', '{')}", request.method, request.path)
            if args is not None and ("uploadType" in request.query) == (path == upload):
                return method, args
    return None


def _methods(resources: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for resource in resources.values():
        yield from resource.get("methods", {}).values()
        yield from _methods(resource.get("resources", {}))


def _parameters(
    document: Mapping[str, Any], method: Mapping[str, Any], request: Request, args: Mapping[str, str]
) -> Iterator[str]:
    known = {**document.get("parameters", {}), **method.get("parameters", {})}
    for name, value in request.query.items():
        if name in known:
            yield from _value(name, value, known[name])
        elif name not in _UPLOADS:
            yield f"parameter {name} is not in the document"
    for name, parameter in known.items():
        if parameter.get("required") and name not in request.query and not args:
            yield f"parameter {name} is missing"


def _value(name: str, value: str, parameter: Mapping[str, Any]) -> Iterator[str]:
    kind = parameter.get("type")
    for one in value.split(",") if parameter.get("repeated") else [value]:
        fits = {"integer": re.fullmatch(r"-?\d+", one) is not None, "boolean": one in {"true", "false"}}
        if not fits.get(str(kind), True) or one not in parameter.get("enum", [one]):
            yield f"parameter {name} is no {kind}: {one[:100]}"


def _body(document: Mapping[str, Any], method: Mapping[str, Any], request: Request) -> Iterator[str]:
    given = _json(request)
    schema = method.get("request")
    if schema is None:
        if given is not None:
            yield "the document knows no JSON here"
        return
    if given is None:
        yield "the body is missing"
        return
    for error in _validator(document["name"] + "." + document["version"], schema["$ref"]).iter_errors(given):
        yield f"body.{'.'.join(map(str, error.absolute_path))}: {error.message[:300]}"
    if "part" in method.get("parameters", {}):
        asked, sent = set(request.query.get("part", "").split(",")), set(given) - _NO_PARTS
        if asked != sent:
            yield f"the body has {sorted(sent)}, and part asks for {sorted(asked)}"


def _json(request: Request) -> Any:
    if request.content_type == "multipart/related":
        edge = request.headers["content-type"].partition("boundary=")[2].encode()
        first = request.body.split(b"--" + edge)[1]
        return json.loads(first.partition(b"\r\n\r\n")[2])
    return request.json if request.content_type == "application/json" else None


@cache
def _validator(name: str, schema: str) -> Draft202012Validator:
    kinds = {kind: _strict(given) for kind, given in read(name)["schemas"].items()}
    return Draft202012Validator({"$defs": kinds, "$ref": f"#/$defs/{schema}"})


def _strict(given: Any) -> Any:
    """A schema of the document, in the words of JSON Schema 2020-12, where a property that it does not name is wrong."""
    schema = {key: value for key, value in given.items() if key in _OURS}
    if "$ref" in schema:
        return {"$ref": f"#/$defs/{schema['$ref']}"}
    if schema.get("type") == "any":
        del schema["type"]
    if "properties" in schema:
        schema["properties"] = {name: _strict(one) for name, one in schema["properties"].items()}
        schema.setdefault("additionalProperties", False)
    for word in ("items", "additionalProperties"):
        if isinstance(schema.get(word), dict):
            schema[word] = _strict(schema[word])
    return schema
