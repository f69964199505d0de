"""WordPress's REST API (wp/v2), call by call, and what its errors mean.

How an error becomes an outcome; what is not here goes by the table of `social.networks.wire`.

| what the site says                                          | outcome                                                  | source |
|-------------------------------------------------------------|----------------------------------------------------------|--------|
| 401 (`incorrect_password`, `invalid_username`, `rest_not_logged_in` …) | CredentialsRefused                            | [1]    |
| 403 (`rest_cannot_create`, `rest_cannot_publish`, `rest_cannot_edit` …) | Refused `permission_missing`                 | [2]    |
| `wp_die` with any 4xx: one of the site's plugins broke off               | Refused `not_taken`                          | [3]    |
| 404 `rest_post_invalid_id`, 410 `rest_already_trashed`      | `Gone`                                                   | [2]    |
| any other 404 of its own                                    | Refused `no_api`: no REST API at this address            | [2]    |
| reading: a 404 that is no JSON, a page in place of JSON, 3xx | the same by the next way to the API; by none: `no_api`, `redirected` | [4] |
| DELETE: 403, 405, 501 that is no JSON                       | the same by POST with `_method=DELETE`                   | [5]    |
| 400 `term_exists`                                           | the tag is there already: its number stands beside       | [2]    |
| 400 and others                                              | Refused `not_taken`, with the site's words               | [2]    |
| 413, `rest_upload_…`                                        | Refused `upload_refused`: too heavy for the site, or of a kind that it does not take | [2] |

[1] https://make.wordpress.org/core/2020/11/05/application-passwords-integration-guide/ ·
[2] https://developer.wordpress.org/rest-api/reference/ and the codes of WordPress 6.1, seen on a real site (2026-11-29) ·
[3] https://developer.wordpress.org/reference/functions/wp_die/ ·
[4] https://developer.wordpress.org/rest-api/key-concepts/ ("on sites without pretty permalinks, the route is passed as
`rest_route`"), and a real site with plain ones (2026-11-30) ·
[5] https://developer.wordpress.org/rest-api/using-the-rest-api/global-parameters/#_method; WordPress looks at it before
`X-HTTP-Method-Override`, which firewalls take away (`WP_REST_Server::serve_request` of 6.1)

A no to what readers could see is no proof that nothing was done: plugins run after the writing, too, and end the call as they
like. So it is looked into (`publishing`).
"""

import base64
import html
import secrets
from collections.abc import Mapping
from typing import Any

import httpx
from django.utils.translation import gettext_lazy as _

from social.networks.base import Account, CredentialsRefused, MediaItem, NetworkError, NotSent, Refused
from social.networks.wire import Answer, Wire, items, mapping, number, text
from social.networks.wired import Wired, secrets_of

READ_SECONDS = 20.0
WRITE_SECONDS = 40.0
UPLOAD_SECONDS = 60.0
TOTAL_SECONDS = 115.0
MAX_URL = 1_000
PAGE = 100  # the API's own limit
# Where the API is. With plain permalinks, or where those of the site are broken, its own path leads nowhere, and the parameter
# that WordPress makes of it does: https://developer.wordpress.org/rest-api/extending-the-rest-api/routes-and-endpoints/
_ROUTES: Mapping[str, str] = {"": "/wp-json", "index": "/index.php?rest_route=", "home": "/?rest_route="}
# What WordPress drops of a picture's description; as entities it shows them.
_KEPT_AS = str.maketrans({"<": "&lt;", "\\": "&#92;"})
_BARRED = frozenset({403, 405, 501})
_ENDINGS = {"image/jpeg": "jpg"}
_OF_THE_TABLE = frozenset({401, 408, 429})
_ANY = "publish,future,draft,pending,private"


_NO_API = _(
    "There is no WordPress that can be reached at this address. Check the channel's server, and save the permalinks once more"
    " on the site, under Settings."
)


class Gone(Refused):
    """The site has no such post, or not any more."""


class _Barred(Refused):
    """It was not the site that said no, but its host, to the method: nothing came through."""


class _Exists(Refused):
    """There is such a tag: its number is `term`."""

    def __init__(self, term: int) -> None:
        super().__init__(_("The site has this tag already."), code="term_exists")
        self.term = term


class Api(Wired):
    """One account's connection to its site for one piece of work of at most `total` seconds; used by one thread."""

    def __init__(self, account: Account, *, total: float = TOTAL_SECONDS) -> None:
        password = str(account.credentials.get("app_password") or "")
        name = str(account.credentials.get("username") or account.handle)
        if not password:
            raise CredentialsRefused(
                _("The site does not accept this channel's credentials any more. Connect the channel again."),
                code="credentials_refused",
            )
        if not account.server:
            sentence = _("This channel says nothing of its site. Enter the site's address.")
            raise Refused(sentence, code="server_missing")
        pair = base64.b64encode(f"{name}:{password}".encode()).decode()
        hidden = [*secrets_of(account), password.replace(" ", ""), pair]
        self._wire = Wire("WordPress", account.server, secrets=hidden, total=total)
        self._headers = {"Authorization": f"Basic {pair}", "Cache-Control": "no-cache"}
        self._route = ""
        self.go_by(account.allows.get("route"))

    def go_by(self, route: Any) -> None:
        """Go this way to the API, one of those that `me` gave."""
        if route in _ROUTES:
            self._route = route

    def me(self) -> Mapping[str, Any]:
        """Who the password belongs to: `id`, `handle`, `name`, whether they `may_publish`, and by which `route` one asks."""
        answer = self._read("/wp/v2/users/me", {"context": "edit"})
        may = answer.get("capabilities", "publish_posts")
        handle = text(answer, "slug")
        name = str(answer.get("name") or handle)[:200]
        return {
            "id": str(_id(answer)),
            "handle": handle,
            "name": name,
            "may_publish": may is True,
            "route": self._route,
        }

    def site_name(self) -> str:
        """What the site calls itself; empty where it has no name."""
        answer = self._read("/", {"_fields": "name"})
        return html.unescape(str(mapping(answer).get("name") or ""))[:200]

    def posts_with(self, slug: str) -> list[int]:
        """The numbers of the posts, in any state, that have this slug."""
        params = {"slug": slug, "status": _ANY, "context": "edit", "_fields": "id,slug"}
        found = items(self._read("/wp/v2/posts", params))
        return [post["id"] for post in found if isinstance(post, dict) and type(post.get("id")) is int]

    def draft(self, slug: str, title: str) -> int:
        """Make a draft, which readers can't see."""
        body = {"status": "draft", "slug": slug, "title": title}
        return _id(self._call("POST", "/posts", seconds=WRITE_SECONDS, json=body))

    def write(self, post: int, body: Mapping[str, Any]) -> Mapping[str, Any]:
        """Give the post what is in `body`; return its `id`, `url` and `status`. With a status that is the call that readers see."""
        answer = self._call("POST", f"/posts/{post}", seconds=WRITE_SECONDS, visible=True, json=body)
        if _id(answer) != post:
            raise answer.unreadable("another post")
        return {"id": post, "url": _url(answer, "link"), "status": str(answer.get("status") or "")}

    def post(self, post: int) -> Mapping[str, Any]:
        """The post's `status` and `url`, whether there is anything in it (`written`), and what it `holds`, as `write` takes it."""
        answer = self._read(f"/wp/v2/posts/{post}", {"context": "edit"})
        if _id(answer) != post:
            raise answer.unreadable("another post")
        raw = text(answer, "content", "raw", most=5_000_000, empty=True)
        words = {name: answer.get(name, "raw") for name in ("title", "excerpt")}
        rest = {name: answer.get(name) for name in ("featured_media", "categories", "tags")}
        holds = {**words, **rest, "content": raw}
        return {
            "status": text(answer, "status"),
            "url": _url(answer, "link"),
            "written": bool(raw.strip()),
            "holds": holds,
        }

    def trash(self, post: int) -> None:
        """Move the post to the trash. Raises `Gone` where it is there already, or not there any more."""
        mapping(self._delete(post, {}, visible=True))

    def discard(self, post: int) -> None:
        """Take a draft away for good."""
        self._delete(post, {"force": "true"}, visible=False)

    def comments_on(self, post: int) -> int:
        """How many comments readers see there."""
        answer = self._read("/wp/v2/comments", {"post": post, "per_page": 1, "_fields": "id"})
        items(answer)
        total = answer.headers.get("x-wp-total", "")
        if not (total.isascii() and total.isdigit()):
            raise answer.unreadable("no X-WP-Total")
        return int(total)

    def media(self, slug: str) -> Mapping[str, Any] | None:
        """The picture with this slug, `id` and `url`; None where the site has none."""
        answer = self._read("/wp/v2/media", {"slug": slug, "_fields": "id,slug,source_url"})
        found = [at for at, one in enumerate(items(answer)) if isinstance(one, dict) and one.get("source_url")]
        return {"id": number(answer, found[0], "id"), "url": _url(answer, found[0], "source_url")} if found else None

    def upload(self, slug: str, item: MediaItem) -> Mapping[str, Any]:
        """Send a picture with its description, and return its `id` and `url`. Its file's name makes its slug."""
        name = f"{slug}.{_ENDINGS.get(item.mime) or item.mime.partition('/')[2]}"
        described = {"alt_text": item.alt_text.translate(_KEPT_AS)} if item.alt_text.strip() else {}
        with item.open() as stream:
            answer = self._call(
                "POST", "/media", seconds=UPLOAD_SECONDS, data=described, files={"file": (name, stream, item.mime)}
            )
        return {"id": _id(answer), "url": _url(answer, "source_url")}

    def term(self, kind: str, name: str) -> int | None:
        """The number of the category or tag (`kind`: `categories`, `tags`) of that name; None where there is none."""
        # Names are kept with `&` and the like as entities, and so they are looked for.
        params = {"search": html.escape(name, quote=False), "per_page": PAGE, "_fields": "id,name"}
        for term in items(self._read(f"/wp/v2/{kind}", params)):
            if isinstance(term, dict) and _same(str(term.get("name") or ""), name) and type(term.get("id")) is int:
                return int(term["id"])
        return None

    def new_tag(self, name: str) -> int:
        """Make a tag. One that is there already gives its number all the same."""
        try:
            return _id(self._call("POST", "/tags", json={"name": name}))
        except _Exists as exists:
            return exists.term

    def _delete(self, post: int, params: Mapping[str, Any], *, visible: bool) -> Answer:
        """Ask by DELETE, or where the site's host lets that through to nobody, by POST, which WordPress takes for it."""
        path, how = f"/posts/{post}", {"seconds": WRITE_SECONDS, "visible": visible}
        try:
            return self._call("DELETE", path, params=params, theirs=_is_barred, **how)
        except _Barred:
            return self._call("POST", path, params={**params, "_method": "DELETE"}, **how)

    def _call(self, method: str, path: str, **how: Any) -> Answer:
        return self._asked(self._route, method, f"/wp/v2{path}", **how)

    def _read(self, path: str, params: Mapping[str, Any]) -> Answer:
        """Read what is there now, by whichever way leads there; by that one everything goes from then on.

        No address is asked for twice, and no cache is asked: some keep what was read with a password, for days and for all.
        """
        nothing: list[NetworkError] = []
        for route in dict.fromkeys([self._route, *_ROUTES]):
            try:
                fresh = {**params, "_filo": secrets.token_hex(8)}
                answer = self._asked(route, "GET", path, params=fresh, theirs=_is_missing)
            except NetworkError as error:
                # Where another way was tried first, only WordPress's own word counts here: anything else may be anybody's.
                if not _is_nothing_here(error) and (not nothing or isinstance(error, Refused)):
                    self._route = route
                    raise
                nothing.append(error)
                continue
            if isinstance(answer.get(), dict | list):
                self._route = route
                return answer
            nothing.append(answer.unreadable("not JSON"))
        raise _nowhere(nothing[0])

    def _asked(self, route: str, method: str, path: str, *, seconds: float = READ_SECONDS, **how: Any) -> Answer:
        return self._wire.call(
            method, _ROUTES[route] + path, seconds=seconds, headers=self._headers, judge=_meaning, **how
        )


def _is_nothing_here(error: NetworkError) -> bool:
    """Whether it was a web server that knows no such page, or leads on to another one, and not WordPress that spoke."""
    return error.code in {"no_api", "redirected"}


def _nowhere(missing: NetworkError) -> NetworkError:
    """The outcome where none of the ways leads to the API: for good if WordPress itself says so."""
    if missing.code == "redirected":
        return missing
    kind = Refused if isinstance(missing, Refused) else NotSent
    return kind(_NO_API, code="no_api", said=missing.said)


def _id(answer: Answer) -> int:
    found = number(answer, "id")
    if found <= 0:
        raise answer.unreadable("no id")
    return found


def _url(answer: Answer, *path: str | int) -> str:
    found = text(answer, *path, most=MAX_URL)
    if not found.startswith(("https://", "http://")):
        raise answer.unreadable("no url")
    return found


def _same(theirs: str, ours: str) -> bool:
    return html.unescape(theirs).strip().casefold() == ours.strip().casefold()


def _is_barred(answer: Answer) -> bool:
    return answer.status in _BARRED and not answer.is_own


def _is_missing(answer: Answer) -> bool:
    return answer.status == httpx.codes.NOT_FOUND and not answer.is_own


def _meaning(answer: Answer) -> NetworkError | None:
    if _is_missing(answer):
        return NotSent(_NO_API, code="no_api")
    if _is_barred(answer):
        return _Barred(_("The site did not take this. Nothing was published."), code="not_taken")
    if answer.ok or answer.status >= httpx.codes.INTERNAL_SERVER_ERROR or answer.status in _OF_THE_TABLE:
        return None
    code, term = str(answer.get("code") or ""), answer.get("data", "term_id")
    if code == "term_exists" and type(term) is int:
        return _Exists(term)
    if code in {"rest_post_invalid_id", "rest_already_trashed"}:
        return Gone(_("The site has no such post any more."), code="gone")
    return _refused(answer.status, code) if not httpx.codes.is_redirect(answer.status) else None


def _refused(status: int, code: str) -> Refused:
    if status == httpx.codes.FORBIDDEN and code != "wp_die":
        sentence = _("The site says that this account may not do that. Look at its role there.")
        return Refused(sentence, code="permission_missing")
    if status == httpx.codes.NOT_FOUND:
        return Refused(_NO_API, code="no_api")
    if status == httpx.codes.REQUEST_ENTITY_TOO_LARGE or code.startswith("rest_upload_"):
        sentence = _("The site did not take a picture: it is too heavy for it, or of a kind that it does not allow.")
        return Refused(sentence, code="upload_refused")
    return Refused(_("The site did not take this. Nothing was published."), code="not_taken")
