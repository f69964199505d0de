"""A thread, a first comment and what a network asks, typed into the composer: posts come and go without a script."""

from typing import Any

import pytest

from social.digest import content_of
from social.models import Channel, Media, Post
from social.services import create_channel
from tests.browsing import Staff, words
from tests.social.pictures import stored
from tests.social.test_admin_composer import _english, write  # noqa: F401 - a fixture
from tests.world import World


@pytest.fixture
def on_x(world: World) -> Channel:
    return create_channel(
        user=world.marta, client=world.winery, network="x", handle="roero", name="X", credentials={"access_token": "t"}
    )


@pytest.fixture
def photo(world: World, settings: Any, tmp_path: Any) -> Media:
    settings.MEDIA_ROOT = tmp_path
    return stored(world.vito, world.winery)


def sent(answer: Any, do: str) -> Any:
    """The form as the page gives it, sent back with this button."""
    form = answer.context["form"]
    data: dict[str, Any] = {"do": do, "channels": [channel.pk for channel in form.chosen()]}
    for name in form.fields:
        data[name] = form.typed(name)
    for thread in (form.thread(), *(row.thread for row in form.rows())):
        data[thread.count_name] = thread.count
        for part in thread.rows:
            data[part.name] = part.text
            chosen = [row for row in part.shelf if row.chosen]
            data |= {row.name: row.media.pk for row in chosen} | {row.place_name: row.place for row in chosen}
    return {name: value for name, value in data.items() if value not in ("", False, None)}


def test_posts_are_added_below_and_taken_out_again(world: World, photo: Media) -> None:
    vito = Staff(world.vito)
    answer = write(world, do="add_part|")
    assert "Post 2 of the thread" in words(answer)
    answer = vito.send("social_post_add", data={**sent(answer, "add_part|"), "part_1": "Secondo"})
    typed = {"part_2": "Terzo", "media_part_2": photo.pk, "comment": "Si prenota qui."}
    answer = vito.send("social_post_add", data={**sent(answer, "save"), **typed})
    post = Post.objects.get()
    (entry,) = content_of(post)["channels"]
    assert [(part["text"], len(part["media"])) for part in entry["parts"]] == [("Secondo", 0), ("Terzo", 1)]
    assert entry["comment"] == "Si prenota qui."
    # The second one out: the third, with its picture, takes its place. Nothing is saved by that.
    answer = vito.send("social_post_change", post.pk, data=sent(answer, "drop_part||1"))
    thread = answer.context["form"].thread()
    assert [(part.text, [row.media for row in part.shelf if row.chosen]) for part in thread.rows] == [
        ("Terzo", [photo])
    ]
    assert Post.objects.get().parts == ["Secondo", "Terzo"]
    answer = vito.send("social_post_change", post.pk, data=sent(answer, "save"))
    assert [part["text"] for part in content_of(Post.objects.get())["channels"][0]["parts"]] == ["Terzo"]


def test_each_post_is_counted_and_shown(world: World, on_x: Channel) -> None:
    answer = write(world, do="check", channels=[world.page.pk, on_x.pk], parts="1", part_1="à" * 290, comment="Ciao")
    shown = words(answer)
    assert "290 of 280 characters" in shown
    assert "290 of 500 characters" in shown
    assert "Post 2 of the thread is too long for X: 290 of 280." in shown


def test_a_channel_has_a_thread_of_its_own_or_none(world: World, on_x: Channel) -> None:
    channels = [world.page.pk, on_x.pk]
    pk = on_x.pk
    own = {f"own_parts_{pk}": "on", f"parts_{pk}": "0", f"own_comment_{pk}": "on", f"comment_{pk}": "Solo qui"}
    write(world, channels=channels, parts="1", part_1="Secondo", comment="Ovunque", **own)
    first, second = content_of(Post.objects.get())["channels"]
    assert ([part["text"] for part in first["parts"]], first["comment"]) == (["Secondo"], "Ovunque")
    assert ("parts" in second, second["comment"]) == (False, "Solo qui")
    # The button below a channel's own thread means that it has one.
    answer = write(world, channels=channels, do=f"add_part|_{pk}")
    row = answer.context["form"].rows()[-1]
    assert (row.own_parts.value(), row.thread.count) == (True, 1)


def test_what_a_network_asks_is_typed_beside_its_channel(world: World, on_x: Channel) -> None:
    pk = on_x.pk
    asked = {f"field_{pk}_replies": "verified", f"field_{pk}_made_with_ai": "on"}
    answer = write(world, channels=[pk], **asked)
    post = Post.objects.get()
    assert content_of(post)["channels"][0]["options"] == {"replies": "verified", "made_with_ai": True}
    assert "Who can reply Verified accounts" in words(answer)
    page = words(Staff(world.vito).open("social_post_change", post.pk))
    assert "What X asks beside" in page
    # Written again from the form as it stands, nothing changes.
    before = content_of(post)
    Staff(world.vito).send("social_post_change", post.pk, data=sent(answer, "save"))
    assert content_of(Post.objects.get()) == before


def test_a_thread_where_there_is_none_is_refused_where_it_stands(world: World) -> None:
    board = Channel.objects.create(client=world.winery, network="linkedin", handle="r", name="LinkedIn")
    answer = write(world, do="submit", channels=[board.pk], parts="1", part_1="Secondo")
    assert answer.context["form"].thread_errors() == [
        "LinkedIn: LinkedIn has no threads: put it into one post.",
    ]
    assert Post.objects.get().parts == ["Secondo"]  # it is kept as a draft
