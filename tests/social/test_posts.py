"""Writing posts: what can't be is refused with its field's name, and says why."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from accounts.errors import Conflict
from clients.models import Client
from social.digest import canonical, content_of, digest_of
from social.models import Post
from social.services import cancel_post, create_post, duplicate_post, edit_post, submit_post
from social.services.content_rows import VariantPlan
from social.services.posts import PostFields
from tests.world import World, sandbox


def refused(act: Callable[[], object]) -> list[tuple[str, str]]:
    """Which fields were refused, and with which codes."""
    with pytest.raises(ValidationError) as error:
        act()
    return sorted((field, e.code or "") for field, errors in error.value.error_dict.items() for e in errors)


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"text": "mezzo \ud83d carattere"}, [("text", "surrogate")]),
        ({"text": "nul \x00"}, [("text", "null_character")]),
        ({"title": "nul \x00"}, [("title", "null_character")]),
        ({"text": "a" * 100_001}, [("text", "max_length")]),
        ({"title": "a" * 201}, [("title", "max_length")]),
        ({"link": "javascript:alert(1)"}, [("link", "invalid")]),
        ({"publish_at": datetime(2020, 1, 1, tzinfo=UTC)}, [("publish_at", "past")]),
        ({"publish_at": datetime(2027, 3, 28, 2, 30)}, [("publish_at", "skipped_time")]),  # noqa: DTZ001
        ({"publish_at": datetime(2027, 10, 31, 2, 30)}, [("publish_at", "ambiguous_time")]),  # noqa: DTZ001
    ],
)
def test_what_can_not_be_written(world: World, fields: dict[str, Any], expected: list[tuple[str, str]]) -> None:
    assert refused(lambda: world.draft(**fields)) == expected
    assert not Post.objects.exists()


def test_any_script_and_emoji_stays_as_typed(world: World) -> None:
    text = "e\u0301 \u202bשלום\u202c 👨\u200d👩\u200d👧 🏴󠁧󠁢󠁳󠁣󠁴󠁿 ก็\r\nseconda riga"
    post = world.draft(text=text)
    assert Post.objects.get(pk=post.pk).text == text.replace("\r\n", "\n")


def test_nine_o_clock_stays_nine_o_clock_in_the_client_s_zone(world: World) -> None:
    winter = world.draft(publish_at=datetime(2027, 1, 15, 9, 0))  # noqa: DTZ001 - the wall's clock
    summer = world.draft(publish_at=datetime(2027, 7, 15, 9, 0))  # noqa: DTZ001
    assert winter.publish_at == datetime(2027, 1, 15, 8, 0, tzinfo=UTC)
    assert summer.publish_at == datetime(2027, 7, 15, 7, 0, tzinfo=UTC)
    assert winter.publish_zone == "Europe/Rome"


def test_another_client_s_things_do_not_exist(world: World) -> None:
    assert refused(lambda: world.draft(channels=[world.town_page])) == [("channels", "does_not_exist")]
    assert refused(lambda: world.draft(chain=world.town_chain)) == [("chain", "chain")]
    plan = VariantPlan(channel=world.town_page, text="x")
    assert refused(lambda: world.draft(variants=[plan])) == [("variants", "does_not_exist")]


@pytest.mark.parametrize("name", ["cliente", "nonna"])
def test_a_client_s_people_do_not_write(world: World, name: str) -> None:
    with pytest.raises(PermissionDenied):
        create_post(user=getattr(world, name), client=world.winery, text="x")
    with pytest.raises(PermissionDenied):
        edit_post(user=getattr(world, name), post=world.draft(), text="x")


@pytest.mark.parametrize("name", ["bruno", "carlo"])
def test_strangers_find_nothing(world: World, name: str) -> None:
    with pytest.raises(Client.DoesNotExist):
        edit_post(user=getattr(world, name), post=world.draft(), text="x")


def test_too_long_for_one_of_three_says_which_and_by_how_much(world: World) -> None:
    second, third = (sandbox(world.marta, world.winery, handle) for handle in ("due", "tre"))
    post = world.draft(channels=[world.page, second, third], variants=[VariantPlan(channel=second, text="vino " * 120)])
    with pytest.raises(ValidationError) as error:
        submit_post(user=world.vito, post=post)
    assert error.value.message_dict == {
        "text": ["Cantina Roero (prova): Too long for Sandbox: 600 of 500. This is where it is cut."]
    }
    post.refresh_from_db()
    assert (post.state, post.version) == ("draft", None)


def test_nothing_to_ask(world: World) -> None:
    assert refused(lambda: submit_post(user=world.vito, post=world.draft(channels=[]))) == [("channels", "required")]
    empty = refused(lambda: submit_post(user=world.vito, post=world.draft(text=" ")))
    assert [field for field, _code in empty] == ["text"]


def test_a_time_that_passed_while_writing(world: World) -> None:
    post = world.draft(publish_at=timezone.now() + timedelta(hours=1))
    Post.objects.filter(pk=post.pk).update(publish_at=timezone.now() - timedelta(minutes=1))
    assert refused(lambda: submit_post(user=world.vito, post=post)) == [("publish_at", "past")]


def test_a_double_click_submits_once(world: World) -> None:
    post = world.submitted()
    with pytest.raises(Conflict) as error:
        submit_post(user=world.vito, post=post)
    assert error.value.code == "not_a_draft"
    assert post.versions.count() == 1


def test_a_form_opened_yesterday(world: World) -> None:
    post = world.draft()
    edit_post(user=world.elena, post=post, text="Il testo di Elena", revision=1)
    with pytest.raises(Conflict) as error:
        edit_post(user=world.vito, post=post, text="Il testo di Vito", revision=1)
    assert error.value.code == "changed_meanwhile"
    post.refresh_from_db()
    assert (post.text, post.revision) == ("Il testo di Elena", 2)


def test_cancelled_is_over_and_can_be_duplicated(world: World) -> None:
    post = cancel_post(user=world.vito, post=world.submitted())
    assert post.state == "cancelled"
    with pytest.raises(Conflict):
        edit_post(user=world.vito, post=post, text="x")
    copy = duplicate_post(user=world.elena, post=post)
    assert (copy.state, copy.text, copy.author) == ("draft", post.text, world.elena)
    assert digest_of(content_of(copy)) == digest_of(content_of(post))


def test_the_digest_is_over_what_goes_out_and_nothing_else(world: World) -> None:
    post = world.draft(variants=[])
    seen = {digest_of(content_of(post))}
    changes: list[PostFields] = [{"text": "b"}, {"link": "https://example.org/"}, {"channels": []}]
    for fields in changes:
        edit_post(user=world.vito, post=post, **fields)
        seen.add(digest_of(content_of(Post.objects.get(pk=post.pk))))
    assert len(seen) == 4
    edit_post(user=world.vito, post=post, title="altro", publish_at=timezone.now() + timedelta(days=1))
    assert digest_of(content_of(Post.objects.get(pk=post.pk))) in seen


@given(st.text(alphabet=st.characters(blacklist_categories=["Cs"])))
def test_the_canonical_form_is_utf8_json_without_white_space(text: str) -> None:
    import json

    made = canonical({"b": [{"text": text}], "a": 1})
    assert json.loads(made) == {"a": 1, "b": [{"text": text}]}
    assert made.startswith(b'{"a":1,"b":[{"text":"')
