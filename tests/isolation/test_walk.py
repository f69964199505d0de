"""Every address, every method, as each of the winery's people, with the town's ids: the canary is never heard.

And its positive control: the town's own people do hear it there, so that silence means something.
"""

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.apps import apps
from django.db import transaction
from django.http import HttpResponseBase
from django.test import Client as Browser

from tests.isolation.foreign import CANARY, Foreign, move_in
from tests.isolation.routes import Address, addresses
from tests.world import World, token

METHODS = ["GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"]
# Who may see what does not depend on the method where a page takes two of them: there one of each kind of people tries all.
PAGES_TAKE, TRIES_ALL = ("GET", "POST"), {"vito", "cliente"}
STAFF = ["marta", "elena", "vito"]
CONTACTS = ["cliente", "nonna"]
# Where a stranger to the thing is sent away before anybody looks for it: the admin is not for contacts.
AWAY = {301, 302, 401, 403, 404, 405}


@pytest.fixture(autouse=True)
def _own_storage(settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def foreign(world: World) -> Foreign:
    """The town's things."""
    return move_in(world)


def said(response: HttpResponseBase) -> str:
    """All that an answer says: its headers and its body."""
    body = b"".join(response.streaming_content) if response.streaming else response.content  # type: ignore[attr-defined]
    return (str(response.headers) + body.decode("utf-8", "replace")).lower()


def browser(user: Any) -> tuple[Browser, dict[str, str]]:
    """A signed-in browser, and the header that its API calls carry."""
    found = Browser(raise_request_exception=False)
    if user is None:
        return found, {}
    found.force_login(user)
    return found, {"authorization": f"Token {token(user)}"}


def ask(who: Browser, headers: dict[str, str], method: str, address: Address) -> HttpResponseBase:
    sent = headers if address.path.startswith(("/api/", "/media/", "/sandbox/")) else {}
    with transaction.atomic():  # a request that breaks its transaction must not break the next one's
        return who.generic(method, address.path, b"{}", "application/json", headers=sent)


def everything_of(foreign: Foreign) -> str:
    """All rows of the town, to see that none was touched."""
    rows: dict[str, Any] = {}
    for model in apps.get_models():
        names = {field.name for field in model._meta.get_fields()}
        if "client" in names or "client_id" in names:
            found = model._default_manager.filter(client_id=foreign.client.pk).order_by("pk")
            rows[model._meta.label] = list(found.values())
    return json.dumps(rows, default=str, sort_keys=True)


@pytest.mark.parametrize("name", [*STAFF, *CONTACTS, "carlo", "nobody"])
def test_the_canary_is_never_heard(world: World, foreign: Foreign, name: str) -> None:
    who, headers = browser(getattr(world, name, None))
    before, wrong = everything_of(foreign), []
    for address in addresses(foreign):
        every = name in TRIES_ALL or address.path.startswith("/api/")
        for method in METHODS if every else PAGES_TAKE:
            response = ask(who, headers, method, address)
            if CANARY in said(response).replace(address.path.lower(), ""):
                wrong.append(f"{method} {address.path}: the canary")
            if response.status_code >= 500 and address.path != "/readyz":  # no worker runs here, and it says so
                wrong.append(f"{method} {address.path}: {response.status_code}")
            if address.foreign and method != "OPTIONS" and not sent_away(response, address, name):
                wrong.append(f"{method} {address.path}: {response.status_code}")
            if address.path.endswith("/logout/"):
                who, headers = browser(getattr(world, name, None))
    assert wrong == [], "\n".join(wrong)
    assert everything_of(foreign) == before


def sent_away(response: HttpResponseBase, address: Address, name: str) -> bool:
    """Whether the answer is that there is no such thing; who may not even enter a face may be sent to its door."""
    if response.headers.get("Location") == f"{address.path}change/":
        return True  # Django's admin sends any number there, of things that exist and of others
    if name in STAFF or (name in CONTACTS and address.path.startswith("/api/")):
        return response.status_code in {404, 405}
    return response.status_code in AWAY


HEARD: list[tuple[str, str]] = [
    ("bruno", "/admin/"),
    ("bruno", "/admin/clients/client/{client}/change/"),
    ("bruno", "/admin/clients/client/{client}/tacit_consent/"),
    ("bruno", "/admin/clients/client/"),
    ("bruno", "/admin/clients/membership/"),
    ("bruno", "/admin/social/post/"),
    ("bruno", "/admin/social/post/{post}/"),
    ("bruno", "/admin/social/post/{post}/differences/"),
    ("bruno", "/admin/social/channel/"),
    ("bruno", "/admin/social/channel/{channel}/change/"),
    ("bruno", "/admin/social/media/"),
    ("bruno", "/admin/social/label/"),
    ("bruno", "/admin/social/label/{label}/change/"),
    ("bruno", "/admin/strategy/pillar/"),
    ("bruno", "/admin/strategy/pillar/{pillar}/change/"),
    ("bruno", "/admin/strategy/strategy/{strategy}/report/"),
    *(
        ("bruno", f"/admin/strategy/strategy/{{strategy}}/{page}")
        for page in ("change/", "settings/", "plan/", "plan/objectives/{objective}/", "plan/channels/{channel}/")
    ),
    *(
        ("bruno", f"/admin/strategy/strategy/{{strategy}}/{page}")
        for page in ("plan/occasions/{occasion}/", "sections/{section}/", "sections/{section}/revisions/1/")
    ),
    ("bruno", "/admin/strategy/strategy/{strategy}/sections/{section}/write/"),
    *(
        ("bruno", f"/admin/strategy/strategy/{{strategy}}/{page}")
        for page in ("agreement/", "versions/", "versions/1/", "differences/?from=1&to=now", "import/", "document.zip")
    ),
    ("bruno", "/admin/approvals/chain/"),
    ("bruno", "/admin/approvals/chain/{chain}/change/"),
    ("bruno", "/admin/approvals/review/"),
    ("bruno", "/admin/approvals/review/{review}/"),
    ("bruno", "/admin/approvals/review/{review}/evidence.json"),
    ("bruno", "/admin/accounts/apitoken/"),
    ("bruno", "/api/v1/me/"),
    ("bruno", "/api/v1/clients/"),
    ("bruno", "/api/v1/clients/{client}/"),
    ("bruno", "/api/v1/clients/{client}/tacit_consent/"),
    ("bruno", "/api/v1/memberships/"),
    ("bruno", "/api/v1/memberships/{membership}/"),
    ("bruno", "/api/v1/channels/"),
    ("bruno", "/api/v1/channels/{channel}/"),
    ("bruno", "/api/v1/media/"),
    ("bruno", "/api/v1/media/{media}/"),
    ("bruno", "/admin/social/channel/{channel}/slots/"),
    ("bruno", "/api/v1/channels/{channel}/free_slots/"),
    ("bruno", "/api/v1/slots/"),
    ("bruno", "/api/v1/slots/{slot}/"),
    ("bruno", "/admin/social/recurrence/"),
    ("bruno", "/admin/social/recurrence/{recurrence}/change/"),
    ("bruno", "/admin/social/recurrence/{recurrence}/end/"),
    ("bruno", "/admin/social/recurrence/of/{post}/"),
    ("bruno", "/admin/social/silence/"),
    ("bruno", "/admin/social/silence/{silence}/change/"),
    ("bruno", "/admin/social/silence/{silence}/take-up/draft:{draft}/"),
    ("bruno", "/admin/social/silence/{silence}/dismiss/"),
    ("bruno", "/api/v1/silences/{silence}/proposals/"),
    ("bruno", "/api/v1/labels/"),
    ("bruno", "/api/v1/labels/{label}/"),
    ("bruno", "/api/v1/pillars/"),
    ("bruno", "/api/v1/pillars/{pillar}/"),
    ("bruno", "/api/v1/chains/"),
    ("bruno", "/api/v1/chains/{chain}/"),
    ("bruno", "/api/v1/posts/"),
    ("bruno", "/api/v1/posts/{post}/"),
    ("bruno", "/api/v1/posts/{post}/versions/"),
    ("bruno", "/api/v1/reviews/"),
    ("bruno", "/api/v1/reviews/{review}/"),
    ("bruno", "/api/v1/reviews/{review}/evidence.json"),
    ("bruno", "/admin/approvals/seat/"),
    ("bruno", "/api/v1/waiting/"),
    ("bruno", "/api/v1/waiting/{seat}/"),
    ("bruno", "/api/v1/publications/{publication}/"),
    ("bruno", "/api/v1/events/"),
    ("bruno", "/sandbox/" + CANARY + "/"),
    ("bruno", "/deputies/"),
    ("bruno", "/deputies/new/{client}/"),
    ("bruno", "/deputies/{deputy}/end/"),
    ("sindaco", "/"),
    ("sindaco", "/strategies/{strategy}/report/"),
    ("sindaco", "/deputies/"),
    ("sindaco", "/deputies/new/{client}/"),
    ("sindaco", "/reviews/{review}/"),
    ("sindaco", "/reviews/{review}/differences/"),
    ("sindaco", "/reviews/{review}/evidence.json"),
    ("sindaco", "/api/v1/reviews/{review}/"),
    ("sindaco", "/api/v1/posts/"),
    ("sindaco", "/sandbox/" + CANARY + "/"),
    ("bruno", "/admin/newsletter/mailinglist/"),
    ("bruno", "/admin/newsletter/mailinglist/{mailing_list}/change/"),
    ("bruno", "/admin/newsletter/mailinglist/{mailing_list}/readers.csv"),
    ("bruno", "/admin/newsletter/reader/"),
    ("bruno", "/admin/newsletter/reader/{reader}/change/"),
    ("bruno", "/admin/newsletter/listimport/{list_import}/change/"),
    ("bruno", "/admin/newsletter/listimport/{list_import}/refused.csv"),
    ("bruno", "/admin/newsletter/mailinglist/{mailing_list}/doubts/{doubt}/end/"),
    ("bruno", "/api/v1/doubts/{doubt}/"),
    ("bruno", "/api/v1/lists/{mailing_list}/"),
    ("bruno", "/api/v1/readers/"),
    ("bruno", "/api/v1/list_imports/{list_import}/"),
    *(
        (who, path)
        for who in ("bruno", "sindaco")
        for path in (
            "/api/v1/strategies/",
            "/api/v1/strategies/{strategy}/",
            "/api/v1/strategies/{strategy}/versions/",
            "/api/v1/strategies/{strategy}/report/",
            "/api/v1/strategies/{strategy}/versions/1/",
            "/api/v1/sections/",
            "/api/v1/sections/{section}/",
            "/api/v1/sections/{section}/revisions/",
            "/api/v1/suggestions/{suggestion}/",
            "/api/v1/remarks/{remark}/",
            "/api/v1/objectives/{objective}/",
            "/api/v1/cadences/{cadence}/",
            "/api/v1/occasions/{occasion}/",
        )
    ),
]


@pytest.mark.parametrize("name", sorted({name for name, _path in HEARD}))
def test_and_its_own_people_hear_it(world: World, foreign: Foreign, name: str) -> None:
    pks = {kind: getattr(foreign, kind).pk for kind in foreign.__dataclass_fields__ if kind != "secret"}
    who, headers = browser(getattr(world, name))
    silent = []
    for path in (path.format(**pks) for whose, path in HEARD if whose == name):
        response = ask(who, headers, "GET", Address(path, path, foreign=True))
        if response.status_code != 200 or CANARY not in said(response).replace(path, ""):
            silent.append(f"{path}: {response.status_code}")
    assert silent == []


def test_the_link_in_the_mail_opens_it_for_whoever_has_it(world: World, foreign: Foreign) -> None:
    assert CANARY in said(Browser().get(f"/r/{foreign.secret}/"))


Body = Callable[[World, Foreign], dict[str, Any]]
BODIES: list[tuple[str, Body]] = [
    ("posts", lambda _w, f: {"client": f.client.pk, "text": "x"}),
    ("posts", lambda w, f: {"client": w.winery.pk, "text": "x", "channels": [f.channel.pk]}),
    ("posts", lambda w, f: {"client": w.winery.pk, "text": "x", "media": [f.media.pk]}),
    ("posts", lambda w, f: {"client": w.winery.pk, "text": "x", "chain": f.chain.pk}),
    ("posts", lambda w, f: {"client": w.winery.pk, "text": "x", "pillar": f.pillar.pk}),
    ("posts", lambda w, f: {"client": w.winery.pk, "text": "x", "objective": f.objective.pk}),
    ("posts", lambda w, f: {"client": w.winery.pk, "text": "x", "occasion": f.occasion.pk}),
    ("labels", lambda _w, f: {"client": f.client.pk, "name": "x"}),
    (
        "recurrences",
        lambda _w, f: {"pattern": f.post.pk, "rule": "FREQ=DAILY;COUNT=3", "starts_at": "2199-01-01T09:00"},
    ),
    ("slots", lambda _w, f: {"channel": f.channel.pk, "weekday": 1, "at": "10:00"}),
    ("pillars", lambda _w, f: {"client": f.client.pk, "name": "x"}),
    ("posts", lambda w, f: {"client": w.winery.pk, "variants": [{"channel": f.channel.pk, "text": "x"}]}),
    ("channels", lambda _w, f: {"client": f.client.pk, "network": "sandbox", "handle": "x", "name": "x"}),
    ("chains", lambda _w, f: {"client": f.client.pk, "name": "x", "subject": "post", "steps": [{"name": "x"}]}),
    (
        "chains",
        lambda w, f: {
            "client": w.winery.pk,
            "name": "x",
            "subject": "post",
            "steps": [{"name": "x", "rule": "any", "needed": 1, "users": [f.person.email]}],
        },
    ),
    ("strategies", lambda _w, f: {"client": f.client.pk, "title": "x"}),
    ("strategies", lambda w, f: {"client": w.winery.pk, "title": "x", "owner": f.person.email}),
    ("strategies", lambda w, f: {"client": w.winery.pk, "title": "x", "chain": f.chain.pk}),
    (
        "strategies",
        lambda w, f: {
            "client": w.winery.pk,
            "title": "x",
            "sections": [{"kind": "tone", "body": f"![x](media:{f.media.pk})"}],
        },
    ),
    ("sections", lambda _w, f: {"strategy": f.strategy.pk, "kind": "free", "title": "x"}),
    (
        "suggestions",
        lambda _w, f: {"section": f.section.pk, "revision": 1, "kind": "insert", "start": 0, "words": "x"},
    ),
    ("remarks", lambda _w, f: {"section": f.section.pk, "text": "x"}),
    ("occasions", lambda _w, f: {"strategy": f.strategy.pk, "name": "x", "on": "2199-01-01"}),
    ("memberships", lambda _w, f: {"client": f.client.pk, "email": "x@example.org", "name": "x", "role": "author"}),
]


@pytest.mark.parametrize(("resource", "body"), BODIES)
def test_the_town_s_things_can_not_be_named_in_a_body(
    world: World, foreign: Foreign, resource: str, body: Body
) -> None:
    who, headers = browser(world.marta)
    before = everything_of(foreign)
    response = who.post(f"/api/v1/{resource}/", json.dumps(body(world, foreign)), "application/json", headers=headers)
    assert response.status_code in {400, 404}
    assert CANARY not in said(response)
    assert everything_of(foreign) == before


@pytest.mark.parametrize(
    "resource",
    [
        "posts",
        "channels",
        "media",
        "slots",
        "recurrences",
        "labels",
        "pillars",
        "chains",
        "reviews",
        "waiting",
        "publications",
        "events",
        "strategies",
        "sections",
        "suggestions",
        "remarks",
        "objectives",
        "cadences",
        "occasions",
    ],
)
def test_the_town_s_things_can_not_be_filtered_for(world: World, foreign: Foreign, resource: str) -> None:
    who, headers = browser(world.marta)
    response = who.get(f"/api/v1/{resource}/", {"client": foreign.client.pk}, headers=headers)
    assert response.status_code in {200, 400}
    assert CANARY not in said(response)
    if response.status_code == 200:
        assert response.json()["results"] == []


@pytest.fixture
def choices(world: World, foreign: Foreign) -> Callable[[str], str]:
    """What a page of the admin offers Marta."""
    who, _headers = browser(world.marta)
    return lambda path: said(who.get(path))


@pytest.mark.parametrize(
    "path",
    [
        "/admin/social/post/add/",
        "/admin/social/channel/add/",
        "/admin/social/media/add/",
        "/admin/social/label/add/",
        "/admin/strategy/pillar/add/",
        "/admin/strategy/strategy/add/",
        "/admin/strategy/strategy/?q=" + CANARY[:6],
        "/admin/social/post/",
        "/admin/approvals/chain/add/",
        "/admin/clients/membership/add/",
        "/admin/search/?s=" + CANARY[:6],
        "/admin/social/post/?q=" + CANARY[:6],
    ],
)
def test_the_town_is_not_among_the_choices(choices: Callable[[str], str], path: str) -> None:
    assert CANARY not in choices(path)
