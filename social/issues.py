"""A newsletter's issue as its readers get it, drawn before it goes out and after, and where people look at it.

It is a page of its own, in a frame: mail programs know no style sheet of ours, and our pages allow none within a page.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from django.core import signing
from django.urls import reverse

from social import networks
from social.media_views import SIGNED_LIFE, signed_url
from social.models import Channel, Post, PostVersion
from social.networks.newsletter import Newsletter
from social.previews import Preview
from social.services.checks import content_for, stock_of

_signer = signing.TimestampSigner(salt="social.issue")


def issue_of(channel: Channel, entry: Mapping[str, Any]) -> str:
    """The mail's HTML, its pictures by addresses that open for an hour; empty where there is none.

    Whose list has come to an end has none: its name may be another's by now.
    """
    network = networks.get(entry["network"])
    if not isinstance(network, Newsletter) or channel.retired:
        return ""
    stock = stock_of([(channel.client_id, entry)])[channel.client_id]
    content = content_for(entry, stock, channel)
    page = network.shown(channel.handle, content)
    for item, shown in zip(content.media, entry["media"], strict=True):
        page = page.replace(f'src="cid:{item.sha256}"', f'src="{signed_url(stock.goes_out(shown))}"')
    return page


def with_issues(drawn: Iterable[Preview], of: PostVersion | Post, *, sign: bool = False) -> list[Preview]:
    """The same previews, those of mails with the address at which the whole mail is shown.

    ``sign``: it opens for an hour without anybody being signed in.
    """
    return [
        replace(one, issue=_address(of, one.channel_id, sign=sign)) if one.inbox and one.inbox.lives else one
        for one in drawn
    ]


def _address(of: PostVersion | Post, channel: int, *, sign: bool) -> str:
    if isinstance(of, Post):
        return reverse("social:post_issue", args=[of.pk, channel])
    address = reverse("social:version_issue", args=[of.pk, channel])
    return f"{address}?s={_signer.sign(f'{of.pk}-{channel}').partition(':')[2]}" if sign else address


def is_signed(version: int, channel: int, signature: str) -> bool:
    """Whether an address of ours had this at its end, within the hour."""
    try:
        _signer.unsign(f"{version}-{channel}:{signature}", max_age=SIGNED_LIFE)
    except signing.BadSignature:  # an expired one, too
        return False
    return True
