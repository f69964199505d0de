"""Labels and pillars of posts: made by managers and editors, named once, and never changed behind an approval's back."""

from datetime import timedelta
from importlib import import_module
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import Error, connection, transaction
from django.utils import timezone

from audit.models import Event
from clients.models import Client
from notifications.models import Notification
from social.models import Label, Post, PostState, PostWriter
from social.services import (
    create_label,
    create_post,
    duplicate_post,
    edit_label,
    edit_post,
    submit_post,
    withdraw_post,
)
from strategy.models import Pillar
from strategy.services import create_pillar, edit_pillar
from tests.world import World, approve, review_of


def label(world: World, name: str = "Prezzi") -> Label:
    return create_label(user=world.elena, client=world.winery, name=name)


def pillar(world: World, name: str = "Vigna") -> Pillar:
    return create_pillar(user=world.elena, client=world.winery, name=name)


def codes(error: ValidationError) -> list[tuple[str, str]]:
    return [(field, one.code or "") for field, errors in error.error_dict.items() for one in errors]


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("", "required"),
        ("  \t", "required"),
        ("a" * 61, "max_length"),
        ("due\nrighe", "line_break"),
        ("due\u2028righe", "line_break"),
        ("nul\x00la", "line_break"),
        ("mezzo \ud83d", "line_break"),
        ("uno, due", "comma"),
        ("prezzi", "unique"),
        (" PREZZI ", "unique"),
    ],
)
def test_a_name_that_can_not_be(world: World, name: str, code: str) -> None:
    label(world)
    with pytest.raises(ValidationError) as error:
        label(world, name)
    assert codes(error.value) == [("name", code)]
    assert Label.objects.count() == 1


def test_a_name_is_the_same_however_it_is_typed_and_another_client_s_is_free(world: World) -> None:
    assert label(world, "  Novita\u0300 di s\u0323  ").name == "Novità di ṣ"
    assert label(world, "a" * 60).name == "a" * 60
    create_label(user=world.bruno, client=world.town, name="Novità di ṣ")
    assert pillar(world, "Casa, famiglia").name == "Casa, famiglia"


@pytest.mark.parametrize(
    ("who", "refused"),
    [
        ("ada", None),
        ("marta", None),
        ("elena", None),
        ("vito", PermissionDenied),
        ("cliente", PermissionDenied),
        ("nonna", PermissionDenied),
        ("bruno", Client.DoesNotExist),
        ("carlo", Client.DoesNotExist),
    ],
)
def test_managers_and_editors_keep_them(world: World, who: str, refused: type[Exception] | None) -> None:
    user, kept = getattr(world, who), label(world)
    tries: list[Any] = [
        lambda: create_label(user=user, client=world.winery, name="Altro"),
        lambda: edit_label(user=user, label=kept, retired=True),
    ]
    for act in tries:
        if refused is None:
            act()
        else:
            with pytest.raises(refused):
                act()
    kept.refresh_from_db()
    assert (Label.objects.count(), kept.retired) == ((2, True) if refused is None else (1, False))


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE social_label SET name = 'Altro'",
        "UPDATE social_label SET client_id = (SELECT id FROM clients_client WHERE slug = 'alba')",
        "DELETE FROM social_label",
        "UPDATE strategy_pillar SET name = 'Altro'",
        "DELETE FROM strategy_pillar",
        "INSERT INTO social_label (client_id, name, created_at, updated_at) SELECT client_id, 'a,b', now(), now() FROM social_label",
        "INSERT INTO social_label (client_id, name, created_at, updated_at) SELECT client_id, 'PREZZI', now(), now() FROM social_label",
        "UPDATE social_postwriter SET user_id = user_id",
        "DELETE FROM social_postwriter",
        "TRUNCATE social_postwriter",
    ],
)
def test_the_database_refuses_it_whoever_asks(world: World, statement: str) -> None:
    world.draft(labels=[label(world)], pillar=pillar(world))
    with pytest.raises(Error), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert (Label.objects.get().name, Pillar.objects.get().name, PostWriter.objects.count()) == ("Prezzi", "Vigna", 1)


def test_what_is_retired_stays_where_it_is_and_is_not_newly_chosen(world: World) -> None:
    prices, vines = label(world), pillar(world)
    post = world.draft(labels=[prices], pillar=vines)
    prices = edit_label(user=world.marta, label=prices, retired=True)
    vines = edit_pillar(user=world.marta, pillar=vines, retired=True)
    edit_post(user=world.vito, post=post, title="Altro", labels=[prices], pillar=vines)
    assert list(post.labels.all()) == [prices]
    for fields in ({"labels": [prices]}, {"pillar": vines}):
        with pytest.raises(ValidationError) as error:
            world.draft(**fields)
        assert codes(error.value) == [(next(iter(fields)), "retired")]
    # The copy has them too: nobody is asked less for it.
    copy = duplicate_post(user=world.elena, post=Post.objects.get(pk=post.pk))
    assert (list(copy.labels.all()), copy.pillar) == ([prices], vines)
    world.draft(labels=[edit_label(user=world.elena, label=prices, retired=False)])


def test_another_client_s_do_not_exist(world: World) -> None:
    theirs = create_label(user=world.bruno, client=world.town, name="Prezzi")
    their_pillar = create_pillar(user=world.bruno, client=world.town, name="Vigna")
    for fields in ({"labels": [theirs]}, {"pillar": their_pillar}):
        with pytest.raises(ValidationError) as error:
            world.draft(**fields)
        assert codes(error.value) == [(next(iter(fields)), "does_not_exist")]
    assert not Post.objects.exists()


@pytest.mark.parametrize("what", ["labels", "pillar"])
@pytest.mark.parametrize("state", ["in_review", "approved", "scheduled", "late"])
def test_a_change_of_what_decides_who_is_asked_takes_the_approval_back(world: World, what: str, state: str) -> None:
    soon = timezone.now() + timedelta(hours=1)
    if state in {"in_review", "late"}:
        post = world.submitted(publish_at=soon)
        approve(post, world.elena)
    else:
        post = world.approved(**({"publish_at": soon} if state == "scheduled" else {}))
    if state == "late":
        Post.objects.filter(pk=post.pk).update(state="late")
    post.refresh_from_db()
    assert post.state == state
    review, digest = review_of(post), review_of(post).digest
    asked_anew: Any = {"labels": [label(world)]} if what == "labels" else {"pillar": pillar(world)}
    # Elena sorts it: she wrote nothing, so Vito is still its author.
    edited = edit_post(user=world.elena, post=post, **asked_anew)
    assert (edited.state, edited.version, edited.review, edited.written_by) == ("draft", None, None, world.vito)
    review.refresh_from_db()
    assert review.state == "superseded"
    assert [row.state for row in post.publications.all()] == (["cancelled"] if state == "scheduled" else [])
    assert Event.objects.get(verb="review.superseded").data == {"because": "sorted"}
    assert Notification.objects.filter(kind="superseded", context__review=review.pk).exists()
    event = Event.objects.filter(verb="post.edited", subject_id=post.pk).latest("seq")
    assert event.data == {
        "fields": [what],
        "content_changed": False,
        "pillar": "Vigna" if what == "pillar" else None,
        "labels": ["Prezzi"] if what == "labels" else [],
    }
    again = submit_post(user=world.vito, post=edited)
    assert again.version is not None
    assert (again.version.number, again.version.digest, again.version.author) == (1, digest, world.vito)
    assert review_of(again).round == 2


def test_what_changes_nothing_takes_nothing_back(world: World) -> None:
    prices, vines = label(world), pillar(world)
    post = world.approved(labels=[prices], pillar=vines)
    same = edit_post(user=world.vito, post=post, labels=[prices, prices], pillar=vines, title="Altro titolo")
    assert (same.state, same.review) == (PostState.APPROVED, post.review)
    draft = withdraw_post(user=world.vito, post=same)
    edited = edit_post(user=world.vito, post=draft, labels=[])
    assert (edited.state, edited.version) == (PostState.DRAFT, draft.version)


def test_who_wrote_anything_is_remembered(world: World) -> None:
    post = world.draft()
    edit_post(user=world.elena, post=post, text="Oggi si vendemmia, finalmente.")
    edit_post(user=world.marta, post=post, title="Il titolo non esce")
    edit_post(user=world.vito, post=post, text="Oggi si vendemmia!")
    assert set(post.writers.values_list("user_id", flat=True)) == {world.vito.pk, world.elena.pk}
    copy = duplicate_post(user=world.marta, post=post)
    assert set(copy.writers.values_list("user_id", flat=True)) == {world.marta.pk}


def test_a_stranger_s_post_keeps_its_labels(world: World) -> None:
    post = create_post(user=world.bruno, client=world.town, text="x")
    with pytest.raises(Client.DoesNotExist):
        edit_post(user=world.marta, post=post, labels=[])


def test_who_wrote_before_this_was_kept_is_found_again(world: World) -> None:
    post = world.submitted()
    edit_post(user=world.elena, post=post, text="Oggi si vendemmia, finalmente.")
    edit_post(user=world.marta, post=post, title="Il titolo non esce")
    edit_post(user=world.vito, post=post, text="Oggi si vendemmia!")
    world.town_post()
    kept = set(PostWriter.objects.values_list("post_id", "client_id", "user_id"))
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute("DELETE FROM social_postwriter")
        cursor.execute("SET LOCAL session_replication_role = origin")
        cursor.execute(import_module("social.migrations.0003_posts_writers").FILL)
    assert set(PostWriter.objects.values_list("post_id", "client_id", "user_id")) == kept
    assert len(kept) == 3
