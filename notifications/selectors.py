"""What a person is mailed, and what not."""

from accounts.models import User
from notifications import letters
from notifications.models import Mute


def muted(user: User) -> list[str]:
    """The kinds of news that this person has switched off, in the order of the alphabet."""
    found = Mute.objects.filter(user=user, kind__in=letters.news())
    return list(found.order_by("kind").values_list("kind", flat=True))
