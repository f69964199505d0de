"""Every address of the installation, filled with the town's ids. An address that nobody has thought of is an error."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver

from tests.isolation.foreign import CANARY, Foreign

PARAMETER = re.compile(r"<(?:\w+:)?(\w+)>|\(\?P<(\w+)>[^)]*\)")
# Nothing of a client is behind these, and what they take is no id.
OPEN = {
    "admin/^(?P<app_label>": "admin/social/",
    "admin/(?P<url>.*)$": "admin/nowhere",
    "accounts/^password/reset/key/": "accounts/password/reset/key/1-abc/",
    "accounts/^confirm-email/": "accounts/confirm-email/abc/",
    "api/v1/networks/<slug:slug>/": "api/v1/networks/sandbox/",
    "r/<str:secret>/": "r/kein-geheimnis/",
    "r/<path:rest>": "r/kein/geheimnis",
    "c/<str:secret>/": "c/kein-geheimnis/",
    "connect/back/<slug:network>/<slug:place>/": "connect/back/x/0123456789ab/?state=kein-geheimnis&code=keiner",
    "connect/back/<slug:network>/": "connect/back/x/?state=kein-geheimnis&code=keiner",
    "in/<str:secret>/": "in/kein-geheimnis/",
    "mail/off/<str:token>/": "mail/off/kein-geheimnis/",
    "newsletter/off/<str:token>": "newsletter/off/kein-geheimnis",
    "newsletter/yes/<str:secret>": "newsletter/yes/kein-geheimnis",
    "newsletter/issues/<str:page_key>/<str:sha256>": "newsletter/issues/kein-geheimnis/abc",
    "newsletter/issues/<str:page_key>/": "newsletter/issues/kein-geheimnis/",
    "newsletter/<str:key>/": "newsletter/kein-geheimnis/",
    "logo/<str:token>": "logo/1-kein-geheimnis",
    "out/<str:token>/": "out/kein-geheimnis/1.jpg",
}


# Here are the agency's own things, which all of its people may see: taken from the town, without a word of it.
OF_THE_AGENCY = ("admin/strategy/template/", "api/v1/templates/")


@dataclass(frozen=True)
class Address:
    """One address; ``foreign``: it names something of the town's."""

    path: str
    route: str
    foreign: bool


def all_routes(patterns: list[Any] | None = None, prefix: str = "") -> Iterator[str]:
    """The routes as they are written in the URL configurations."""
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from all_routes(pattern.url_patterns, route)
        elif isinstance(pattern, URLPattern):
            yield route


def addresses(foreign: Foreign) -> list[Address]:
    """Each route once, filled. Raises AssertionError for one whose parameter has no object here."""
    return [_filled(route, foreign) for route in dict.fromkeys(all_routes())]


def _filled(route: str, foreign: Foreign) -> Address:
    for start, path in OPEN.items():
        if route.startswith(start):
            return Address("/" + path, route, foreign=False)
    names = [one or other for one, other in PARAMETER.findall(route)]
    path = route
    for name in names:
        path = PARAMETER.sub(str(_value(route, name, foreign)), path, count=1)
    foreign_thing = bool(names) and not route.startswith(OF_THE_AGENCY)
    return Address("/" + path.replace("^", "").replace("$", ""), route, foreign=foreign_thing)


def _value(route: str, name: str, foreign: Foreign) -> Any:
    kinds = {
        "client": foreign.client,
        "membership": foreign.membership,
        "user": foreign.person,
        "channel": foreign.channel,
        "chain": foreign.chain,
        "media": foreign.media,
        "rendition": foreign.rendition,
        "slot": foreign.slot,
        "recurrence": foreign.recurrence,
        "silence": foreign.silence,
        "label": foreign.label,
        "pillar": foreign.pillar,
        "post": foreign.post,
        "review": foreign.review,
        "comment": foreign.comment,
        "deputy": foreign.deputy,
        "seat": foreign.seat,
        "waiting": foreign.seat,
        "publication": foreign.publication,
        "version": foreign.publication.version,
        "event": foreign.event,
        "notification": foreign.notification,
        "apitoken": foreign.token,
        "token": foreign.token,
        "sign_in": foreign.sign_in,
        "app": foreign.app,
        "networkapp": foreign.app,
        "list": foreign.mailing_list,
        "mailinglist": foreign.mailing_list,
        "reader": foreign.reader,
        "list_import": foreign.list_import,
        "listimport": foreign.list_import,
        "doubt": foreign.doubt,
        "strategy": foreign.strategy,
        "template": foreign.template,
        "section": foreign.section,
        "suggestion": foreign.suggestion,
        "remark": foreign.remark,
        "objective": foreign.objective,
        "cadence": foreign.cadence,
        "occasion": foreign.occasion,
    }
    if name == "handle":
        return CANARY
    if name == "proposal":
        return f"draft:{foreign.draft.pk}"
    if name == "number":
        return 1  # a version's, of whatever stands before it
    if route.startswith("admin/r/"):
        return {"content_type_id": 1, "object_id": foreign.client.pk}[name]
    kind = name.removesuffix("_id") if name not in {"object_id", "pk"} else _kind_in(route)
    assert kind in kinds, f"the walk does not know what {name} is in {route}: teach it in {__name__}"
    return kinds[kind].pk


def _kind_in(route: str) -> str:
    parts = route.split("/")
    if parts[0] == "admin":
        return parts[2]
    plural = parts[2]
    return {"media": "media", "deputies": "deputy", "strategies": "strategy"}.get(plural, plural.removesuffix("s"))
