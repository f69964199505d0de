"""A POST that is sent again with its key: given the first answer, done once. What the tables of the contract don't hold."""

import json
from datetime import timedelta
from io import BytesIO
from typing import Any
from unittest.mock import ANY

import pytest
from django.http import HttpResponse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries
from rest_framework.test import APIClient

from accounts.models import ApiToken
from accounts.sealing import seal, unseal
from clients.models import Membership
from rest import services
from rest.models import KeptAnswer
from rest.tasks import forget_old_answers
from social.models import Media, Post
from tests.rest.caller import BASE, PROBLEM, Caller
from tests.rest.test_the_way import picture
from tests.world import World, review_of, sandbox, token

OTHER = {"other": 1}


def post(caller: APIClient, path: str, body: Any, key: str = "k", **options: Any) -> Any:
    """The answer as it is."""
    return caller.post(BASE + path, body, headers={"Idempotency-Key": key}, **options)


def told(answer: HttpResponse) -> tuple[int, str, str]:
    """Its status, its code, and which field it names, once it is none of the first ones again."""
    assert "Idempotency-Replayed" not in answer
    problem = json.loads(answer.content)
    return answer.status_code, problem["code"], problem.get("errors", [{"field": ""}])[0]["field"]


def test_the_first_answer_again_whole_and_nothing_in_clear(world: World) -> None:
    http = Caller(world.vito).http
    body = {"client": world.winery.pk, "text": "Kanarienvogel"}
    first = post(http, "posts/", body)
    spaced = json.dumps(dict(reversed(body.items())), indent=3)
    again = http.generic("POST", f"{BASE}posts/", spaced, "application/json", headers={"Idempotency-Key": "k"})
    assert (again.status_code, again.content, again["Idempotency-Replayed"]) == (201, first.content, "true")
    names = ("Content-Type", "Location", "ETag")
    assert [again[name] for name in names] == [first[name] for name in names]
    assert Post.objects.count() == 1
    kept = KeptAnswer.objects.get()
    assert "anarienvogel" not in str(vars(kept))
    # The same key asks nothing else: not with another body, not elsewhere, not with another question.
    for path, sent in [("posts/", {**body, "text": "x"}), ("pillars/", body), ("posts/?x=1", body)]:
        assert told(post(http, path, sent)) == (409, "key_reused", "Idempotency-Key")
    # Without it, or with another one, it is another post.
    assert http.post(f"{BASE}posts/", body).status_code == post(http, "posts/", body, "K").status_code == 201
    assert Post.objects.count() == 3


def test_keys_are_each_tokens_own(world: World) -> None:
    body = {"client": world.winery.pk, "text": "Ciao."}
    vito, other, marta = (
        APIClient(HTTP_AUTHORIZATION=f"Token {token(user)}") for user in (world.vito, world.vito, world.marta)
    )
    ids = {post(http, "posts/", body).json()["id"] for http in (vito, other, marta, vito, other, marta)}
    assert ids == set(Post.objects.values_list("pk", flat=True))
    assert len(ids) == 3
    # Who may no longer ask is told so first, whatever is kept.
    ApiToken.objects.filter(user=world.vito).update(read_only=True)
    assert told(post(vito, "posts/", body)) == (403, "permission_denied", "")
    ApiToken.objects.update(revoked_at=timezone.now())
    assert told(post(vito, "posts/", body)) == (401, ANY, "")


@pytest.mark.parametrize(
    ("key", "code"), [("", "blank"), ("k" * 256, "max_length"), ("chiavé", "not_ascii"), ("a\tb", "not_ascii")]
)
def test_what_is_no_key(world: World, key: str, code: str) -> None:
    body = {"client": world.winery.pk, "text": "Ciao."}
    answer = post(Caller(world.vito).http, "posts/", body, key)
    assert (answer.status_code, [(e["field"], e["code"]) for e in answer.json()["errors"]]) == (
        400,
        [("Idempotency-Key", code)],
    )
    assert not Post.objects.exists()
    assert post(Caller(world.vito).http, "posts/", body, '"' + "k" * 253 + '"').status_code == 201


def test_refusals_are_repeated_where_who_asks_is_not_the_reason(world: World) -> None:
    elena, draft = Caller(world.elena), world.draft(channels=[])
    refused = post(elena.http, f"posts/{draft.pk}/submit/", {})
    Caller(world.vito).patch(f"posts/{draft.pk}/", {"channels": [world.page.pk]})
    again = post(elena.http, f"posts/{draft.pk}/submit/", {})
    assert (again.status_code, again.content, again["Content-Type"]) == (400, refused.content, PROBLEM)
    assert post(elena.http, f"posts/{draft.pk}/submit/", {}, "another try").status_code == 200
    # A role that was given meanwhile counts at once, and so does a thing that was not there.
    nowhere = post(elena.http, "posts/999/submit/", {}, "nowhere")
    assert told(nowhere)[0] == 404
    pillar = {"client": world.winery.pk, "name": "Vigna"}
    membership = Membership.objects.filter(user=world.vito)
    membership.update(role="viewer")
    vito = Caller(world.vito).http
    assert told(post(vito, "pillars/", pillar))[0] == 403
    membership.update(role="editor")
    assert post(vito, "pillars/", pillar).status_code == 201
    assert sorted(KeptAnswer.objects.values_list("token__user__email", flat=True)) == [
        *["elena@filo.example"] * 2,
        "vito@filo.example",
    ]


def test_what_was_taken_from_somebody_is_not_shown_again(world: World) -> None:
    http, body = Caller(world.vito).http, {"client": world.winery.pk, "text": "Ciao."}
    post(http, "posts/", body)
    Membership.objects.create(user=world.vito, client=world.town, role="author")
    assert post(http, "posts/", body).status_code == 201
    Membership.objects.filter(user=world.vito, client=world.winery).delete()
    assert told(post(http, "posts/", body)) == (409, "roles_changed", "Idempotency-Key")
    assert Post.objects.count() == 1


def test_a_day_by_the_clock(world: World) -> None:
    http, body = Caller(world.vito).http, {"client": world.winery.pk, "text": "Ciao."}
    first = post(http, "posts/", body).json()["id"]

    def aged(**age: int) -> None:
        KeptAnswer.objects.update(began_at=timezone.now() - timedelta(**age))

    aged(hours=23, minutes=59)
    forget_old_answers()
    assert post(http, "posts/", body).json()["id"] == first
    aged(hours=24)
    second = post(http, "posts/", body)  # also where nobody has swept yet
    assert (second.json()["id"] != first, "Idempotency-Replayed" in second) == (True, False)
    assert KeptAnswer.objects.get().began_at > timezone.now() - timedelta(minutes=1)
    aged(hours=24)
    forget_old_answers()
    assert not KeptAnswer.objects.exists()


def test_a_form_is_what_it_holds_not_how_it_is_wrapped(world: World) -> None:
    http = Caller(world.vito).http

    def send(colour: str = "#7A1F3D", name: str = "vigna.png", **words: str) -> Any:
        file = BytesIO(picture(colour=colour).getvalue())
        file.name = name
        form = {"client": world.winery.pk, "file": file, "alt_text": "Filari", **words}
        return post(http, "media/", form, format="multipart")

    first = send()
    assert (first.status_code, send().content) == (201, first.content)
    for other in (send(colour="#000000"), send(name="altra.png"), send(alt_text="Altro")):
        assert told(other) == (409, "key_reused", "Idempotency-Key")
    assert Media.objects.count() == 1
    # What can't be read is no request yet: nothing is kept of it.
    bad = http.generic("POST", f"{BASE}posts/", "{", "application/json", headers={"Idempotency-Key": "bad"})
    assert told(bad)[0] == 400
    kind = http.generic("POST", f"{BASE}posts/", "a", "text/plain", headers={"Idempotency-Key": "bad"})
    assert told(kind)[0] == 415


def test_what_broke_on_our_side_is_not_kept(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    http, body = Caller(world.vito).http, {"client": world.winery.pk, "text": "Ciao."}
    with monkeypatch.context() as broken:
        broken.setattr("rest.views.Resource.answer", lambda *_a, **_k: 1 / 0)
        assert told(post(http, "posts/", body)) == (500, "error", "")
    assert not Post.objects.exists()  # done, and taken back with the answer
    assert post(http, "posts/", body).status_code == 201


def test_what_is_too_large_to_keep_or_sealed_with_a_lost_key_is_not_done_twice(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    http, body = Caller(world.vito).http, {"client": world.winery.pk, "text": "Ciao."}
    with monkeypatch.context() as small:
        small.setattr(services, "MOST_BYTES", 10)
        assert post(http, "posts/", body).status_code == 201
    assert told(post(http, "posts/", body)) == (409, "answer_not_kept", "Idempotency-Key")
    assert told(post(http, "posts/", {**body, **OTHER})) == (409, "key_reused", "Idempotency-Key")
    KeptAnswer.objects.update(sealed="gAAAA")
    assert told(post(http, "posts/", body)) == (409, "answer_not_kept", "Idempotency-Key")
    assert Post.objects.count() == 1


def test_what_commits_more_than_once_is_claimed_before(world: World) -> None:
    review, http = review_of(world.submitted()), Caller(world.elena).http
    body = {"reviews": [{"id": review.pk, "digest": review.digest}]}
    first = post(http, "reviews/approve/", body)
    assert first.json()["results"][0]["approved"]
    assert post(http, "reviews/approve/", body).content == first.content
    # What was refused, or not found, before anything was done frees its key.
    page = f"channels/{world.page.pk}/check/?wait=0"
    assert told(post(Caller(world.bruno).http, page, {}, "free"))[0] == 404
    assert KeptAnswer.objects.count() == 1
    KeptAnswer.objects.update(ended_at=None, sealed=seal({**unseal(KeptAnswer.objects.get().sealed), "said": None}))
    busy = post(http, "reviews/approve/", body)
    assert (told(busy), busy["Retry-After"]) == ((409, "in_progress", "Idempotency-Key"), "1")
    KeptAnswer.objects.update(began_at=timezone.now() - services.PATIENCE)
    assert told(post(http, "reviews/approve/", body)) == (409, "broken_off", "Idempotency-Key")


@pytest.mark.parametrize("many", [1, 3])
def test_it_costs_the_same_however_much_there_is(
    world: World, django_assert_num_queries: DjangoAssertNumQueries, many: int
) -> None:
    http = Caller(world.marta).http
    channels = [sandbox(world.marta, world.winery, f"altra-{number}").pk for number in range(many)]
    body = {"client": world.winery.pk, "text": "Ciao.", "channels": channels}
    made = [post(http, "posts/", body, f"{number}") for number in range(many)]
    with django_assert_num_queries(6):
        assert post(http, "posts/", body, "0").content == made[0].content
    with django_assert_num_queries(5):
        assert http.get(f"{BASE}posts/{made[0].json()['id']}/")["ETag"] == made[0]["ETag"]
