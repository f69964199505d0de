"""How a client's person comes to a review: by the link in a mail."""

import re

from django.apps import apps
from django.core import mail
from django.urls import reverse

from accounts.models import User
from approvals.models import Seat
from approvals.services import issue_link
from notifications import services as outbox
from social.models import Post
from tests.world import World, approve, review_of


def asked(world: World, **fields: object) -> Post:
    """A post of the winery's of which Piero is asked now: Elena and Marta have approved it."""
    post = world.submitted(**fields)
    approve(post, world.elena)
    approve(post, world.marta)
    return post


def seat_of(post: Post, user: User) -> Seat:
    """This person's seat in the post's review."""
    return Seat.objects.get(step__review=review_of(post), user=user)


def link_to(post: Post, user: User) -> str:
    """The path of a fresh link for this person."""
    return reverse("portal:review", args=[issue_link(seat=seat_of(post, user))])


def mailed_link(user: User) -> str:
    """The address in the mail that this person got."""
    outbox.send_due()
    (letter,) = [letter for letter in mail.outbox if letter.to == [user.email]]
    found = re.search(r"https?://\S+/r/\S+", str(letter.body))
    assert found is not None
    return found.group()


def row_counts() -> dict[str, int]:
    """How many rows every table has, the evidence and the sessions included."""
    return {model._meta.label: model._default_manager.count() for model in apps.get_models(include_auto_created=True)}


def digest_on(html: str) -> str:
    """The digest in the page's form."""
    found = re.search(r'name="digest" value="([0-9a-f]{64})"', html)
    assert found is not None
    return found.group(1)
