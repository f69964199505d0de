"""A step that asks for other eyes says so to whoever has looked already, at each door; a second click is another matter."""

import pytest
from django.test import Client as Browser
from django.urls import reverse

from accounts.models import User
from approvals.models import Decision
from approvals.services import StepPlan, save_chain
from clients.models import Membership, Role
from tests.browsing import Staff, words
from tests.world import World, approve, person, review_of

REFUSED = "This step asks for other eyes: you have decided on another step"


@pytest.fixture
def two_steps(world: World) -> None:
    """Elena on both steps, the second one with four eyes; so is Piero on the next two."""
    User.objects.filter(pk__in=[world.elena.pk, world.cliente.pk]).update(language="en")
    world.elena.refresh_from_db()
    piera = person("piera", "Piera Roero")
    Membership.objects.create(client=world.winery, user=piera, role=Role.APPROVER)
    save_chain(
        user=world.marta,
        client=world.winery,
        chain=world.chain,
        name="Quattro occhi",
        is_default=True,
        steps=[
            StepPlan(name="Redazione", users=[world.elena]),
            StepPlan(name="Account", users=[world.elena, world.marta], four_eyes=True),
            StepPlan(name="Cliente", users=[world.cliente]),
            StepPlan(name="Famiglia", users=[world.cliente, piera], four_eyes=True),
        ],
    )


@pytest.mark.usefixtures("two_steps")
def test_at_the_desk(world: World) -> None:
    post = world.submitted()
    approve(post, world.elena)
    review = review_of(post)
    page = Staff(world.elena).send("approvals_review_page", review.pk, data={"do": "approve", "digest": review.digest})
    assert page.status_code == 409
    assert REFUSED in words(page)
    assert Decision.objects.filter(seat__step__review=review).count() == 1


@pytest.mark.usefixtures("two_steps")
def test_in_the_portal(world: World, client: Browser) -> None:
    post = world.submitted()
    for user in (world.elena, world.marta, world.cliente):
        approve(post, user)
    review = review_of(post)
    client.force_login(world.cliente)
    address = reverse("portal:signed_review", args=[review.pk])
    page = client.post(address, {"do": "approve", "digest": review.digest, "words": ""})
    assert page.status_code == 409
    assert REFUSED in words(page)
    assert Decision.objects.filter(seat__step__review=review).count() == 3
