"""What is gathered of a real review, and for whom."""

import hashlib
import io
import json
from datetime import timedelta
from typing import Any

import pypdf
import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone, translation

from accounts.errors import Conflict
from accounts.models import User
from accounts.services import create_token
from approvals.models import Audience, Link, Review, ReviewStep, Seat, Verdict, Via
from approvals.proof import keys
from approvals.proof.files import proof_of
from approvals.proof.gathering import gather
from approvals.proof.verify_evidence import verify
from approvals.services import StepPlan, add_comment, decide, issue_link, name_deputy, replace_seat, take_back
from approvals.services.sweeping import sweep
from audit.models import Event
from clients.models import Membership, Role
from social.models import Channel
from social.services import edit_post, submit_post
from social.services.content_rows import PartPlan
from tests.approvals.clock import agrees_to_silence, at, chain, rome
from tests.social.pictures import stored
from tests.world import World, approve, person, review_of

CANARY = "kanarienvogel"


@pytest.fixture(autouse=True)
def _own_storage(settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path
    settings.DEFAULT_FROM_EMAIL = "Studio Filo <filo@studio.example>"


def proof(user: User, review: Review, asked: str = "", form: Any = "json") -> bytes:
    """The file as it comes."""
    with translation.override("en"):
        return proof_of(user=user, review=Review.objects.get(pk=review.pk), form=form, asked=asked).data


def read(user: User, review: Review, asked: str = "", form: Any = "json") -> dict[str, Any]:
    """What the file says, after it was checked."""
    data = proof(user, review, asked, form)
    report = verify(data, trusted=keys.own())
    assert (report.problems, report.status) == ([], 0)
    if form == "pdf":
        data = pypdf.PdfReader(io.BytesIO(data)).attachments["evidence.json"][0]
    said: dict[str, Any] = json.loads(data)["evidence"]
    return said


def test_a_whole_review(world: World) -> None:
    picture = stored(world.vito, world.winery)
    post = world.approved(media=[picture], link="https://cantina-roero.example/")
    review = review_of(post)
    said = read(world.marta, review)
    assert (said["for"], said["agency"], said["client"]["name"]) == ("agency", {"name": "Studio Filo"}, "Cantina Roero")
    assert said["subject"]["digest"] == review.digest
    assert hashlib.sha256(said["subject"]["content"].encode()).hexdigest() == review.digest
    assert said["parts"] == [
        {
            "where": "Cantina Roero (prova) (cantina-roero)",
            "network": "Sandbox",
            "text": "Oggi si vendemmia.",
            "link": "https://cantina-roero.example/",
            "pictures": [{"name": str(picture.pk), "alt_text": "Grappoli", "sha256": picture.sha256}],
            "drawn": {
                "at_once": 18,
                "goes_out": 18,
                "used": 18,
                "limit": 500,
                "counted": "18 of 500 characters",
                "card": "",
            },
        }
    ]
    assert [(one["copy"], one["size"]) for one in said["pictures"].values()] == [("whole", picture.size)]
    vito = {"id": world.vito.pk, "name": "Vito Serra", "email": "vito@filo.example"}
    assert (said["review"]["state"], said["review"]["author"], said["review"]["asked_by"]) == ("approved", vito, vito)
    decided = [
        (
            step["name"],
            step["state"],
            seat["person"]["name"],
            seat["decision"]["verdict"],
            seat["decision"]["way"]["kind"],
        )
        for step in said["steps"]
        for seat in step["seats"]
    ]
    assert decided == [
        ("Redazione", "passed", "Elena Riva", "approve", "admin"),
        ("Account", "passed", "Marta Gallo", "approve", "admin"),
        ("Cliente", "passed", "Piero Roero", "approve", "link"),
    ]
    event = Event.objects.filter(subject_type="review", subject_id=review.pk).latest("pk")
    assert (said["audit"]["hash"], said["audit"]["seq"]) == (bytes(event.hash).hex(), event.seq)


def test_each_post_as_its_readers_see_it(world: World) -> None:
    linkedin, mastodon = (
        Channel.objects.create(client=world.winery, network=slug, handle="roero", name="Roero", server=server)
        for slug, server in (("linkedin", ""), ("mastodon", "https://social.example"))
    )
    text = "Oggi si vendemmia il Nebbiolo. " * 10
    folded = world.submitted(text=text.strip(), link="https://www.roero.example/blog", channels=[linkedin])
    said = read(world.marta, review_of(folded))["parts"][0]
    assert said["drawn"] == {
        "at_once": 210,
        "goes_out": 309,
        "used": 309,
        "limit": 3000,
        "counted": "309 of 3,000 characters",
        "card": "roero.example",
    }
    pages = pypdf.PdfReader(io.BytesIO(proof(world.marta, review_of(folded), form="pdf")))
    assert {"… more", "roero.example", "309 of 3,000 characters"} <= set(pages.pages[0].extract_text().splitlines())
    thread = world.submitted(text="Si vendemmia.", parts=[PartPlan(text="E domani è riposo.")], channels=[mastodon])
    drawn = [part["drawn"] for part in read(world.marta, review_of(thread))["parts"]]
    assert [(one["at_once"], one["goes_out"], one["counted"]) for one in drawn] == [
        (13, 13, "13 of 500 characters"),
        (18, 18, "18 of 500 characters"),
    ]


def test_ways_and_deputies(world: World) -> None:
    post = world.submitted()
    review = review_of(post)
    now = timezone.now()
    name_deputy(
        user=world.marta,
        client=world.winery,
        principal=world.elena,
        deputy=world.ada,
        from_at=now - timedelta(minutes=1),
        until=now + timedelta(days=1),
    )
    approve(post, world.ada)
    token, _key = create_token(user=world.marta, name="Calendario")
    decide(review=review, user=world.marta, digest=review.digest, verdict=Verdict.APPROVE, via=Via.API, token=token)
    seat = review.steps.get(name="Cliente").seats.get()
    issue_link(seat=seat)
    link = Link.objects.latest("pk")
    decide(
        review=review,
        user=world.cliente,
        digest=review.digest,
        verdict=Verdict.APPROVE,
        via=Via.LINK,
        link=link,
    )
    first, second, third = [step["seats"][0] for step in read(world.marta, review)["steps"]]
    assert (first["person"]["name"], first["decision"]["by"]["name"], first["decision"]["deputy"]) == (
        "Elena Riva",
        "Ada Conti",
        True,
    )
    assert second["decision"]["way"] == {
        "kind": "api",
        "mailed_to": "",
        "token": {"name": "Calendario", "prefix": token.prefix},
    }
    assert third["decision"]["way"] == {"kind": "link", "mailed_to": "cliente@filo.example", "token": None}


def test_an_approval_taken_back_stays_written(world: World) -> None:
    post = world.submitted()
    approve(post, world.elena)
    take_back(review=review_of(post), user=world.elena, reason="Un refuso")
    seats = read(world.marta, review_of(post))["steps"][0]["seats"]
    assert [(seat["source"], seat["ended"] and seat["ended"]["reason"], bool(seat["decision"])) for seat in seats] == [
        ("chain", "Un refuso", True),
        ("again", None, False),
    ]


def test_a_carried_step_shows_whose_approval_stands(world: World) -> None:
    post = world.submitted()
    approve(post, world.elena)
    first = review_of(post)
    post = edit_post(user=world.vito, post=post, text="Domani si vendemmia.")
    post = submit_post(user=world.vito, post=post)
    second = review_of(post)
    earlier = first.steps.get(position=1)
    # As a chain that carries over would have written it: the database lets no step be changed so afterwards.
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        ReviewStep.objects.filter(review=second, position=1).update(carried_from=earlier, state="passed")
        cursor.execute("SET LOCAL session_replication_role = origin")
    carried = read(world.marta, second)["steps"][0]["carried_from"]
    assert (carried["round"], carried["version"], carried["digest"]) == (1, 1, first.digest)
    assert [(seat["person"]["name"], seat["decision"]["verdict"]) for seat in carried["seats"]] == [
        ("Elena Riva", "approve")
    ]


def test_who_let_somebody_else_sit_there_the_client_is_not_told(world: World) -> None:
    rosa = person("rosa", "Rosa Roero")
    Membership.objects.create(client=world.winery, user=rosa, role=Role.APPROVER)
    chain(world, StepPlan(name="Cliente", users=[world.cliente]))
    review = review_of(world.submitted())
    replace_seat(user=world.ada, seat=Seat.objects.get(step__review=review), person=rosa, reason="In ferie")
    decide(review=review, user=rosa, digest=review.digest, verdict=Verdict.APPROVE, via=Via.PORTAL)
    ours = read(world.marta, review)["steps"][0]["seats"][0]["ended"]
    theirs = read(rosa, review)["steps"][0]["seats"][0]["ended"]
    assert (ours["by"]["name"], ours["reason"]) == ("Ada Conti", "In ferie")
    assert theirs == ours | {"by": None, "reason": ""}
    pages = everything(rosa, review, "", "pdf")
    assert ("Ada Conti" in pages, "Replaced on" in pages) == (False, True)
    assert "Replaced by Ada Conti" in everything(world.marta, review, "", "pdf")


def test_two_kinds_for_the_agency_one_for_the_client(world: World) -> None:
    review = review_of(world.approved())
    assert [read(world.marta, review, asked)["for"] for asked in ("", "agency", "client")] == [
        "agency",
        "agency",
        "client",
    ]
    assert [read(world.cliente, review, asked)["for"] for asked in ("", "client")] == ["client", "client"]
    with pytest.raises(PermissionDenied):
        proof_of(user=world.cliente, review=review, form="json", asked="agency")
    for stranger in (world.bruno, world.carlo):
        with pytest.raises(Review.DoesNotExist):
            proof_of(user=stranger, review=review, form="json")


def test_what_was_taken_back_the_client_gets_no_more(world: World) -> None:
    post = world.submitted()
    for user in (world.elena, world.marta):
        approve(post, user)
    review = review_of(post)
    edit_post(user=world.vito, post=post, text="Altro")
    review.refresh_from_db()
    assert review.state == "superseded"
    with pytest.raises(Conflict) as refused:
        proof_of(user=world.cliente, review=review, form="json")
    assert refused.value.code == "not_shown"
    assert read(world.marta, review)["review"]["state"] == "superseded"


@pytest.mark.parametrize("form", ["json", "pdf"])
def test_what_is_internal_is_in_no_file_of_the_client(world: World, form: Any) -> None:
    post = world.submitted()
    review = review_of(post)
    decide(
        review=review,
        user=world.elena,
        digest=review.digest,
        verdict=Verdict.APPROVE,
        comment=f"Tra noi {CANARY}",
    )
    take_back(review=review_of(post), user=world.elena, reason=f"Motivo {CANARY}")
    token, _key = create_token(user=world.elena, name=f"Chiave {CANARY}")
    decide(review=review, user=world.elena, digest=review.digest, verdict=Verdict.APPROVE, via=Via.API, token=token)
    approve(post, world.marta)
    add_comment(review=review, user=world.vito, text=f"Interno {CANARY}", audience=Audience.INTERNAL)
    add_comment(review=review, user=world.vito, text="Per tutti", audience=Audience.CLIENT)
    decide(
        review=review,
        user=world.cliente,
        digest=review.digest,
        verdict=Verdict.APPROVE,
        comment="Bellissimo",
        via=Via.PORTAL,
    )
    add_comment(review=review, user=world.vito, text=f"Dopo {CANARY}", audience=Audience.INTERNAL)
    theirs = everything(world.cliente, review, "", form)
    as_staff_would_send_it = everything(world.marta, review, "client", form)
    ours = everything(world.marta, review, "agency", form)
    assert (CANARY in theirs, CANARY in as_staff_would_send_it, ours.count(CANARY) >= 5) == (False, False, True)
    for word in ("Per tutti", "Bellissimo", "Vito Serra"):
        assert (word in theirs, word in ours) == (True, True)
    assert ("elena@filo.example" in theirs, "review.commented" in theirs) == (False, False)
    assert ("elena@filo.example" in ours, "review.commented" in ours) == (True, True)


NOT_MET = "Left out: what it is asked for was not met by this version."


@pytest.mark.parametrize(
    ("only", "theirs"),
    [
        ({"text": ["name"]}, {"codes": {}, "words": NOT_MET}),
        ({"text": ["link", "name"]}, {"codes": {}, "words": NOT_MET}),
        ({"networks": ["x"], "text": ["name"]}, {"codes": {}, "words": NOT_MET}),
        (
            {"text": ["link", "price"]},
            {
                "codes": {"text": ["link", "price"]},
                "words": "Left out: it is asked only for a link in the text, a price in the text, "
                "and none of that was met by this version.",
            },
        ),
    ],
)
def test_why_a_step_was_left_out_the_client_reads_only_where_it_is_theirs(world: World, only: Any, theirs: Any) -> None:
    chain(world, StepPlan(name="Legale", users=[world.elena], only=only), StepPlan(name="Account", users=[world.marta]))
    post = world.submitted()
    review = review_of(post)
    approve(post, world.marta)
    assert read(world.marta, review)["steps"][0]["skipped"]["codes"] == only
    assert read(world.marta, review, "client")["steps"][0]["skipped"] == theirs
    assert NOT_MET not in everything(world.marta, review, "agency", "pdf")


def everything(user: User, review: Review, asked: str, form: Any) -> str:
    """All that a file holds: its text, what is attached to it, what it says of itself."""
    with translation.override("en"):
        data = proof_of(user=user, review=Review.objects.get(pk=review.pk), form=form, asked=asked).data
    if form == "json":
        return data.decode()
    reader = pypdf.PdfReader(io.BytesIO(data))
    pages = "\n".join(page.extract_text() for page in reader.pages)
    root: Any = reader.trailer["/Root"]
    attached = b"".join(file for files in reader.attachments.values() for file in files).decode()
    things: list[Any] = [reader.get_object(number) for number in range(1, len(reader.xref[0]) + 1)]
    streams = b"".join(thing.get_data() for thing in things if hasattr(thing, "get_data")).decode("latin-1")
    return "\n".join([pages, str(reader.metadata), root["/Metadata"].get_data().decode(), attached, streams])


def test_the_same_queries_for_one_picture_and_for_three_and_any_number_of_comments(world: World) -> None:
    def count(pictures: int, comments: int) -> int:
        media = [stored(world.vito, world.winery, colour=f"#00000{number}") for number in range(pictures)]
        review = review_of(world.approved(media=media))
        for _number in range(comments):
            add_comment(review=review, user=world.vito, text="Ciao", audience=Audience.INTERNAL)
        review = Review.objects.select_related("client", "author", "asked_by").get(pk=review.pk)
        with CaptureQueriesContext(connection) as captured:
            gather(review=review, kind="agency")
        return len(captured)

    assert (count(1, 1), count(3, 3)) == (9, 9)


def test_heavy_pictures_are_smaller_copies_and_lost_ones_are_told(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = stored(world.vito, world.winery, colour="#112233")
    second = stored(world.vito, world.winery, colour="#445566")
    lost = stored(world.vito, world.winery, colour="#778899")
    changed = stored(world.vito, world.winery, colour="#aabbcc")
    review = review_of(world.approved(media=[first, second, lost, changed]))
    monkeypatch.setattr("approvals.proof.pictures.HEAVIEST", first.size)
    lost.file.storage.delete(str(lost.file.name))
    with changed.file.storage.open(str(changed.file.name), "wb") as file:
        file.write(b"other bytes")
    said = read(world.marta, review)
    copies = [(said["pictures"][item.sha256]["copy"]) for item in (first, second, lost, changed)]
    assert copies == ["whole", "reduced", "missing", "missing"]
    assert said["pictures"][second.sha256]["mime"] == "image/jpeg"


def test_silence_and_escalation_are_called_what_they_are(world: World) -> None:
    agrees_to_silence(world)
    chain(
        world,
        StepPlan(
            name="Account",
            users=[world.elena],
            due_after_minutes=60,
            on_deadline="escalate",
            escalate_to=[world.marta],
        ),
        StepPlan(name="Cliente", role=Role.APPROVER, due_after_minutes=120, on_deadline="tacit"),
    )
    with at(rome(2027, 3, 1, 9)):
        post = world.submitted()
    with at(rome(2027, 3, 1, 10)):
        sweep(now=rome(2027, 3, 1, 10))
        approve(post, world.marta)
    with at(rome(2027, 3, 1, 12)):
        sweep(now=rome(2027, 3, 1, 12))
        said = read(world.marta, review_of(post), form="pdf")
    account, client = said["steps"]
    seats = [(seat["person"]["name"], seat["source"], bool(seat["decision"])) for seat in account["seats"]]
    assert seats == [("Elena Riva", "chain", False), ("Marta Gallo", "escalation", True)]
    assert (client["state"], client["tacit"]) == (
        "passed",
        {
            "at": "2027-03-01T12:00:00.000000+01:00",
            "agreed_on": "2026-01-07",
            "document": hashlib.sha256(b"%PDF-1.4 silenzio-assenso %%EOF").hexdigest(),
        },
    )
    assert [seat["decision"] for seat in client["seats"]] == [None]
    assert (said["review"]["state"], said["audit"]["verb"]) == ("approved", "review.tacit_consent")
    pages = everything(world.cliente, review_of(post), "", "pdf").replace("\n", " ")
    assert "agreed to that in writing on 7" in pages
    assert "The document that says so has this SHA-256: " in pages
