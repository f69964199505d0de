"""What a post leans on in its strategies that changes fast and was not looked at for too long: whoever submits it is warned."""

from collections.abc import Collection

from django.utils.translation import gettext_lazy as _

from clients.moments import spoken_day
from social.models import Post
from social.networks.base import Problem
from strategy.leaning import overdue
from strategy.models import Section

SAID = _("It leans on “%(section)s” of “%(strategy)s”, which changes fast and was to be looked at again by %(day)s.")


def outdated(post: Post, channels: Collection[int]) -> list[Section]:
    """The sections, for a post on these channels; one query."""
    return overdue(
        client=post.client, channels=channels, pillar=post.pillar, objective=post.objective, occasion=post.occasion
    )


def warnings(post: Post, channels: Collection[int]) -> dict[int, list[Problem]]:
    """The same as what preflight says of each channel."""
    found = [
        Problem(
            "section_outdated",
            "warning",
            SAID,
            {
                "section": section.title,
                "strategy": section.strategy.title,
                "day": spoken_day(section.due_on, post.client.zone),
            },
        )
        for section in outdated(post, channels)
    ]
    return dict.fromkeys(channels, found) if found else {}


def warned(post: Post) -> list[str]:
    """The same in sentences, each once."""
    channels = list(post.variants.values_list("channel", flat=True))
    return [str(problem.detail) for problem in next(iter(warnings(post, channels).values()), [])]
