"""From the page of a review: an approval taken back, a seat given to somebody else."""

from django.test import Client as Browser

from approvals.models import Seat
from tests.world import World, approve, review_of


def page(review_id: int, rest: str = "") -> str:
    return f"/admin/approvals/review/{review_id}/{rest}"


def test_ones_own_approval_is_taken_back_with_a_reason(world: World, client: Browser) -> None:
    post = world.submitted()
    review = review_of(post)
    client.force_login(world.elena)
    assert client.get(page(review.pk, "take-back/")).status_code == 404
    approve(post, world.elena)
    assert page(review.pk, "take-back/") in client.get(page(review.pk)).content.decode()
    answer = client.post(page(review.pk, "take-back/"), {"reason": " "})
    assert answer.status_code == 200
    assert client.post(page(review.pk, "take-back/"), {"reason": "Prezzo vecchio."}).status_code == 302
    ended = Seat.objects.get(step__review=review, ended_why="taken_back")
    assert (ended.user, ended.reason) == (world.elena, "Prezzo vecchio.")
    html = client.get(page(review.pk)).content.decode()
    assert "Prezzo vecchio." in html
    assert 'value="approve"' in html


def test_a_manager_lets_somebody_else_decide(world: World, client: Browser) -> None:
    review = review_of(world.submitted())
    seat = Seat.objects.get(step__review=review, step__position=1)
    here = page(review.pk, f"seats/{seat.pk}/replace/")
    client.force_login(world.elena)
    assert here not in client.get(page(review.pk)).content.decode()
    assert client.get(here).status_code == 404
    client.force_login(world.marta)
    assert here in client.get(page(review.pk)).content.decode()
    form = client.get(here).content.decode()
    assert f'<option value="{world.ada.pk}"' in form
    assert f'<option value="{world.vito.pk}"' not in form  # the author
    assert f'<option value="{world.bruno.pk}"' not in form
    answer = client.post(here, {"person": world.marta.pk, "reason": ""})
    assert f'<option value="{world.marta.pk}" selected' in answer.content.decode()
    assert client.post(here, {"person": world.marta.pk, "reason": "Elena è via."}).status_code == 302
    assert Seat.objects.get(step=seat.step, ended_at=None).user == world.marta
    assert client.get(here).status_code == 404  # it is over
