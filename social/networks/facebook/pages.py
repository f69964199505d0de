"""Which page it is, and which pages there are."""

from dataclasses import dataclass, replace

from django.utils.translation import gettext_lazy as _

from social.networks.base import Account, CredentialsRefused, Identity, MediaItem, NetworkError, Published, Refused
from social.networks.facebook import TAKEN_KINDS
from social.networks.meta import GRAPH, Graph, version
from social.networks.rules import is_web_link
from social.networks.wire import items, text, word

GRAPH_VIDEO = "https://graph-video.facebook.com"
_MOST_LISTS = 10
_MOST_LINK = 500


@dataclass(frozen=True, slots=True)
class Page:
    """A page, as Facebook names it."""

    id: str
    name: str
    username: str


def connected(account: Account, *, base_url: str = GRAPH, token: str = "") -> Graph:
    """Return a connection with the page's token."""
    return Graph("Facebook", account, base_url=base_url, version=version(), token=token, proves=True)


def own(graph: Graph, account: Account) -> Page:
    """Ask which page the token is for, and refuse any other than the channel's.

    Raises:
        Refused: `wrong_account`, or `not_a_page` for a person's token.
        CredentialsRefused, Throttled, NotSent.
    """
    try:
        answer = graph.get("/me", fields="id,name,username,category")  # a person has no category, and no such field
    except CredentialsRefused:
        raise
    except Refused as refused:
        if refused.code != "refused":
            raise
        raise Refused(
            _("This token is a person's and not a page's. Connect the channel again and choose the page."),
            code="not_a_page",
            said=refused.said,
        ) from None
    page = Page(word(answer, "id"), text(answer, "name"), str(answer.get("username") or ""))
    if account.identity and account.identity != page.id:
        raise Refused(
            _("This token is for the page %(name)s, which is not this channel's. Nothing was published."),
            code="wrong_account",
            params={"name": page.name},
        )
    return page


def identity(account: Account) -> Identity:
    """See `Network.identity`."""
    with connected(account) as graph:
        page = own(graph, replace(account, identity=""))
    return Identity(id=page.id, handle=page.username or page.id, name=page.name)


def accounts(account: Account) -> list[tuple[str, str, str]]:
    """See `Facebook.accounts`. https://developers.facebook.com/docs/graph-api/reference/user/accounts"""
    found: list[tuple[str, str, str]] = []
    after = None
    with connected(account, token=_long_lived(account)) as graph:
        for _list in range(_MOST_LISTS):
            answer = graph.get("/me/accounts", fields="id,name,access_token", limit=100, after=after)
            rows = items(answer, "data")
            for place in range(len(rows)):
                token = answer.get("data", place, "access_token")
                if isinstance(token, str) and token:  # none where the person may not publish there
                    graph.wire.hide(token)
                    found.append((word(answer, "data", place, "id"), text(answer, "data", place, "name"), token))
            after = answer.get("paging", "cursors", "after")
            if not rows or not answer.get("paging", "next") or not isinstance(after, str):
                break
    return found


def _long_lived(account: Account) -> str:
    """The person's token, made to last 60 days: the pages' tokens that it gives then don't end at all.

    https://developers.facebook.com/docs/facebook-login/guides/access-tokens/get-long-lived
    """
    token = str(account.credentials.get("access_token") or "")
    if not (account.app.get("client_id") and account.app.get("client_secret")):
        return token
    with connected(account) as graph:
        answer = graph.get(
            "/oauth/access_token",
            grant_type="fb_exchange_token",
            client_id=account.app["client_id"],
            client_secret=account.app["client_secret"],
            fb_exchange_token=token,
        )
        return text(answer, "access_token")


def placed(graph: Graph, post: str) -> Published:
    """Return where it is: as Facebook says, else by its id. What is out stays out if that can't be read just now."""
    try:
        answer = graph.get(f"/{post}", fields="permalink_url")
        link = str(answer.get("permalink_url") or "")
    except NetworkError:
        link = ""
    return Published(remote_id=post, permalink=whole_link(link, post))


def whole_link(link: str, post: str) -> str:
    """Return the link as a whole address; of videos Facebook gives the path alone."""
    if link.startswith("/"):
        link = f"https://www.facebook.com{link}"
    return link if is_web_link(link) and len(link) <= _MOST_LINK else f"https://www.facebook.com/{post}"


def picture_of(item: MediaItem) -> bytes:
    """Return the picture's bytes.

    Raises:
        Refused: they are of a kind that Facebook does not take; and what opening raises.
    """
    if item.mime not in TAKEN_KINDS:
        raise Refused(
            _("%(network)s does not take a picture of this kind: it is %(mime)s."),
            code="media_kind",
            params={"network": "Facebook", "mime": item.mime},
        )
    with item.open() as stream:
        return stream.read()
