"""What every operation of the API owes: its own people are let in, others meet nothing, strangers are asked who they are.

The table names every operation of the schema; one that it does not know makes the last test fail.
"""

from collections.abc import Callable
from datetime import time, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from approvals.models import Comment, Seat
from approvals.services import add_comment, name_deputy, resolve_comment
from clients.models import Membership
from clients.services import freeze
from newsletter.models import Doubt
from newsletter.services.lists import list_of
from rest.idempotency import Repeatable
from rest.urls import urlpatterns
from social.models import Publication, Silence
from social.networks import NETWORKS
from social.services import add_media, create_label, create_recurrence, create_slot, edit_channel
from social.services.publishing import publish
from social.services.silences import foresee
from strategy.services import create_pillar
from tests.newsletter.bringing import GOOD, HEAD, begin
from tests.newsletter.reading import copy_for, newsletter_of, reader
from tests.rest.caller import BASE, Caller, document, fields
from tests.rest.of_strategies import STRATEGIES, STRATEGY_LISTS, STRATEGY_MAKERS
from tests.rest.rows import CANARY, Row
from tests.rest.test_the_way import picture
from tests.social.test_suggesting import suggest
from tests.world import World, approve, review_of


def _draft(world: World) -> int:
    return world.draft(text=CANARY).pk


def _submitted(world: World) -> int:
    return world.submitted(text=CANARY).pk


def _seen(world: World) -> int:
    """A post that the client's people see."""
    return world.approved(text=CANARY).pk


def _review(world: World) -> int:
    return review_of(world.approved(text=CANARY)).pk


def _open_review(world: World) -> int:
    return review_of(world.submitted(text=CANARY)).pk


def _other_seat(world: World) -> dict[str, Any]:
    seat = Seat.objects.get(step__review=world.winery.reviews.get(), step__position=1)
    return {"seat": seat.pk, "person": "marta@filo.example", "reason": "Elena è via."}


def _seat(world: World) -> dict[str, int]:
    return {"seat": _other_seat(world)["seat"]}


def _deputy(world: World) -> int:
    now = timezone.now()
    away: dict[str, Any] = {"principal": world.elena, "from_at": now, "until": now + timedelta(days=2)}
    return name_deputy(user=world.elena, client=world.winery, deputy=world.marta, **away).pk


def _waiting(world: World) -> int:
    return Seat.objects.get(step__review=_open_review(world), step__position=1).pk


def _suggested(world: World) -> int:
    """A review in which the client's approver has suggested other words."""
    post = world.submitted(text=CANARY)
    approve(post, world.elena)
    approve(post, world.marta)
    suggest(review_of(post), world.cliente, CANARY, "Canto")
    return review_of(post).pk


def _resolved(world: World) -> int:
    found = _suggested(world)
    resolve_comment(comment=Comment.objects.get(), user=world.vito)
    return found


def _digest(world: World) -> dict[str, str]:
    digest = world.winery.reviews.get().digest
    return {"digest": digest, "comment": "Bene."}


def _publication(world: World, state: str = "scheduled") -> int:
    post = world.approved(text=CANARY, publish_at=timezone.now() + timedelta(hours=1))
    publication = post.publications.get()
    for step in {"late": ["late"], "unknown": ["publishing", "unknown"]}.get(state, []):
        Publication.objects.filter(pk=publication.pk).update(state=step)
    return publication.pk


def _out(world: World) -> int:
    publication = world.due(text=CANARY)
    publish(publication_id=publication.pk)
    return publication.pk


def _media(world: World) -> int:
    return add_media(user=world.vito, client=world.winery, file=picture(), alt_text=CANARY).pk


def _label(world: World) -> int:
    return create_label(user=world.marta, client=world.winery, name=CANARY).pk


def _slot(world: World) -> int:
    return create_slot(user=world.marta, channel=world.page, weekday=1, at=time(9), advice=CANARY).pk


def _series(world: World) -> int:
    starts = (timezone.now() + timedelta(days=1)).replace(second=0, microsecond=0)
    pattern = world.draft(text=CANARY)
    return create_recurrence(user=world.vito, pattern=pattern, rule="FREQ=DAILY;COUNT=3", starts_at=starts).pk


def _with_slot(world: World) -> int:
    _slot(world)
    return _seen(world)


def _silence(world: World) -> int:
    edit_channel(user=world.marta, channel=world.page, name=CANARY, cadence_per_week=Decimal(1))
    foresee(now=timezone.now())
    return Silence.objects.get(channel=world.page).pk


def _pillar(world: World) -> int:
    return create_pillar(user=world.marta, client=world.winery, name=CANARY).pk


def _membership(world: World) -> int:
    return Membership.objects.get(user=world.elena).pk


def _event(world: World) -> int:
    return int(Caller(world.marta).get("events/", client=world.winery.pk)["results"][0]["id"])


def _frozen(world: World) -> int:
    return freeze(user=world.marta, client=world.winery, reason=CANARY).pk


def _winery(world: World) -> int:
    return world.winery.pk


def _list(world: World) -> int:
    return list_of(newsletter_of(world.winery, CANARY)).pk


def _reader(world: World) -> int:
    return reader(list_of(newsletter_of(world.winery, CANARY)), f"{CANARY}@example.org").pk


def _doubt(world: World) -> int:
    copy = copy_for(reader(list_of(newsletter_of(world.winery, CANARY)), f"{CANARY}@example.org"))
    return Doubt.objects.create(issue=copy.issue, client_id=copy.client_id, status="5.1.1").pk


def _import(world: World) -> int:
    return begin(world, list_of(newsletter_of(world.winery, CANARY)), HEAD + GOOD).pk


ROWS = [
    Row("get", "clients/{id}/", "marta", _winery, contact=200),
    Row("patch", "clients/{id}/", "marta", _winery, lambda _world: {"name": "Cantina Roero"}),
    Row("post", "clients/{id}/freeze/", "marta", _winery, lambda _world: {"reason": "Crisi."}),
    Row("post", "clients/{id}/unfreeze/", "marta", _frozen),
    Row("get", "clients/{id}/calendar/", "vito", _winery, contact=200),
    Row("get", "clients/{id}/spending/", "vito", _winery, contact=404),
    Row("post", "clients/{id}/ceiling/", "marta", _winery, lambda _world: {"dollars": 5}),
    Row("get", "memberships/{id}/", "marta", _membership, contact=404),
    Row("patch", "memberships/{id}/", "marta", _membership, lambda _world: {"role": "author"}, contact=404),
    Row("delete", "memberships/{id}/", "marta", _membership, expect=204, contact=404),
    Row("get", "channels/{id}/", "marta", lambda world: world.page.pk, contact=200),
    Row("patch", "channels/{id}/", "marta", lambda world: world.page.pk, lambda _world: {"name": "Vigna"}),
    Row("post", "channels/{id}/check/?wait=0", "vito", lambda world: world.page.pk),
    Row("post", "channels/{id}/revoke_connection_links/", "marta", lambda world: world.page.pk),
    Row("post", "channels/{id}/retire/", "marta", lambda world: world.page.pk),
    Row("post", "channels/{id}/end/", "marta", lambda world: world.page.pk, lambda _world: {"because": "Venduto."}),
    Row("get", "media/{id}/", "vito", _media, contact=404),
    Row("patch", "media/{id}/", "vito", _media, lambda _world: {"alt_text": "Filari"}, contact=404),
    Row("get", "channels/{id}/free_slots/", "vito", lambda world: world.page.pk, contact=404),
    Row("get", "slots/{id}/", "vito", _slot, contact=404),
    Row("patch", "slots/{id}/", "elena", _slot, lambda _world: {"at": "10:00"}, contact=404),
    Row("delete", "slots/{id}/", "elena", _slot, expect=204, contact=404),
    Row("get", "recurrences/{id}/", "vito", _series, contact=404),
    Row("post", "recurrences/{id}/end/", "vito", _series, lambda _world: {"cancel_posts": True}, contact=404),
    Row("get", "silences/{id}/", "vito", _silence, contact=404),
    Row("get", "silences/{id}/proposals/", "vito", _silence, contact=404),
    Row("post", "silences/{id}/take_up/", "vito", _silence, lambda _world: {"proposal": "return:0"}, 201, contact=404),
    Row("post", "silences/{id}/dismiss/", "elena", _silence, lambda _world: {"why": "pause"}, contact=404),
    Row("get", "labels/{id}/", "vito", _label, contact=404),
    Row("patch", "labels/{id}/", "elena", _label, lambda _world: {"retired": True}, contact=404),
    Row("get", "pillars/{id}/", "vito", _pillar, contact=404),
    Row("patch", "pillars/{id}/", "elena", _pillar, lambda _world: {"why": "Si vende."}, contact=404),
    Row("get", "chains/{id}/", "vito", lambda world: world.chain.pk, contact=404),
    Row("patch", "chains/{id}/", "marta", lambda world: world.chain.pk, lambda _world: {"name": "Iter"}, contact=404),
    Row(
        "post",
        "chains/{id}/copy/",
        "marta",
        lambda world: world.chain.pk,
        lambda world: {"client": world.winery.pk, "name": "Copia"},
        expect=201,
        contact=404,
    ),
    Row("get", "posts/{id}/", "vito", _seen, contact=200),
    Row("patch", "posts/{id}/", "vito", _seen, lambda _world: {"title": "Altro"}),
    Row("post", "posts/{id}/submit/", "vito", _draft, contact=404),
    Row("post", "posts/{id}/withdraw/", "vito", _seen),
    Row("post", "posts/{id}/cancel/", "vito", _seen),
    Row("post", "posts/{id}/duplicate/", "vito", _seen, expect=201),
    Row("post", "posts/{id}/queue/", "vito", _with_slot, lambda _world: {"best": True}),
    Row("get", "posts/{id}/preflight/", "vito", _seen, contact=200),
    Row("get", "posts/{id}/versions/", "vito", _seen, contact=200),
    Row("get", "reviews/{id}/", "vito", _review, contact=200),
    Row("get", "reviews/{id}/evidence.json", "vito", _review, contact=200),
    Row("post", "reviews/{id}/approve/", "elena", _open_review, _digest, contact=404),
    Row("post", "reviews/{id}/request_changes/", "elena", _open_review, _digest, contact=404),
    Row("post", "reviews/{id}/comments/", "vito", _review, lambda _world: {"text": "Guardate."}, 201, contact=201),
    Row("post", "reviews/{id}/comments/{comment_id}/resolve/", "vito", _suggested, lambda _world: {}, contact=200),
    Row("post", "reviews/{id}/comments/{comment_id}/reopen/", "vito", _resolved, contact=200),
    Row("post", "reviews/{id}/comments/{comment_id}/take_over/", "vito", _suggested, lambda _world: {}),
    Row("post", "reviews/{id}/comments/{comment_id}/decline/", "vito", _suggested, lambda _world: {}),
    Row("post", "reviews/{id}/take_back/", "elena", _review, lambda _world: {"reason": "Ci ripenso."}, contact=200),
    Row("post", "reviews/{id}/nudge/", "vito", _open_review, lambda _world: {}, contact=404),
    Row("get", "waiting/{id}/", "vito", _waiting, contact=404),
    Row("post", "reviews/{id}/replace/", "marta", _open_review, _other_seat, contact=404),
    Row("post", "reviews/{id}/close_links/", "vito", _open_review, _seat, contact=404),
    Row("get", "deputies/{id}/", "vito", _deputy, contact=404),
    Row("post", "deputies/{id}/end/", "elena", _deputy, contact=404),
    Row("get", "publications/{id}/", "vito", _publication, contact=200),
    Row("post", "publications/{id}/retry/", "vito", lambda world: _publication(world, "late")),
    Row(
        "post",
        "publications/{id}/resolve/",
        "vito",
        lambda world: _publication(world, "unknown"),
        lambda _world: {"outcome": "published", "permalink": "https://example.org/1"},
    ),
    Row("post", "publications/{id}/cancel/", "vito", _publication),
    Row("get", "publications/{id}/numbers/", "vito", _publication, contact=200),
    Row("post", "publications/{id}/correct/", "vito", _out, lambda _world: {"act": "edit"}, expect=201),
    Row("post", "publications/{id}/take_down/", "vito", _out, lambda _world: {"because": "Via."}, expect=201),
    Row("get", "events/{id}/", "marta", _event, contact=404),
    Row("get", "lists/{id}/", "vito", _list, contact=404),
    Row("patch", "lists/{id}/", "marta", _list, lambda _world: {"is_open": False}, contact=404),
    Row("get", "readers/{id}/", "marta", _reader, contact=404),
    Row("post", "readers/{id}/sign_off/", "marta", _reader, lambda _world: {"why": "Al telefono."}, contact=404),
    Row("post", "readers/{id}/put_back/", "marta", _reader, contact=404),
    Row("post", "readers/{id}/erase/", "marta", _reader, expect=204, contact=404),
    Row("get", "doubts/{id}/", "marta", _doubt, contact=404),
    Row("post", "doubts/{id}/decide/", "marta", _doubt, lambda _world: {"ends": False}, contact=404),
    Row("get", "list_imports/{id}/", "marta", _import, contact=404),
    *STRATEGIES,
]
LISTS = {
    "clients/": lambda world: world.winery.pk,
    "memberships/": _membership,
    "channels/": lambda world: world.page.pk,
    "media/": _media,
    "labels/": _label,
    "slots/": _slot,
    "recurrences/": _series,
    "silences/": _silence,
    "pillars/": _pillar,
    "chains/": lambda world: world.chain.pk,
    "posts/": _draft,
    "reviews/": _review,
    "waiting/": _waiting,
    "publications/": _publication,
    "events/": _event,
    "deputies/": _deputy,
    "lists/": _list,
    "readers/": _reader,
    "doubts/": _doubt,
    "list_imports/": _import,
    **STRATEGY_LISTS,
}
MAKERS: dict[str, Callable[[World], Any]] = {
    "memberships/": lambda world: {
        "client": world.winery.pk,
        "email": "nuovo@filo.example",
        "name": "Nuovo",
        "role": "viewer",
    },
    "channels/": lambda world: {"client": world.winery.pk, "network": "sandbox", "handle": "altra"},
    "chains/": lambda world: {
        "client": world.winery.pk,
        "name": "Breve",
        "steps": [{"name": "Uno", "users": ["elena@filo.example"]}],
    },
    "labels/": lambda world: {"client": world.winery.pk, "name": "Prezzi"},
    "recurrences/": lambda world: {
        "pattern": _seen(world),
        "rule": "FREQ=DAILY;COUNT=3",
        "starts_at": (timezone.now() + timedelta(days=1)).strftime("%Y-%m-%dT09:00"),  # which each day has
    },
    "slots/": lambda world: {"channel": world.page.pk, "weekday": 0, "at": "09:00"},
    "pillars/": lambda world: {"client": world.winery.pk, "name": "Vigna"},
    "posts/": lambda world: {"client": world.winery.pk, "text": "Ciao."},
    "lists/": lambda world: {"channel": newsletter_of(world.winery, "Lettera").pk, "imprint": "Via Roma 1"},
    **STRATEGY_MAKERS,
}
ELSEWHERE = {
    ("post", "channels/{id}/connection_link/"),  # tests/social/connections/test_asks.py: for networks with accounts
    ("post", "publications/{id}/go_beyond/"),  # tests/social/test_months.py: of what a ceiling holds
    ("post", "readers/"),  # tests/newsletter/test_api.py: only who keeps the list knows that it is there
    ("get", "list_imports/{id}/refused.csv"),  # and a table
    ("post", "channels/{id}/bounces/"),  # and a mail
    ("get", "channels/{id}/history.json"),  # see tests.social.test_retiring
    ("get", "channels/{id}/history.csv"),
    ("post", "chains/foresee/"),  # tests/approvals/test_chains_api.py: it makes nothing
    ("post", "clients/"),  # tests/clients/test_api.py: agency admins only
    ("get", "clients/{id}/tacit_consent/"),  # tests/clients/test_consent.py: bytes
    ("post", "clients/{id}/tacit_consent/"),  # and a form
    ("get", "posts/{id}/differences/"),  # tests/social/test_api_differences.py: of two versions
    ("post", "media/"),  # tests/social/test_api_media.py: a form
    ("get", "networks/"),  # the same for everybody, below
    ("get", "networks/{slug}/"),
    ("get", "me/"),
    ("patch", "me/"),  # tests/accounts/test_api.py: one's own
    ("post", "deputies/"),  # tests/approvals/test_api_seats.py: people are named too
    ("get", "reviews/{id}/evidence.pdf"),  # tests/approvals/proof/test_faces.py: bytes
    ("post", "reviews/approve/"),  # there as well: a line for each
    ("get", "strategy-starts/"),  # tests/strategy/test_beginnings_api.py: the same for everybody
    ("post", "strategies/understand/"),  # and a form
    ("get", "templates/"),  # tests/strategy/test_templates.py: of the agency, the same for all of its staff
    ("post", "templates/"),
    ("get", "templates/{id}/"),
    ("patch", "templates/{id}/"),
    ("get", "clients/{id}/logo/"),  # tests/clients/test_logo.py: bytes
    ("post", "clients/{id}/logo/"),  # and a form
    ("get", "strategies/{id}/document.pdf"),  # tests/strategy/test_documents_api.py: bytes
    ("get", "strategies/{id}/document.docx"),
    ("get", "strategies/{id}/document.zip"),
    ("get", "strategies/{id}/versions/{number}/document.pdf"),
    ("get", "strategies/{id}/versions/{number}/document.docx"),
    ("get", "strategies/{id}/versions/{number}/document.zip"),
    ("post", "suggestions/"),  # tests/strategy/test_api.py: whoever reads may say something
    ("post", "remarks/"),
}


def _filled(row: Row, pk: int) -> str:
    """The row's address; a comment in it is the only one there is."""
    comment = Comment.objects.values_list("pk", flat=True).first() or 0
    return row.path.replace("{id}", str(pk)).replace("{comment_id}", str(comment)).replace("{number}", "1")


def _name(row: Row) -> str:
    return f"{row.method} {row.path}"


@pytest.mark.parametrize("row", ROWS, ids=_name)
def test_its_own_people_are_let_in(world: World, row: Row) -> None:
    path, caller = _filled(row, row.pk(world)), Caller(getattr(world, row.who))
    if row.method == "post":
        caller.repeat(path, row.body(world), row.expect)
    else:
        caller.call(row.method, path, row.body(world), row.expect)


@pytest.mark.parametrize("row", ROWS, ids=_name)
def test_others_are_not(world: World, row: Row) -> None:
    path, body = _filled(row, row.pk(world)), row.body(world)
    for who in (world.bruno, world.sindaco, world.carlo):
        caller = Caller(who)
        nowhere = caller.call(row.method, _filled(row, 999999999), body, 404)
        assert caller.call(row.method, path, body, 404) == nowhere
    stranger = Caller(None)
    assert stranger.call(row.method, path, body, 401)["code"] == "not_authenticated"
    assert getattr(stranger.http, row.method)(BASE + path)["WWW-Authenticate"] == "Token"
    if row.method != "get":
        Caller(getattr(world, row.who), read_only=True).call(row.method, path, body, 403)
    Caller(world.cliente).call(row.method, path, body, row.contact)


@pytest.mark.parametrize("path", LISTS)
def test_lists_hold_ones_own_rows_and_nobody_elses(world: World, path: str) -> None:
    pk = LISTS[path](world)
    rows = Caller(world.marta).get(path)["results"]
    assert pk in [row["id"] for row in rows]
    assert pk in [row["id"] for row in Caller(world.ada).get(path)["results"]]
    assert pk not in [row["id"] for row in Caller(world.bruno).get(path)["results"]]
    assert Caller(world.carlo).get(path)["results"] == []
    Caller(None).get(path, expect=401)


@pytest.mark.parametrize("path", MAKERS)
def test_rows_are_made_only_for_ones_own_clients(world: World, path: str) -> None:
    body = MAKERS[path](world)
    whose = next(iter(body))  # what says for which client it is
    for who, expect in [("bruno", 400), ("carlo", 400), ("cliente", 403)]:
        problem = Caller(getattr(world, who)).post(path, body, expect)
        if expect == 400:
            assert fields(problem)[0] == (whose, "does_not_exist")
            body_nowhere = {**body, whose: 999999999}
            nowhere = Caller(getattr(world, who)).post(path, body_nowhere, 400)["errors"][0]
            assert nowhere["detail"].replace("999999999", "") == problem["errors"][0]["detail"].replace(
                str(body[whose]), ""
            )
    Caller(None).post(path, body, 401)
    Caller(world.marta).repeat(path, body, 201)


def test_networks_are_the_same_for_everybody(world: World) -> None:
    found = Caller(world.carlo).get("networks/")["results"]
    assert [network["slug"] for network in found] == sorted(NETWORKS)
    bluesky = next(network for network in found if network["slug"] == "bluesky")
    assert Caller(world.carlo).get("networks/bluesky/") == bluesky
    assert [need["name"] for need in bluesky["needs"]] == ["app_password"]
    assert (bluesky["limits"]["text"]["max"], bluesky["limits"]["text"]["unit"]) == (300, "graphemes")
    Caller(world.carlo).get("networks/friendster/", expect=404)
    Caller(None).get("networks/", expect=401)


def test_the_canary_is_seen_by_its_own_people_alone(world: World) -> None:
    review = review_of(world.approved(text=CANARY, title=CANARY))
    add_comment(review=review, user=world.marta, text=CANARY, audience="client")
    _media(world)
    _label(world)
    _pillar(world)

    def told(user: Any) -> str:
        caller = Caller(user)
        return str([caller.get(path, page_size=200) for path in LISTS])

    # Title and text, the review's title and comment, the picture's words; a label and a pillar, each with its event.
    assert told(world.marta).count(CANARY) == 9
    assert CANARY in told(world.cliente)
    for stranger in (world.bruno, world.sindaco, world.carlo):
        assert CANARY not in told(stranger)


def test_the_table_knows_every_operation() -> None:
    known = {(row.method, row.path.partition("?")[0]) for row in ROWS} | {("get", path) for path in LISTS} | ELSEWHERE
    known |= {("post", path) for path in MAKERS}
    told = {(m, path.removeprefix(BASE)) for path, operations in document()["paths"].items() for m in operations}
    assert told == known


def test_what_is_posted_may_carry_a_key() -> None:
    views: list[Any] = [route.callback for route in urlpatterns]
    acting = [view.cls for view in views if "post" in (getattr(view, "actions", None) or {})]
    plain = [view.cls for view in views if hasattr(view, "cls") and hasattr(view.cls, "post")]
    told = [operations["post"] for operations in document()["paths"].values() if "post" in operations]
    assert len({*acting, *plain}) > 1
    assert [view for view in {*acting, *plain} if not issubclass(view, Repeatable)] == []
    assert [one for one in told if "Idempotency-Key" not in [given["name"] for given in one["parameters"]]] == []
