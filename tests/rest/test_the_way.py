"""One post's whole way, by the API alone."""

import hashlib
import io
from datetime import timedelta

from django.utils import timezone
from PIL import Image

from social.models import Publication
from social.services import publishing
from tests.rest.caller import Caller
from tests.world import World


def picture(size: tuple[int, int] = (60, 40), colour: str = "#7A1F3D") -> io.BytesIO:
    """A PNG as somebody sends it."""
    sent = io.BytesIO()
    Image.new("RGB", size, colour).save(sent, "PNG")
    sent.seek(0)
    sent.name = "vigna.png"
    return sent


def test_a_post_goes_its_whole_way_by_the_api(world: World) -> None:
    marta, vito = Caller(world.marta), Caller(world.vito)
    elena, cliente = Caller(world.elena), Caller(world.cliente)

    sent = {"client": world.winery.pk, "network": "sandbox", "handle": "@roero-api", "credentials": {"behaviour": "ok"}}
    channel = marta.post("channels/", sent)
    assert (channel["handle"], channel["name"], channel["status"]) == ("roero-api", "roero-api", "connected")
    assert "credentials" not in channel
    asked = marta.post(f"channels/{channel['id']}/check/?wait=0", expect=200)
    assert (asked["status"], asked["being_asked"]) == ("connected", True)  # no worker is there to ask
    form = {"client": world.winery.pk, "file": picture(), "alt_text": "Filari al tramonto"}
    media = vito.post("media/", form, format="multipart")
    assert (media["width"], media["height"], media["kind"]) == (60, 40, "image")

    publish_at = timezone.now().replace(microsecond=0) + timedelta(minutes=5)
    post = vito.post(
        "posts/",
        {
            "client": world.winery.pk,
            "title": "Vendemmia",
            "text": "Oggi si vendemmia.",
            "channels": [channel["id"]],
            "media": [media["id"]],
            "publish_at": publish_at.isoformat(),
        },
    )
    assert (post["state"], post["version"], post["review"], post["author"]) == (
        "draft",
        None,
        None,
        "vito@filo.example",
    )
    here = f"posts/{post['id']}/"
    assert vito.get(here + "preflight/") == [
        {
            "channel": channel["id"],
            "ok": True,
            "used": 18,
            "limit": 500,
            "unit": "graphemes",
            "cut_at": None,
            "dollars": 0.0,
            "problems": [],
        }
    ]
    submitted = vito.post(here + "submit/", expect=200)
    assert (submitted["state"], submitted["version"]) == ("in_review", 1)
    assert submitted["digest"] == post["digest"]
    assert [version["digest"] for version in vito.get(here + "versions/")["results"]] == [post["digest"]]

    after = submitted
    review = f"reviews/{submitted['review']}/"
    for caller in (elena, marta, cliente):
        waiting = caller.get("reviews/", waiting_for="me")["results"]
        assert [found["id"] for found in waiting] == [submitted["review"]]
        after = caller.post(review + "approve/", {"digest": waiting[0]["digest"]}, expect=200)
        assert caller.get("reviews/", waiting_for="me")["results"] == []
    assert after["state"] == "approved"
    decisions = [step["seats"][0]["decision"] for step in after["steps"]]
    assert [(decision["by"], decision["verdict"], decision["via"]) for decision in decisions] == [
        ("elena@filo.example", "approve", "api"),
        ("marta@filo.example", "approve", "api"),
        ("cliente@filo.example", "approve", "api"),
    ]
    assert vito.get(here)["state"] == "scheduled"

    [waiting] = vito.get("publications/", post=post["id"])["results"]
    assert (waiting["state"], waiting["due_at"]) == ("scheduled", submitted["publish_at"])
    Publication.objects.filter(pk=waiting["id"]).update(due_at=timezone.now(), wake_at=timezone.now())
    publishing.publish(publication_id=waiting["id"])
    published = vito.get(f"publications/{waiting['id']}/")
    assert (published["state"], [attempt["outcome"] for attempt in published["attempts"]]) == (
        "published",
        ["published"],
    )
    assert published["permalink"].endswith(f"/sandbox/roero-api/#{published['remote_id']}")
    assert vito.get(here)["state"] == "published"

    page = vito.http.get("/sandbox/roero-api/", {"format": "json"}).json()
    assert [(entry["id"], entry["text"], entry["media"][0]["alt_text"]) for entry in page] == [
        (int(published["remote_id"]), "Oggi si vendemmia.", "Filari al tramonto")
    ]
    bytes_back = b"".join(vito.http.get(page[0]["media"][0]["url"]))
    assert hashlib.sha256(bytes_back).hexdigest() == media["sha256"] == page[0]["media"][0]["sha256"]
    events = marta.get("events/", client=world.winery.pk, page_size=200)["results"]
    story = [event["verb"] for event in events if event["at"] >= channel["updated_at"]][-7:]
    assert story == [
        "post.version",
        "review.started",
        "review.approved",
        "review.approved",
        "review.approved",
        "post.scheduled",
        "publication.published",
    ]
    assert {event["digest"] for event in events[-7:]} == {post["digest"]}
    assert {len(event["hash"]) for event in events} == {64}
