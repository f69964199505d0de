"""The winery's pictures: added, described, kept from others."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from pytest_django import DjangoAssertNumQueries

from social.models import Media
from tests.browsing import Staff, words
from tests.social.pictures import png, stored
from tests.world import World


@pytest.fixture(autouse=True)
def _english(world: World) -> None:
    world.vito.language = "en"
    world.vito.save(update_fields=["language"])


def test_a_picture_is_added_and_described(world: World) -> None:
    vito = Staff(world.vito)
    vito.send("social_media_add", data={"file": png(), "alt_text": "Grappoli"})
    media = Media.objects.get()
    assert (media.client, media.alt_text, media.added_by) == (world.winery, "Grappoli", world.vito)
    vito.send("social_media_change", media.pk, data={"alt_text": "Grappoli al sole"})
    media.refresh_from_db()
    assert media.alt_text == "Grappoli al sole"
    assert "Grappoli al sole" in words(vito.open("social_media_changelist"))


@pytest.mark.parametrize(
    ("file", "said"),
    [
        (None, "This field is required."),
        (SimpleUploadedFile("x.png", b""), "The submitted file is empty."),
        (SimpleUploadedFile("x.png", b"GIF89a but not really"), "This is not a picture or video we can use"),
    ],
)
def test_bad_files(world: World, file: SimpleUploadedFile | None, said: str) -> None:
    data = {"alt_text": "Parole mie", **({"file": file} if file else {})}
    answer = Staff(world.vito).send("social_media_add", data=data)
    assert said in words(answer)
    assert answer.context["form"]["alt_text"].value() == "Parole mie"
    assert not Media.objects.exists()


def test_another_clients_picture_does_not_exist(world: World) -> None:
    media = stored(world.bruno, world.town, "CANARINO")
    vito = Staff(world.vito)
    assert vito.open("social_media_change", media.pk).status_code == 404
    assert vito.send("social_media_change", media.pk, data={"alt_text": "mio"}).status_code == 404
    assert "CANARINO" not in vito.open("social_media_changelist").content.decode()
    assert "CANARINO" in Staff(world.bruno).open("social_media_changelist").content.decode()


@pytest.mark.parametrize("rows", [1, 3])
def test_the_library_asks_a_fixed_number_of_times(
    world: World, rows: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(rows):
        stored(world.vito, world.winery, f"{number}", f"#00000{number}")
    vito = Staff(world.vito)
    vito.open("social_media_changelist")
    with django_assert_num_queries(11):
        vito.open("social_media_changelist")
