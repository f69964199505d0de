"""What is new between two versions."""

from typing import Any

import pytest

from approvals.rewording import Piece
from social.differences import Difference, differences
from social.digest import content_of
from social.services import edit_post
from tests.world import World, sandbox


def test_nothing_is_new_in_the_same_content(world: World) -> None:
    content = content_of(world.draft())
    assert differences(world.winery.pk, content, content) == []


def test_text_link_and_channels(world: World) -> None:
    post = world.draft()
    old = content_of(post)
    other = sandbox(world.marta, world.winery, "roero-bis")
    edit_post(
        user=world.vito, post=post, text="Oggi si beve.", link="https://example.org/", channels=[world.page, other]
    )
    post.refresh_from_db()
    found = differences(world.winery.pk, old, content_of(post))
    assert found == [
        Difference(
            channel="Cantina Roero (prova) · Sandbox",
            text=(
                Piece("same", "Oggi si "),
                Piece("removed", "vendemmia"),
                Piece("added", "beve"),
                Piece("same", "."),
            ),
            link=(Piece("added", "https://example.org/"),),
        ),
        Difference(channel="Cantina Roero (prova) · Sandbox", came=True),
    ]
    back = differences(world.winery.pk, content_of(post), old)
    assert [(entry.went, entry.came) for entry in back] == [(False, False), (True, False)]


def media(*pairs: tuple[str, str]) -> list[dict[str, Any]]:
    return [{"sha256": sha256, "mime": "image/png", "alt_text": alt_text} for sha256, alt_text in pairs]


@pytest.mark.parametrize(
    ("now", "came", "went", "moved"),
    [
        (media(("b", "Botte"), ("a", "Uva")), (), (), True),
        (media(("a", "Uva nera"), ("b", "Botte")), ("Uva nera",), ("Uva",), False),
        (media(("a", "Uva")), (), ("Botte",), False),
    ],
)
def test_pictures(world: World, now: list[Any], came: tuple[str, ...], went: tuple[str, ...], moved: bool) -> None:  # noqa: FBT001
    content = content_of(world.draft())
    (entry,) = content["channels"]
    old = {**content, "channels": [{**entry, "media": media(("a", "Uva"), ("b", "Botte"))}]}
    (found,) = differences(world.winery.pk, old, {**content, "channels": [{**entry, "media": now}]})
    assert (found.pictures_came, found.pictures_went, found.pictures_moved) == (came, went, moved)
