"""A channel of which somebody wants to know who it is, and the worker's answer."""

from accounts.models import User
from social.models import Channel
from social.services import ask_channel, checking


def check_channel(*, user: User, channel: Channel) -> Channel:
    """Ask, have it handed out and asked; the channel afterwards."""
    assert ask_channel(user=user, channel=channel).being_asked
    checking.check(channel_id=channel.pk)
    return Channel.objects.select_related("client").get(pk=channel.pk)
