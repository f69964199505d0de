"""The digest of another client's post approves nothing, whichever way it comes, and is named where there are names."""

from collections.abc import Iterator

import pytest
from django.test import Client as Browser

from approvals.models import Decision, Review, Seat
from approvals.services import issue_link
from approvals.services.bulk import approve_many
from tests.browsing import Staff
from tests.portal.reaching import asked
from tests.rest.caller import Caller, fields
from tests.world import World, review_of

TOWN = ["Comune di Alba", "Fiera del tartufo", "Sindaco"]


@pytest.fixture
def strange(world: World) -> str:
    """The digest of what the town's mayor is asked."""
    return review_of(world.town_post()).digest


@pytest.fixture
def review(world: World) -> Review:
    """What Piero is asked, at the winery."""
    return review_of(asked(world))


@pytest.fixture(autouse=True)
def _nothing_is_decided(review: Review, strange: str) -> Iterator[None]:
    assert review.digest != strange
    before = list(Decision.objects.values_list("pk", flat=True))
    yield
    assert list(Decision.objects.values_list("pk", flat=True)) == before
    review.refresh_from_db()
    assert review.state == "open"


def test_by_program(world: World, review: Review, strange: str) -> None:
    for verb, words in [("approve", {}), ("request_changes", {"comment": "Meglio domani."})]:
        problem = Caller(world.cliente).post(f"reviews/{review.pk}/{verb}/", {"digest": strange, **words}, 409)
        assert (problem["code"], fields(problem)) == ("stale_digest", [("digest", "stale_digest")])
        assert not any(word in str(problem) for word in TOWN)


def test_many_by_program(world: World, review: Review, strange: str) -> None:
    body = {"reviews": [{"id": review.pk, "digest": strange}]}
    (line,) = Caller(world.cliente).post("reviews/approve/", body, 200)["results"]
    assert (line["approved"], line["state"], line["code"], line["field"]) == (False, "open", "stale_digest", "digest")
    (told,) = approve_many(user=world.cliente, seen=[(review.pk, strange)], via="api")
    assert (told.code, told.field) == ("stale_digest", "digest")


def test_at_the_desk(world: World, strange: str) -> None:
    review = review_of(world.submitted())
    answer = Staff(world.elena).send(
        "approvals_review_page", review.pk, data={"do": "approve", "digest": strange, "comment": ""}
    )
    assert answer.status_code == 409
    assert not any(word in answer.content.decode() for word in TOWN)


@pytest.mark.parametrize("way", ["link", "signed", "many"])
def test_at_the_clients(world: World, client: Browser, review: Review, strange: str, way: str) -> None:
    client.force_login(world.cliente)
    form = {"do": "approve", "words": "Bene così", "digest": strange}
    if way == "many":
        answer = client.post("/approve/", {"seen": [f"{review.pk}:{strange}"]})
    else:
        secret = issue_link(seat=Seat.objects.get(step__review=review, user=world.cliente))
        answer = client.post(f"/r/{secret}/" if way == "link" else f"/reviews/{review.pk}/", form)
    html = answer.content.decode()
    assert answer.status_code == (200 if way == "many" else 409)
    assert "tone-wrong" in html
    assert not any(word in html for word in TOWN)
