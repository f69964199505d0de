"""Google's APIs for places, call by call, and what their errors mean: posts (v4), places and those who manage them (v1).

Of a 400 the first of `error.details[].errorDetails[]` says what it was; `error.details[].reason` is Google's newer way. What
is not here goes by the table of `social.networks.wire`.

| status, code                                               | outcome                                              | source |
|------------------------------------------------------------|------------------------------------------------------|--------|
| 401                                                        | CredentialsRefused                                   | [1]    |
| 403 `ACCESS_TOKEN_SCOPE_INSUFFICIENT`                      | CredentialsRefused `permission_missing`              | [1]    |
| 403 `SERVICE_DISABLED`; 429 with `quota_limit_value` 0     | Refused `app_refused`: Google has not let this installation in yet | [2] |
| other 403                                                  | Refused `permission_missing`: the person does not manage the place | [1] |
| 404                                                        | `Gone`                                               | [1]    |
| 400 `LOCATION_DISABLED_FOR_LOCAL_POST_API`                 | Refused `posts_not_allowed`: Google takes no posts of it, as of chains | [3] |
| 400 `PHOTO_FETCH_FAILED`, `PHOTO_UPLOAD_FAILED`            | NotSent `media_not_fetched`                          | [3]    |
| other 400                                                  | Refused, with Google's own words (`Must be at most 1500 characters`) | [3] |
| 429                                                        | Throttled                                            | [2]    |
| 200 with `state` REJECTED                                  | Refused `rejected` (in `publishing`)                 | [4]    |
| 200 with `state` PROCESSING                                | Unknown `in_review` (in `publishing`), asked again    | [4]    |

[1] https://developers.google.com/my-business/content/error-handling, https://cloud.google.com/apis/design/errors ·
[2] https://developers.google.com/my-business/content/limits, …/content/prereqs (0 requests a minute: not approved) ·
[3] https://developers.google.com/my-business/reference/rest/Shared.Types/ErrorCode ·
[4] https://developers.google.com/my-business/reference/rest/v4/accounts.locations.localPosts#localpoststate
"""

import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any

import httpx
from django.utils.translation import gettext_lazy as _

from social.networks.base import Account, CredentialsRefused, MediaItem, NetworkError, NotSent, Refused
from social.networks.fetched import address_of
from social.networks.wire import Answer, Wire, items, mapping, text, word
from social.networks.wired import Wired, access_token, secrets_of

NETWORK = "Google Business Profile"
POSTS = "https://mybusiness.googleapis.com"
PLACES = "https://mybusinessbusinessinformation.googleapis.com"
ACCOUNTS = "https://mybusinessaccountmanagement.googleapis.com"
READ_SECONDS = 15.0
WRITE_SECONDS = 30.0  # Google fetches the picture meanwhile
TOTAL_SECONDS = 90.0
_ACCOUNT = re.compile(r"accounts/[0-9]{1,30}")
_LOCATION = re.compile(r"accounts/[0-9]{1,30}/locations/[0-9]{1,30}")
_POST = re.compile(r"accounts/[0-9]{1,30}/locations/[0-9]{1,30}/localPosts/[A-Za-z0-9_-]{1,100}")
_PAGES = 3
_MOST_PLACES = 300


class Gone(Refused):
    """Google has no such post or place, or not any more."""


class Api(Wired):
    """One account's connection to Google for one piece of work of at most `total` seconds; used by one thread."""

    def __init__(self, account: Account, *, total: float = TOTAL_SECONDS) -> None:
        self._token = access_token(NETWORK, account)
        self.location = str(account.credentials.get("location") or "").strip()
        own = account.server.rstrip("/")
        self._places, self._accounts = own or PLACES, own or ACCOUNTS
        self._wire = Wire(NETWORK, own or POSTS, secrets=secrets_of(account), total=total)

    def place(self) -> Mapping[str, Any]:
        """The place: `id`, `title`, and `maps`, where it is on Google Maps.

        Raises:
            Refused: it is none, or Google takes no posts of it.
        """
        self._require_location()
        path = f"{self._places}/v1/locations/{self.location.rpartition('/')[2]}"
        answer = self._call("GET", path, params={"readMask": "name,title,metadata"})
        if answer.get("metadata", "canOperateLocalPost") is False:
            raise _no_posts()
        return {
            "id": text(answer, "name"),
            "title": text(answer, "title"),
            "maps": str(answer.get("metadata", "mapsUri") or ""),
        }

    def places(self) -> tuple[str, list[tuple[str, str, str]]]:
        """Who the token's person is, empty where Google does not tell, and the places that they manage.

        Of each place: with its account, by itself, title; three hundred at most. A person is known by the one account
        that is nobody else's (`PERSONAL`).
        """
        persons: set[str] = set()
        found: list[tuple[str, str, str]] = []
        for account in self._all(f"{self._accounts}/v1/accounts", "accounts", pageSize=20):
            name = str(account.get("name") or "")
            if account.get("type") == "PERSONAL" and _ACCOUNT.fullmatch(name):
                persons.add(name)
            path = f"{self._places}/v1/{name}/locations"
            for place in self._all(path, "locations", pageSize=100, readMask="name,title") if name else ():
                known, title = str(place.get("name") or ""), str(place.get("title") or "")
                if _LOCATION.fullmatch(f"{name}/{known}") and len(found) < _MOST_PLACES:
                    found.append((f"{name}/{known}", known, title))
        return persons.pop() if len(persons) == 1 else "", found

    def address_of(self, item: MediaItem) -> str:
        """The picture's public address, which was seen to lead there."""
        return address_of(NETWORK, self._wire, item)

    def create(self, post: Mapping[str, Any]) -> Mapping[str, Any]:
        """Write a post, and return it as Google has it now: the one call that readers may see."""
        self._require_location()
        path = f"/v4/{self.location}/localPosts"
        return _post(self._call("POST", path, seconds=WRITE_SECONDS, visible=True, json=post))

    def post(self, name: str) -> Mapping[str, Any]:
        """One post."""
        return _post(self._call("GET", _path(name)))

    def change(self, name: str, post: Mapping[str, Any], mask: str) -> Mapping[str, Any]:
        """Change these parts of a post, and return it; what the mask names and the post has not is taken away."""
        params = {"updateMask": mask}
        return _post(self._call("PATCH", _path(name), seconds=WRITE_SECONDS, visible=True, params=params, json=post))

    def delete(self, name: str) -> None:
        """Take the post down; what is not there any more is no error."""
        with suppress(Gone):
            answer = self._call("DELETE", _path(name), seconds=WRITE_SECONDS, visible=True)
            if answer.content:
                mapping(answer)

    def posts(self) -> Iterator[Mapping[str, Any]]:
        """The place's posts, the newest first; after three hundred the last thing given is empty: there are more."""
        self._require_location()
        yield from self._all(f"/v4/{self.location}/localPosts", "localPosts", pages=_PAGES, pageSize=100)

    def _all(self, path: str, name: str, *, pages: int = 20, **params: Any) -> Iterator[Mapping[str, Any]]:
        token = ""
        for _page in range(pages):
            answer = self._call("GET", path, params={**params, "pageToken": token or None})
            if answer.get(name) is not None:  # left out where there are none
                yield from (found for found in items(answer, name) if isinstance(found, dict) and found)
            else:
                mapping(answer)
            token = str(answer.get("nextPageToken") or "")
            if not token:
                return
        yield {}

    def _require_location(self) -> None:
        if not _LOCATION.fullmatch(self.location):
            raise Refused(
                _("The place is not named as Google names it: accounts/…/locations/…, each with its number."),
                code="location_not_valid",
            )

    def _call(self, method: str, path: str, *, seconds: float = READ_SECONDS, **how: Any) -> Answer:
        return self._wire.call(method, path, seconds=seconds, token=self._token, judge=_meaning, **how)


def _path(name: str) -> str:
    if not _POST.fullmatch(name):
        raise _gone()
    return f"/v4/{name}"


def _post(answer: Answer) -> Mapping[str, Any]:
    """A post, with a name and a state that can be kept."""
    if not _POST.fullmatch(word(answer, "name")):
        raise answer.unreadable("no name of a post")
    text(answer, "state")
    return mapping(answer)


def _details(answer: Answer) -> str:
    """All codes and words of an error's details, which Google says in more than one way."""
    found = answer.get("error", "details")
    return str(found) if isinstance(found, list) else ""


def _meaning(answer: Answer) -> NetworkError | None:
    if answer.ok:
        return None
    details = _details(answer)
    not_let_in = "SERVICE_DISABLED" in details
    match answer.status:
        case httpx.codes.NOT_FOUND:
            meant: NetworkError | None = _gone()
        case httpx.codes.FORBIDDEN:
            meant = _app_refused() if not_let_in else _no_rights("SCOPE_INSUFFICIENT" in details)
        case httpx.codes.TOO_MANY_REQUESTS:
            meant = _app_refused() if re.search(r"quota_limit_value'?:? *'?0'", details) else None
        case httpx.codes.BAD_REQUEST:
            meant = _bad_request(details)
        case _:
            meant = None
    return meant


def _bad_request(details: str) -> NetworkError | None:
    if "LOCATION_DISABLED_FOR_LOCAL_POST_API" in details:
        return _no_posts()
    if "PHOTO_FETCH_FAILED" in details or "PHOTO_UPLOAD_FAILED" in details:
        return NotSent(_("Google could not fetch the picture. Nothing was published."), code="media_not_fetched")
    return None


def _gone() -> Gone:
    return Gone(_("Google has no such post or place any more."), code="gone")


def _no_posts() -> Refused:
    return Refused(
        _("Google takes no posts of this place by program, as of chains: they can be written in its own pages."),
        code="posts_not_allowed",
    )


def _app_refused() -> Refused:
    return Refused(
        _("Google has not let this installation in yet. Who runs Filo has to ask for access to its API."),
        code="app_refused",
    )


def _no_rights(scope: bool) -> Refused:  # noqa: FBT001 - of two ways to lack a right
    sentence = _(
        "Google says that a permission is missing. Connect the channel again, as somebody who manages the place."
    )
    return (CredentialsRefused if scope else Refused)(sentence, code="permission_missing")
