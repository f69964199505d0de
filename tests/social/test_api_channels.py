"""Channels, pictures, publications and the sandbox's page, by the API."""

import io
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from PIL import Image

from social.models import Channel, Media, Publication, SandboxPost
from social.services import add_media, checking, publishing, retire_channel
from tests.rest.caller import Caller, fields
from tests.rest.test_the_way import picture
from tests.world import World, sandbox

SECRET = "hunter2-hunter2"


def sent(world: World, **more: Any) -> dict[str, Any]:
    return {"client": world.winery.pk, "network": "bluesky", "handle": "roero.example", **more}


def test_credentials_go_in_and_never_come_out(world: World) -> None:
    marta = Caller(world.marta)
    made = marta.post("channels/", sent(world, credentials={"app_password": SECRET}, cadence_per_week=2.5))
    assert made["cadence_per_week"] == 2.5
    here = f"channels/{made['id']}/"
    told = [made, marta.get(here), marta.get("channels/"), marta.patch(here, {"credentials": {"app_password": SECRET}})]
    wrong = [
        marta.post("channels/", sent(world, credentials={"app_password": [SECRET]}), 400),
        marta.post("channels/", sent(world, credentials={"app_password": SECRET, "other": SECRET}), 400),
        marta.post("channels/", sent(world, credentials=SECRET), 400),
        marta.post("channels/", sent(world, credentials={"app_password": SECRET + "\x00"}), 400),
    ]
    assert [fields(problem)[0][0] for problem in wrong] == ["credentials"] * 4
    events = marta.get("events/", subject_type="channel")
    assert SECRET not in str([told, wrong, events])
    assert SECRET not in Channel.objects.get(pk=made["id"]).credentials


def test_credentials_that_come_after_the_channel_are_tried_by_themselves(world: World) -> None:
    marta = Caller(world.marta)
    here = f"channels/{marta.post('channels/', sent(world))['id']}/"
    before = marta.get(here)
    assert (before["status"], before["status_detail"], before["being_asked"]) == (
        "broken",
        "Non ancora collegato.",
        False,
    )
    told = marta.patch(here, {"credentials": {"app_password": SECRET}})
    assert (told["status"], told["status_detail"], told["being_asked"]) == ("connected", "", True)
    assert checking.hand_out_asked(timezone.now()) == [told["id"]]


@pytest.mark.parametrize(
    ("given", "field", "code"),
    [
        ({"network": "friendster"}, "network", "invalid_choice"),
        ({"handle": ""}, "handle", "blank"),
        ({"server": "not a url"}, "server", "invalid"),
        ({"server": "ftp://a.example"}, "server", "server_not_valid"),
        ({"server": "https://a:b@a.example"}, "server", "server_not_valid"),
        ({"server": "https://192.168.1.20"}, "server", "inside_address"),
        ({"server": "https://[::ffff:169.254.169.254]"}, "server", "inside_address"),
        ({"server": "http://93.184.215.14"}, "server", "plain_http"),
        ({"credentials": {}}, "credentials", "required"),
        ({"credentials": {"\ud800": "x"}}, "credentials", "invalid"),
        ({"cadence_per_week": -1}, "cadence_per_week", "min_value"),
        ({"cadence_per_week": 1e300}, "cadence_per_week", "max_value"),
        ({"cadence_per_week": 1.234}, "cadence_per_week", "max_decimal_places"),
        ({"cadence_per_week": "often"}, "cadence_per_week", "invalid"),
    ],
)
def test_what_a_channel_cannot_be(world: World, given: dict[str, Any], field: str, code: str) -> None:
    body = {**sent(world, credentials={"app_password": "x"}), **given}
    if "network" in given:
        body.pop("credentials")
    assert fields(Caller(world.marta).post("channels/", body, 400)) == [(field, code)]


def test_a_channel_stays_on_its_network_and_with_its_client(world: World) -> None:
    here, marta = f"channels/{world.page.pk}/", Caller(world.marta)
    assert fields(marta.patch(here, {"network": "bluesky"}, 400)) == [("network", "fixed")]
    assert fields(marta.patch(here, {"client": world.town.pk}, 400)) == [("client", "fixed")]
    assert marta.patch(here, {"name": "Vigna", "network": "sandbox"})["name"] == "Vigna"


def test_a_channel_is_asked_who_it_is_and_retired_once(world: World) -> None:
    marta = Caller(world.marta)
    away = sandbox(world.marta, world.winery, "lontana", behaviour="unavailable")
    here = f"channels/{away.pk}/"
    assert marta.post(f"{here}check/?wait=0", expect=200)["being_asked"] is True
    assert fields(marta.post(f"{here}check/?wait=11", expect=400)) == [("wait", "max_value")]
    checking.check(channel_id=away.pk)
    told = marta.get(here)
    assert told["being_asked"] is False
    assert (told["status"], told["status_detail"] != "", told["checked_at"]) == ("connected", True, None)
    assert marta.post(f"channels/{away.pk}/retire/", expect=200)["status"] == "retired"
    assert marta.post(f"channels/{away.pk}/retire/", expect=409)["code"] == "retired"
    assert marta.post(f"channels/{away.pk}/check/", expect=409)["code"] == "retired"
    assert marta.patch(f"channels/{away.pk}/", {"name": "x"}, 409)["code"] == "retired"


def upload(caller: Caller, world: World, file: Any, expect: int = 201, **more: Any) -> Any:
    return caller.post("media/", {"client": world.winery.pk, "file": file, **more}, expect, format="multipart")


def named(content: bytes, name: str = "foto.jpg") -> io.BytesIO:
    file = io.BytesIO(content)
    file.name = name
    return file


def test_a_picture_is_described_and_its_bytes_are_for_who_may_see_it(world: World, client: Client) -> None:
    vito = Caller(world.vito)
    made = upload(vito, world, picture(), alt_text="Filari")
    assert upload(vito, world, picture(), alt_text="Filari")["id"] == made["id"]
    described = vito.patch(f"media/{made['id']}/", {"alt_text": "Filari al tramonto"})
    assert (described["alt_text"], described["sha256"], described["duration"]) == (
        "Filari al tramonto",
        made["sha256"],
        None,
    )
    answer = vito.http.get(made["url"])
    assert (answer["Content-Type"], answer["X-Content-Type-Options"]) == ("image/png", "nosniff")
    assert len(b"".join(answer)) == made["size"]
    for stranger in (Caller(world.bruno), Caller(world.cliente), Caller(None)):
        assert stranger.http.get(made["url"]).status_code == 404
    stranger = Caller(None)
    stranger.http.credentials(HTTP_AUTHORIZATION="Token nonsense")
    assert stranger.http.get(made["url"]).status_code == 404


def bomb() -> bytes:
    """A small file that says it is 200 megapixels."""
    file = io.BytesIO()
    Image.new("1", (20_000, 10_000)).save(file, "PNG", optimize=True)
    return file.getvalue()


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (lambda: b"GIF89a, says the text", "not_a_picture"),
        (lambda: b"<svg xmlns='http://www.w3.org/2000/svg'/>", "not_a_picture"),
        (lambda: b"", "empty"),
        (bomb, "too_large"),
        (lambda: b"\xff" * (50 * 1024 * 1024), "too_heavy"),
    ],
)
def test_what_is_no_picture_for_us(world: World, content: Any, code: str) -> None:
    assert fields(upload(Caller(world.vito), world, named(content()), 400)) == [("file", code)]
    assert not Media.objects.exists()


def test_a_picture_comes_as_a_form(world: World) -> None:
    vito = Caller(world.vito)
    assert fields(vito.post("media/", {"client": world.winery.pk, "file": "x"}, 400, format="multipart")) == [
        ("file", "invalid")
    ]
    assert fields(upload(vito, world, picture(), 400, alt_text="x" * 1501)) == [("alt_text", "max_length")]
    foreign = {"client": world.town.pk, "file": picture()}
    assert fields(vito.post("media/", foreign, 400, format="multipart")) == [("client", "does_not_exist")]
    assert vito.post("media/", {"client": world.winery.pk}, 415)["code"] == "unsupported_media_type"
    Caller(world.cliente).post("media/", {"client": world.winery.pk, "file": picture()}, 403, format="multipart")


def test_what_failed_is_sent_again_by_a_person(world: World) -> None:
    publication = world.due()
    Channel.objects.get(pk=world.page.pk)
    Caller(world.marta).patch(f"channels/{world.page.pk}/", {"credentials": {"behaviour": "refuse"}})
    publishing.publish(publication_id=publication.pk)
    here, vito = f"publications/{publication.pk}/", Caller(world.vito)
    failed = vito.get(here)
    assert (failed["state"], [attempt["outcome"] for attempt in failed["attempts"]]) == ("failed", ["refused"])
    Caller(world.marta).patch(f"channels/{world.page.pk}/", {"credentials": {}})
    assert vito.post(here + "retry/", expect=200)["state"] == "scheduled"
    assert vito.post(here + "retry/", expect=409)["code"] == "not_retryable"
    publishing.publish(publication_id=publication.pk)
    assert vito.get(here)["state"] == "published"
    assert vito.post(here + "cancel/", expect=409)["code"] == "not_cancellable"


def test_a_person_says_what_became_of_an_uncertain_one(world: World) -> None:
    publication = world.due()
    for state in ("publishing", "unknown"):
        Publication.objects.filter(pk=publication.pk).update(state=state)
    here, vito = f"publications/{publication.pk}/resolve/", Caller(world.vito)
    assert fields(vito.post(here, {}, 400)) == [("outcome", "required")]
    assert fields(vito.post(here, {"outcome": "perhaps"}, 400)) == [("outcome", "invalid_choice")]
    wrong = vito.post(here, {"outcome": "published", "permalink": "javascript:alert(1)"}, 400)
    assert fields(wrong) == [("permalink", "invalid")]
    told = vito.post(here, {"outcome": "published", "permalink": "https://example.org/1"}, 200)
    assert (told["state"], told["permalink"]) == ("published", "https://example.org/1")
    assert vito.post(here, {"outcome": "not_published"}, 409)["code"] == "not_unknown"


def test_the_sandbox_page_is_for_the_clients_people(world: World, client: Client) -> None:
    publication = world.due(text="Oggi <b>si</b> vendemmia.", link="https://example.org/")
    publishing.publish(publication_id=publication.pk)
    entry = SandboxPost.objects.get()
    address = "/sandbox/cantina-roero/"
    assert client.get(address).status_code == 302
    assert client.get(address, {"format": "json"}).status_code == 401
    for insider in (world.vito, world.cliente, world.ada):
        client.force_login(insider)
        page = client.get(address).content.decode()
        assert f'id="{entry.pk}"' in page
        assert "Oggi &lt;b&gt;si&lt;/b&gt; vendemmia." in page
        assert "Cantina Roero" in page
        assert "#7A1F3D" in page
        [told] = Caller(insider).http.get(address, {"format": "json"}).json()
        assert {"id", "text", "media", "published_at"} <= set(told)
        assert (told["text"], told["published_at"][-6:]) == ("Oggi <b>si</b> vendemmia.", "+01:00")
    for stranger in (world.bruno, world.carlo):
        client.force_login(stranger)
        assert client.get(address).status_code == 404
        assert client.get(address, {"format": "json"}).status_code == 404
    assert client.get("/sandbox/nobody/").status_code == 404


def test_a_handle_taken_over_shows_nothing_of_who_had_it_before(world: World) -> None:
    publishing.publish(publication_id=world.due(text="Della cantina").pk)
    retire_channel(user=world.marta, channel=world.page)
    sandbox(world.bruno, world.town, "cantina-roero")
    address = "/sandbox/cantina-roero/"
    assert Caller(world.bruno).http.get(address, {"format": "json"}).json() == []
    [told] = Caller(world.vito).http.get(address, {"format": "json"}).json()
    assert told["text"] == "Della cantina"


def test_pictures_on_the_sandbox_page_have_their_words(world: World, client: Client) -> None:
    media = add_media(user=world.vito, client=world.winery, file=picture(), alt_text="Filari al tramonto")
    publishing.publish(publication_id=world.due(media=[media]).pk)
    client.force_login(world.cliente)
    page = client.get("/sandbox/cantina-roero/").content.decode()
    assert 'alt="Filari al tramonto"' in page
    assert f"/media/{media.pk}/" in page
