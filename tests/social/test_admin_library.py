"""The winery's pictures: added, described, kept from others."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from pytest_django import DjangoAssertNumQueries

from social.models import Media
from tests.browsing import Staff, words
from tests.social.pictures import png, stored
from tests.social.videos import video
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
    with django_assert_num_queries(9):
        vito.open("social_media_changelist")


def test_a_video_is_added_shown_and_given_captions_and_a_cover(world: World) -> None:
    vito, cover = Staff(world.vito), stored(world.vito, world.winery, "Copertina")
    film = SimpleUploadedFile("film.mp4", video("mp4"), "video/mp4")
    vito.send("social_media_add", data={"file": film, "alt_text": "La vendemmia"})
    media = Media.objects.get(kind="video")
    page = vito.open("social_media_change", media.pk).content.decode()
    assert f'<video class="filo-picture" src="/media/{media.pk}/"' in page
    assert f'src="/media/{media.pk}/still/"' in vito.open("social_media_changelist").content.decode()
    captions = SimpleUploadedFile("film.srt", b"1\n00:00:00,000 --> 00:00:01,000\nOggi si vendemmia.\n")
    words_of = {"alt_text": "La vendemmia", "captions": captions, "cover": cover.pk}
    vito.send("social_media_change", media.pk, data=words_of)
    media.refresh_from_db()
    assert (media.captions.splitlines()[2], media.cover) == ("Oggi si vendemmia.", cover)
    vito.send("social_media_change", media.pk, data={"alt_text": "La vendemmia", "no_captions": "on"})
    media.refresh_from_db()
    assert (media.captions, media.cover) == ("", None)


def test_captions_that_are_none_leave_everything_as_it_was(world: World) -> None:
    vito = Staff(world.vito)
    film = SimpleUploadedFile("film.mp4", video("mp4"), "video/mp4")
    vito.send("social_media_add", data={"file": film, "alt_text": "La vendemmia"})
    media = Media.objects.get()
    wrong = {"alt_text": "Altro", "captions": SimpleUploadedFile("film.srt", b"WEBVTT")}
    answer = vito.send("social_media_change", media.pk, data=wrong)
    assert "Caption 1 has no times such as 00:00:01,000 --&gt; 00:00:03,500." in answer.content.decode()
    media.refresh_from_db()
    assert media.alt_text == "La vendemmia"
