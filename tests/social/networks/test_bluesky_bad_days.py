"""Bad days at the wire: what each becomes, and what the real server holds afterwards."""

import base64
import datetime as dt
import json
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from social.networks.base import (
    Account,
    CannotTell,
    Content,
    CredentialsRefused,
    Keys,
    Network,
    NetworkError,
    NotSent,
    Refused,
    Throttled,
    Unknown,
)
from social.networks.bluesky import publishing, sessions
from tests.servers.faults import Answer, AnswerLost, Cut, Drip, Fault, Faults
from tests.servers.keeping import free_port
from tests.servers.pds import Pds, Person
from tests.social.networks.conftest import NOW, POST, account_of, picture
from tests.social.notebook import Notebook

SIGN_IN = "com.atproto.server.createSession"
RENEW = "com.atproto.server.refreshSession"
UPLOAD = "com.atproto.repo.uploadBlob"
RESOLVE = "com.atproto.identity.resolveHandle"
WRITE = "com.atproto.repo.putRecord"
READ = "com.atproto.repo.getRecord"
EXPIRED = Answer(400, {"error": "ExpiredToken", "message": "Token has expired"})
NO_TOKEN = Answer(401, {"error": "AuthMissing", "message": "Authentication Required"})


@pytest.fixture
def between(pds: Pds) -> Iterator[Faults]:
    publishing.sessions.forget()  # of a server that may have had the same port
    with Faults(pds.url) as server:
        yield server


@pytest.fixture
def account(person: Person, between: Faults) -> Account:
    """The person's account, reached by way of the faults."""
    return account_of(person, between.url)


@pytest.fixture(scope="module")
def unheard(pds: Pds) -> Person:
    """Somebody who never gets a post out; one for all tests where none may."""
    return pds.create_person("unheard")


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Gives one step a second instead of many, so that waiting for its end is a matter of a second."""
    limits: dict[str, tuple[object, str]] = {
        SIGN_IN: (sessions, "SIGN_IN_SECONDS"),
        UPLOAD: (publishing, "PICTURE_SECONDS"),
        RESOLVE: (publishing, "MENTION_SECONDS"),
        WRITE: (publishing, "WRITE_SECONDS"),
    }
    return lambda step: monkeypatch.setattr(*limits[step], 1.0)


ANYWHERE: list[tuple[Fault, type[NetworkError], str]] = [
    (Answer(301, headers={"Location": "http://127.0.0.1:9/"}), Refused, "redirected"),
    (Answer(400, {"error": "InvalidRequest", "message": "No"}), Refused, "refused"),
    (Answer(403, {"error": "Forbidden"}), Refused, "refused"),
    (Answer(413, {"error": "PayloadTooLarge"}), Refused, "refused"),
    (Answer(429, {"error": "RateLimitExceeded"}), Throttled, "throttled"),
    (Answer(501, {"error": "MethodNotImplemented"}), Refused, "refused"),
    (Answer(401, {"error": "AccountTakedown"}), Refused, "account_not_active"),
    (NO_TOKEN, CredentialsRefused, "credentials_refused"),
]
BREAKS: list[Fault] = [
    Cut(),
    Answer(408),
    Answer(500, {"error": "InternalServerError"}),
    Answer(502, b"<html>Bad gateway"),
    Answer(302, headers={"Location": "http://127.0.0.1:9/"}),
    Answer(401, b"<html>Attention Required!"),
    Answer(404, b"<html>"),
    Answer(406),
    Answer(503),
    Answer(504),
    Answer(200, b"{"),
    Answer(200, b"{}"),
    Answer(200, b"<html>", {"Content-Type": "text/html"}),
]


@pytest.mark.parametrize("step", [SIGN_IN, UPLOAD, WRITE])
@pytest.mark.parametrize(("fault", "outcome", "code"), ANYWHERE, ids=str)
def test_a_no_is_a_no_at_every_step(
    pds: Pds,
    bluesky: Network,
    between: Faults,
    unheard: Person,
    keys: Keys,
    step: str,
    fault: Fault,
    outcome: type[NetworkError],
    code: str,
) -> None:
    between.on(step, fault)
    with pytest.raises(NetworkError) as error:
        bluesky.publish(account_of(unheard, between.url), Content("x", media=(picture(),)), keys, Notebook())
    assert (type(error.value), error.value.code) == (outcome, code)
    assert pds.posts(unheard) == []


@pytest.mark.parametrize("fault", BREAKS, ids=str)
@pytest.mark.parametrize(("step", "outcome"), [(SIGN_IN, NotSent), (UPLOAD, NotSent), (WRITE, Unknown)])
def test_a_break_is_uncertain_only_where_the_record_is_written(
    pds: Pds,
    bluesky: Network,
    between: Faults,
    unheard: Person,
    keys: Keys,
    step: str,
    fault: Fault,
    outcome: type[NetworkError],
) -> None:
    between.on(step, fault)
    with pytest.raises(NetworkError) as error:
        bluesky.publish(account_of(unheard, between.url), Content("x", media=(picture(),)), keys, Notebook())
    assert type(error.value) is outcome
    assert pds.posts(unheard) == []


@pytest.mark.parametrize(("step", "outcome"), [(SIGN_IN, NotSent), (UPLOAD, NotSent), (WRITE, Unknown)])
def test_a_server_that_answers_a_byte_at_a_time_is_left_in_time(
    bluesky: Network,
    between: Faults,
    account: Account,
    keys: Keys,
    impatient: Callable[[str], None],
    step: str,
    outcome: type[NetworkError],
) -> None:
    impatient(step)
    between.on(step, Drip())
    started = time.monotonic()
    with pytest.raises(NetworkError) as error:
        bluesky.publish(account, Content("x", media=(picture(),)), keys, Notebook())
    assert type(error.value) is outcome
    assert 1.0 <= time.monotonic() - started < Drip.lasts


@pytest.mark.parametrize("lost", [AnswerLost(), Drip(passed_on=True)], ids=str)
def test_what_went_out_without_an_answer_is_found_and_never_doubled(
    pds: Pds,
    bluesky: Network,
    between: Faults,
    person: Person,
    account: Account,
    keys: Keys,
    lost: Fault,
    impatient: Callable[[str], None],
) -> None:
    impatient(WRITE)
    content = Content("Novità #Roero", media=(picture(),))
    between.on(WRITE, lost, None)
    with pytest.raises(Unknown):
        bluesky.publish(account, content, keys, Notebook())
    [held] = pds.posts(person)
    found = bluesky.find(account, content, keys, Notebook())
    assert found
    assert found.remote_id == held["uri"]
    assert bluesky.publish(account, content, keys, Notebook()) == found
    assert pds.posts(person) == [held]


def test_what_did_not_go_out_is_not_found_and_the_next_try_is_the_only_post(
    pds: Pds, bluesky: Network, between: Faults, person: Person, account: Account, keys: Keys
) -> None:
    between.on(WRITE, Cut(), None)
    with pytest.raises(Unknown):
        bluesky.publish(account, POST, keys, Notebook())
    assert bluesky.find(account, POST, keys, Notebook()) is None
    live = bluesky.publish(account, POST, keys, Notebook())
    assert [post["uri"] for post in pds.posts(person)] == [live.remote_id]


@pytest.mark.parametrize(
    ("fault", "outcome"),
    [
        (Cut(), NotSent),
        (Answer(500), NotSent),
        (Answer(429), Throttled),
        (Answer(400, {"error": "InvalidRequest", "message": "Could not find repo"}), CannotTell),
        (Answer(404, b"<html>"), NotSent),
        (NO_TOKEN, CredentialsRefused),
    ],
    ids=str,
)
def test_find_says_not_live_only_when_the_server_says_so(
    bluesky: Network, between: Faults, account: Account, keys: Keys, fault: Fault, outcome: type[NetworkError]
) -> None:
    between.on(READ, fault)
    with pytest.raises(NetworkError) as error:
        bluesky.find(account, POST, keys, Notebook())
    assert type(error.value) is outcome


def test_where_nobody_listens_nothing_was_sent(bluesky: Network, person: Person, keys: Keys) -> None:
    account = account_of(person, f"http://127.0.0.1:{free_port()}")
    calls: list[Callable[[], object]] = [
        lambda: bluesky.publish(account, POST, keys, Notebook()),
        lambda: bluesky.find(account, POST, keys, Notebook()),
        lambda: bluesky.identity(account),
    ]
    for call in calls:
        with pytest.raises(NotSent) as error:
            call()
        assert error.value.code == "unreachable"


@pytest.mark.parametrize("step", [UPLOAD, WRITE])
@pytest.mark.parametrize("refusal", [EXPIRED, NO_TOKEN], ids=str)
def test_a_session_that_ran_out_is_renewed_once_and_nobody_notices(
    pds: Pds,
    bluesky: Network,
    between: Faults,
    person: Person,
    account: Account,
    keys: Keys,
    step: str,
    refusal: Answer,
) -> None:
    between.on(step, refusal, None)
    bluesky.publish(account, Content("x", media=(picture(),)), keys, Notebook())
    assert (between.count(SIGN_IN), between.count(RENEW), len(pds.posts(person))) == (1, 1, 1)


def test_where_the_session_can_not_be_renewed_the_password_makes_another(
    pds: Pds, bluesky: Network, between: Faults, person: Person, account: Account, keys: Keys
) -> None:
    between.on(WRITE, EXPIRED, None)
    between.on(RENEW, EXPIRED)
    bluesky.publish(account, POST, keys, Notebook())
    assert (between.count(SIGN_IN), between.count(RENEW), len(pds.posts(person))) == (2, 1, 1)


def test_a_token_that_is_never_accepted_ends_after_two_tries(
    bluesky: Network, between: Faults, account: Account, keys: Keys
) -> None:
    between.on(WRITE, EXPIRED)
    with pytest.raises(CredentialsRefused):
        bluesky.publish(account, POST, keys, Notebook())
    assert (between.count(SIGN_IN), between.count(RENEW), between.count(WRITE)) == (1, 1, 2)


@pytest.mark.parametrize(("seconds", "asked"), [(30, [RENEW, SIGN_IN, WRITE]), (7200, [WRITE, RENEW, SIGN_IN, WRITE])])
def test_a_session_about_to_end_is_renewed_before_it_is_used(
    bluesky: Network, between: Faults, person: Person, account: Account, seconds: int, asked: list[str]
) -> None:
    claims = base64.urlsafe_b64encode(json.dumps({"exp": time.time() + seconds}).encode()).decode().rstrip("=")
    made_up = {"did": person.did, "handle": person.handle, "accessJwt": f"x.{claims}.x", "refreshJwt": "x"}
    between.on(SIGN_IN, Answer(200, made_up), None)
    between.on(WRITE, Answer(200, {"uri": f"at://{person.did}/app.bsky.feed.post/3n2rtsvmjmmib", "cid": "x"}), None)
    bluesky.publish(account, POST, bluesky.new_keys(NOW, Content("x")), Notebook())
    between.calls.clear()
    bluesky.publish(account, POST, bluesky.new_keys(NOW, Content("x")), Notebook())
    assert between.calls == asked


@pytest.mark.parametrize(
    ("headers", "least", "most"),
    [
        ({"RateLimit-Reset": "+100"}, 95, 100),
        ({"Retry-After": "7"}, 5, 7),
        ({"RateLimit-Reset": "-100"}, 0, 1),
        ({"RateLimit-Reset": "soon"}, 295, 300),
        ({"RateLimit-Reset": "9" * 30}, 295, 300),
        ({"Retry-After": "99999999"}, 86_395, 86_400),
        ({}, 295, 300),
    ],
)
def test_throttled_says_when_to_come_back(
    bluesky: Network, between: Faults, account: Account, keys: Keys, headers: dict[str, str], least: int, most: int
) -> None:
    reset = headers.get("RateLimit-Reset", "")
    if reset[:1] in {"+", "-"}:
        headers = {"RateLimit-Reset": str(int(time.time()) + int(reset))}
    between.on(WRITE, Answer(429, {"error": "RateLimitExceeded"}, headers))
    with pytest.raises(Throttled) as throttled:
        bluesky.publish(account, POST, keys, Notebook())
    assert least <= (throttled.value.retry_at - dt.datetime.now(dt.UTC)).total_seconds() <= most


@pytest.mark.parametrize("fault", [Cut(), Answer(500), Answer(400), Answer(200, b"{}"), Drip()], ids=str)
def test_a_mention_that_can_not_be_resolved_holds_up_nothing(
    pds: Pds,
    bluesky: Network,
    between: Faults,
    person: Person,
    account: Account,
    keys: Keys,
    fault: Fault,
    impatient: Callable[[str], None],
) -> None:
    impatient(RESOLVE)
    between.on(RESOLVE, fault)
    bluesky.publish(account, Content(f"Con @{person.handle} a https://a.example"), keys, Notebook())
    [post] = pds.posts(person)
    assert [facet["features"][0]["$type"] for facet in post["value"]["facets"]] == ["app.bsky.richtext.facet#link"]


def test_what_a_server_says_back_never_holds_a_secret(
    bluesky: Network, between: Faults, person: Person, account: Account, keys: Keys
) -> None:
    seen: list[str] = []

    def said(name: str, call: Callable[[], Any]) -> None:
        between.on(name, Answer(403, {"error": "Forbidden", "message": f"you sent {person.app_password} and {token}"}))
        with pytest.raises(Refused) as refused:
            call()
        between.on(name, None)
        seen.append(str(refused.value) + repr(refused.value.__dict__))

    token = "?"
    said(SIGN_IN, lambda: bluesky.publish(account, POST, keys, Notebook()))
    bluesky.publish(account, POST, keys, Notebook())
    [session] = [slot.session for key, slot in publishing.sessions._slots.items() if key[0] == between.url]
    assert session
    token = session.access
    said(WRITE, lambda: bluesky.publish(account, POST, keys, Notebook()))
    assert all("you sent … and" in text for text in seen)
    assert all(secret not in text for text in seen for secret in (person.app_password, token))
    assert person.app_password not in repr(account) + repr(session)


def test_a_redirect_never_takes_the_password_elsewhere(
    pds: Pds, bluesky: Network, between: Faults, account: Account, keys: Keys
) -> None:
    with Faults(pds.url) as elsewhere:
        between.on(SIGN_IN, Answer(307, headers={"Location": f"{elsewhere.url}/xrpc/{SIGN_IN}"}))
        with pytest.raises(NotSent):
            bluesky.publish(account, POST, keys, Notebook())
        assert (between.calls, elsewhere.calls) == ([SIGN_IN], [])


@pytest.mark.parametrize(
    ("server", "code"),
    [
        ("http://93.184.215.14", "plain_http"),
        ("http://[2606:2800:21f::1]", "plain_http"),
        ("http://192.168.1.20:3000", "inside_address"),
        ("https://10.0.0.8", "inside_address"),
        ("ftp://a.example", "server_not_valid"),
        ("a.example", "server_not_valid"),
        ("https://", "server_not_valid"),
        ("http://[", "server_not_valid"),
        ("https://a:b@a.example", "server_not_valid"),
    ],
)
def test_a_server_that_would_leak_the_password_or_is_none_is_refused(
    bluesky: Network, person: Person, keys: Keys, server: str, code: str
) -> None:
    with pytest.raises(Refused) as refused:
        bluesky.publish(account_of(person, server), POST, keys, Notebook())
    assert refused.value.code == code


@pytest.mark.parametrize("body", [b'"' + b"x" * 6_000_000 + b'"', b"<html>Hello</html>", b"[1]", b'{"did": 5}'])
def test_an_answer_that_is_endless_or_none_is_not_called_late(
    bluesky: Network, between: Faults, account: Account, keys: Keys, body: bytes
) -> None:
    between.on(SIGN_IN, Answer(200, body))
    with pytest.raises(NotSent) as error:
        bluesky.publish(account, POST, keys, Notebook())
    assert error.value.code == "answer_not_readable"
