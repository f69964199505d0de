"""Requests held against a network's own specification, where the environment's SPECS_DIR has it.

The files are the networks' own and no part of this project: without them the fakes answer all the same, unchecked.
`OpenApi` reads OpenAPI 3.x as JSON; `MetaFields` reads the field specs of Meta's `facebook_business`.
"""

import json
import os
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlsplit

from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

from tests.servers.bad_days import matches
from tests.servers.requests import Request

_VERBS = {"get", "put", "post", "delete", "patch", "head", "options"}
_MADE_OF = ("allOf", "anyOf", "oneOf")


class Specification(Protocol):
    """What a network says of the requests it takes."""

    def problems(self, request: Request) -> list[str]:
        """What is wrong with the request, in a sentence each; empty where nothing is, or where nobody can tell."""


def spec_file(name: str) -> Path | None:
    """The network's own document, None where it isn't there."""
    folder = os.environ.get("SPECS_DIR")
    path = Path(folder or "", name)
    return path if folder and path.is_file() else None


class OpenApi:
    """An OpenAPI 3.x document. `prefix` is what stands before its paths, as its first server has it unless told."""

    def __init__(self, name: str, *, prefix: str | None = None) -> None:
        self.name = name
        self._prefix = prefix

    def problems(self, request: Request) -> list[str]:
        """See `Specification`."""
        path = spec_file(self.name)
        return [] if path is None else Document.read(path).problems(request, self._prefix)


class Document:
    """One OpenAPI document, read once, and made strict: what it does not name is wrong."""

    def __init__(self, given: Mapping[str, Any]) -> None:
        self._given = given
        self._registry: Registry[Any] = Registry().with_resource(
            "urn:spec", Resource.from_contents(_strict(given), default_specification=DRAFT202012)
        )

    @classmethod
    @cache
    def read(cls, path: Path) -> "Document":
        """The document of that file."""
        return cls(json.loads(path.read_text()))

    def problems(self, request: Request, prefix: str | None = None) -> list[str]:
        """What is wrong with the request."""
        if prefix is None:
            servers = self._given.get("servers") or [{"url": ""}]
            prefix = urlsplit(servers[0]["url"]).path.rstrip("/")
        found = self._operation(request, prefix)
        if found is None:
            return [f"{request.method} {request.path} is not in the specification"]
        template, operation, args = found
        parameters = [
            self._plain(p)
            for p in [*self._given["paths"][template].get("parameters", []), *operation.get("parameters", [])]
        ]
        return [*self._wrong_parameters(parameters, request, args), *self._wrong_body(template, operation, request)]

    def _operation(self, request: Request, prefix: str) -> tuple[str, Mapping[str, Any], Mapping[str, str]] | None:
        """The most fixed path that fits: `/pins/search` before `/pins/{pin}`."""
        for template in sorted(self._given["paths"], key=lambda path: (path.count("{"), path)):
            operation = self._given["paths"][template].get(request.method.lower())
            names = re.findall(r"\{([^}]+)\}", template)
            pattern = prefix + template
            for number, name in enumerate(names):
                pattern = pattern.replace(f"{{{name}}}", f"{{p{number}}}")
            args = matches(f"{request.method} {pattern}", request.method, request.path)
            if operation and args is not None:
                return template, operation, {name: args[f"p{number}"] for number, name in enumerate(names)}
        return None

    def _plain(self, given: Mapping[str, Any]) -> Mapping[str, Any]:
        while "$ref" in given:
            found: Any = self._given
            for step in given["$ref"].removeprefix("#/").split("/"):
                found = found[step.replace("~1", "/").replace("~0", "~")]
            given = found
        return given

    def _wrong_parameters(
        self, parameters: list[Mapping[str, Any]], request: Request, args: Mapping[str, str]
    ) -> Iterator[str]:
        places: dict[str, Mapping[str, str]] = {"path": args, "query": request.query, "header": request.headers}
        for parameter in parameters:
            place = places.get(parameter["in"], {})
            name = parameter["name"].lower() if parameter["in"] == "header" else parameter["name"]
            if name not in place:
                if parameter.get("required") and parameter["in"] in places:
                    yield f"{parameter['in']} parameter {name} is missing"
            elif "schema" in parameter:
                yield from self._wrong_value(parameter, name, place[name])
        known = {parameter["name"] for parameter in parameters if parameter["in"] == "query"}
        for name in request.query:
            if name not in known and name.partition("[")[0] not in known:
                yield f"query parameter {name} is not in the specification"

    def _wrong_value(self, parameter: Mapping[str, Any], name: str, value: str) -> Iterator[str]:
        schema = self._plain(parameter["schema"])
        kind = schema.get("type")
        given: Any = value
        if kind == "array":
            items = self._plain(schema.get("items", {}))
            given = [_typed(one, items.get("type")) for one in value.split(",")]
        elif kind != "object":
            given = _typed(value, kind)
        if kind != "object":
            yield from self._wrong(parameter["schema"], given, f"{parameter['in']} parameter {name}")

    def _wrong_body(self, template: str, operation: Mapping[str, Any], request: Request) -> Iterator[str]:
        body = self._plain(operation.get("requestBody") or {})
        if not body:
            if request.body:
                yield "the specification knows no body here"
            return
        if not request.body:
            if body.get("required"):
                yield "the body is missing"
            return
        kind = request.content_type
        content = body.get("content", {})
        if kind not in content:
            yield f"the body is {kind or 'of no kind'}, the specification takes {', '.join(content)}"
            return
        given = request.fields if kind != "application/json" else request.json
        schema = content[kind].get("schema", {})
        if kind != "application/json":
            given = self._typed_fields(schema, given)
        yield from self._wrong(schema, given, "body")

    def _typed_fields(self, schema: Mapping[str, Any], given: Mapping[str, Any]) -> Mapping[str, Any]:
        """Fields of a form are text on the wire; here they get the type that the specification gives them."""
        known: dict[str, Any] = {}
        self._gather(schema, known)
        return {
            name: _typed(value, self._plain(known.get(name, {})).get("type")) if isinstance(value, str) else "a file"
            for name, value in given.items()
        }

    def _gather(self, schema: Mapping[str, Any], known: dict[str, Any]) -> None:
        plain = self._plain(schema)
        known.update(plain.get("properties", {}))
        for composed in _MADE_OF:
            for part in plain.get(composed, []):
                self._gather(part, known)

    def _wrong(self, schema: Mapping[str, Any], given: Any, where: str) -> Iterator[str]:
        strict = _local(_used(schema))
        errors = list(Draft202012Validator(strict, registry=self._registry).iter_errors(given))
        # Where something else is wrong, what stands beside it counts as unknown too.
        firm = [error for error in errors if error.validator != "unevaluatedProperties"]
        for error in firm or errors:
            worst = best_match([error]) or error
            place = ".".join(str(step) for step in [where, *worst.absolute_path])
            yield f"{place}: {worst.message[:300]}"


def _typed(text: str, kind: Any) -> Any:
    """Text as the type that is meant, or the text where it is none such."""
    try:
        if kind == "integer":
            return int(text)
        if kind == "number":
            return float(text)
        if kind in {"array", "object"}:
            return json.loads(text)
    except ValueError:
        return text
    if kind == "boolean" and text in {"true", "false"}:
        return text == "true"
    return text


def _strict(given: Any) -> Any:
    """The document's schemas as JSON Schema 2020-12, where a property that they don't name is wrong."""
    schemas = given.get("components", {}).get("schemas", {})
    return {"components": {"schemas": {name: _schema(schema) for name, schema in schemas.items()}}}


def _local(schema: Any) -> Any:
    """References into the document, said so that they are found from outside of it."""
    if isinstance(schema, dict):
        return {
            key: f"urn:spec{value}" if key == "$ref" and str(value).startswith("#") else _local(value)
            for key, value in schema.items()
        }
    return [_local(one) for one in schema] if isinstance(schema, list) else schema


def _used(schema: Mapping[str, Any]) -> dict[str, Any]:
    """A schema where a value stands (a body, a property, an item): only here it can be said what is unknown."""
    return {"allOf": [_schema(schema)], "unevaluatedProperties": False}


def _schema(given: Any) -> Any:  # noqa: C901, PLR0912 - one line for each word of OpenAPI 3.0 that 2020-12 says otherwise
    """A schema of OpenAPI 3.0, in the words of JSON Schema 2020-12."""
    if not isinstance(given, dict):
        return given
    schema = {key: value for key, value in given.items() if key not in {"nullable", "discriminator", "example", "xml"}}
    if "$ref" in schema:
        return {"$ref": schema["$ref"]}
    for bound, keeps in (("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum")):
        if schema.get(bound) is True:
            schema[bound] = schema.pop(keeps)
        elif schema.get(bound) is False:
            del schema[bound]
    properties = schema.get("properties")
    if isinstance(properties, dict):
        told = {name for name, one in properties.items() if isinstance(one, dict) and one.get("readOnly")}
        schema["properties"] = {name: name not in told and _used(one) for name, one in properties.items()}
        if "required" in schema:
            schema["required"] = [name for name in schema["required"] if name not in told]
    elif not any(word in schema for word in (*_MADE_OF, "additionalProperties")):
        schema["additionalProperties"] = True  # an object of which nothing is told is free
    for word in _MADE_OF:
        if word in schema:
            schema[word] = [_schema(one) for one in schema[word]]
    for word in ("items", "additionalProperties"):
        if isinstance(schema.get(word), dict):
            schema[word] = _used(schema[word])
    if "not" in schema:
        schema["not"] = _schema(schema["not"])
    return {"anyOf": [schema, {"type": "null"}]} if given.get("nullable") else schema


class MetaFields:
    """The field specs of Meta's own library: names and types of parameters of `/{version}/{node}/{edge}`.

    `kind_of` says what kind of node an id is (`Page`, `IGUser`, `IGMedia`), empty where no file tells of it. `also` are
    parameters by edge that Meta's documentation has and the files have not; say where it has them, beside.
    """

    ALWAYS = frozenset(
        {"access_token", "appsecret_proof", "fields", "limit", "after", "before", "since", "until", "summary", "locale"}
    )
    FILES: Mapping[str, str] = {"Page": "fb_Page.json", "IGUser": "ig_IGUser.json", "IGMedia": "ig_IGMedia.json"}

    def __init__(self, kind_of: Callable[[str], str], *, also: Mapping[str, Collection[str]] | None = None) -> None:
        self._kind_of = kind_of
        self._also = also or {}

    def problems(self, request: Request) -> list[str]:
        """See `Specification`."""
        steps = [step for step in request.path.split("/") if step]
        if steps and re.fullmatch(r"v\d+\.\d+", steps[0]):
            steps = steps[1:]
        kind = self._kind_of(steps[0]) if steps else ""
        path = spec_file(self.FILES[kind]) if kind in self.FILES else None
        if path is None:
            return []
        edge = "/".join(steps[1:]) or None
        spec = _meta(path)
        known = [api for api in spec["apis"] if (api["method"], api.get("endpoint")) == (request.method, edge)]
        if not known:
            return [f"{kind} has no {request.method} {edge or 'of itself'}"]
        params = {param["name"]: param for api in known for param in api["params"]}
        return [*self._wrong(params, request, edge or ""), *(_unknown_fields(spec, request) if edge is None else ())]

    def _wrong(self, params: Mapping[str, Mapping[str, Any]], request: Request, edge: str) -> Iterator[str]:
        given = {**request.query, **(request.fields or {})}
        also = self.ALWAYS | set(self._also.get(edge, ()))
        for name, value in given.items():
            if name in params:
                if isinstance(value, str) and not _is_meta(value, str(params[name]["type"])):
                    yield f"parameter {name} is no {params[name]['type']}: {value[:100]}"
            elif name not in also:
                yield f"parameter {name} is not in the specification"
        for name, param in params.items():
            if param["required"] and name not in given:
                yield f"parameter {name} is missing"


@cache
def _meta(path: Path) -> Mapping[str, Any]:
    spec: Mapping[str, Any] = json.loads(path.read_text())
    return spec


def _unknown_fields(spec: Mapping[str, Any], request: Request) -> Iterator[str]:
    known = {field["name"] for field in spec["fields"]} | {api.get("endpoint") for api in spec["apis"]}
    asked = request.query.get("fields", "")
    while "{" in asked or "(" in asked:
        shorter = re.sub(r"\{[^{}]*\}|\([^()]*\)", "", asked)
        if shorter == asked:
            break
        asked = shorter
    for name in filter(None, asked.split(",")):
        if name.strip().partition(".")[0] not in known:
            yield f"field {name.strip()} is not in the specification"


def _is_meta(value: str, kind: str) -> bool:
    if kind == "bool":
        return value in {"true", "false", "0", "1"}
    if kind in {"int", "unsigned int"}:
        return re.fullmatch(r"\d+" if kind.startswith("u") else r"-?\d+", value) is not None
    if kind == "float":
        return re.fullmatch(r"-?\d+(\.\d+)?", value) is not None
    if kind.startswith("list") or kind in {"map", "Object"}:
        return _is_json(value, list if kind.startswith("list") else dict) or (
            # Words may also come with commas between them, as in all examples of Meta's documentation.
            (kind == "list<string>" or kind.endswith("_enum_param>")) and value[:1] != "{"
        )
    return True


def _is_json(value: str, kind: type) -> bool:
    try:
        return isinstance(json.loads(value), kind)
    except ValueError:
        return False
