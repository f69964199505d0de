"""Publishing on WordPress, step by step.

What readers can't see comes first: pictures, categories and tags, and an empty draft under a slug of our own, by which it is
found again where its answer was lost. Then one call writes the whole post and publishes it. That call names the draft by its
number, so it can be made again without a second post.

Where that call is refused, the post itself is read, as it is where the answer was lost: a plugin of the site may break off
when all is done. So it is with a change and with the trash; what can't be read then is uncertain.

Longest times of a step: asking who we are 20 s, a picture 80 s, a category or tag 40 s, the draft 60 s, the post 80 s.
"""

import datetime as dt
import hashlib
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy as _

from social.networks.base import (
    Account,
    CannotTell,
    Content,
    CredentialsRefused,
    Identity,
    Journal,
    Keys,
    MediaItem,
    NetworkError,
    NotSent,
    Numbers,
    Published,
    Refused,
    Unknown,
)
from social.networks.wordpress.api import Api, Gone
from social.networks.wordpress.blocks import Picture, blocks, one_line, plain, titled
from social.networks.wordpress.fields import listed, moment_of

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise

SURE_FOR = dt.timedelta(hours=1)
UPLOAD_SECONDS = 1_200.0  # for all pictures together
_TRASH = "trash"
_SHOWN = frozenset({"publish", "future", "private"})
_WAITS: Mapping[str, "StrPromise"] = {
    "draft": _("It is a draft on the site: readers don't see it yet."),
    "pending": _("It waits on the site for somebody to look at it: readers don't see it yet."),
    "future": _("The site shows it on its day: readers don't see it yet."),
    "private": _("It is private on the site: readers don't see it."),
}


def publish(account: Account, content: Content, keys: Keys, journal: Journal) -> Published:
    """Publish once, or go on; see `Network.publish`."""
    mark = _mark(keys)
    with Api(account, total=UPLOAD_SECONDS) as api:
        _require_ourselves(api, account, journal)
        slug = str(content.fields.get("slug") or "").strip()
        if slug:
            journal.once("slug", lambda: _free(api, slug, journal), good_for=SURE_FOR)
        site = account.server.rstrip("/").lower()
        pictures = [_uploaded(api, item, journal, site) for item in content.media]
        terms = journal.once("terms", lambda: _terms(api, content.fields), good_for=SURE_FOR)
        body = _body(content, pictures, terms)
        draft = int(journal.once("draft", lambda: {"id": _draft(api, mark, body["title"])})["id"])
        journal.sending()
        try:
            given = api.write(draft, {**body, "slug": slug, **_when(content.fields)})
        except Refused as refused:
            try:
                return _done_all_the_same(api, draft, content, refused, journal)
            except (Refused, NotSent):
                # What it names may have been deleted there since: who tries again looks for it first.
                journal.forget("terms", *(_step(item) for item in content.media))
                raise
        except Unknown:
            journal.forget("account")  # who goes on asks first by which way the site is reached
            raise
        journal.sent("publish", given)
        return _published(given)


def find(account: Account, content: Content, journal: Journal) -> Published | None:
    """Look at the draft's number: what is there is published, or is a draft still; see `Network.find`."""
    draft = journal.given("draft")
    with Api(account) as api:
        _require_ourselves(api, account, journal)
        if draft is None:
            return None  # nothing was sent without one
        try:
            return _standing(int(draft["id"]), api.post(int(draft["id"])), content, journal)
        except Gone:
            return None


def identity(account: Account) -> Identity:
    """Ask who the password belongs to, on which site, and whether they may publish there."""
    with Api(account) as api:
        me, site = api.me(), api.site_name()
        allows = {"publish": me["may_publish"], **({"route": me["route"]} if me["route"] else {})}
        return Identity(id=str(me["id"]), handle=me["handle"], name=site or me["name"], allows=allows)


def edit(account: Account, live: Published, content: Content) -> Published:
    """Give the post this content; its state, its day and its address stay."""
    with Api(account, total=UPLOAD_SECONDS) as api:
        number = _number(live)
        before = api.post(number)
        pictures = [_at_the_site(api, item) for item in content.media]
        body = _body(content, pictures, _terms(api, content.fields))
        try:
            api.write(number, body)
        except Refused as refused:
            after = _looked_into(api, number, refused)
            if not _holds(after, body):
                refused.partly = after["holds"] != before["holds"]
                raise
        return live


def delete(account: Account, live: Published) -> None:
    """Move the post to the site's trash; what is there already, or is not there any more, is no error."""
    number = _number(live)
    with Api(account) as api, suppress(Gone):
        if api.post(number)["status"] == _TRASH:
            return
        try:
            api.trash(number)
        except Refused as refused:
            if _looked_into(api, number, refused)["status"] != _TRASH:
                raise


def read_back(account: Account, live: Published) -> Published | None:
    """Where it is now; None where it is in the trash, or nowhere, or a draft again that was none.

    What was to wait there (as a draft, or for its day) waits as long as nobody at the site shows it.
    """
    with Api(account) as api:
        try:
            post = api.post(_number(live))
        except Gone:
            return None
    if post["status"] != "publish" and (not live.hidden or post["status"] not in _WAITS):
        return None
    return _published({**post, "id": live.remote_id})


def numbers(account: Account, live: Published) -> Numbers:
    """How many comments readers see there; of the rest WordPress itself counts nothing."""
    with Api(account) as api:
        return Numbers(comments=api.comments_on(_number(live)))


def _require_ourselves(api: Api, account: Account, journal: Journal) -> None:
    """The password's owner has to be the channel's account."""
    me = journal.once("account", api.me, good_for=SURE_FOR)
    api.go_by(me.get("route"))
    if account.identity and account.identity != str(me["id"]):
        raise Refused(
            _("These credentials belong to %(handle)s, not to this channel's account. Nothing was published."),
            code="wrong_account",
            params={"handle": str(me["handle"])},
        )


def _free(api: Api, slug: str, journal: Journal) -> Mapping[str, Any]:
    """Refuse an address that another post of the site has: WordPress would silently make another one of it."""
    ours = (journal.given("draft") or {}).get("id")
    if any(post != ours for post in api.posts_with(slug)):
        sentence = _("The site has another post with the address “%(slug)s”. Choose another one.")
        raise Refused(sentence, code="slug_taken", params={"slug": slug})
    return {}


def _uploaded(api: Api, item: MediaItem, journal: Journal, site: str) -> Picture:
    """The picture, sent once however many posts of the site it goes out with, also where they go out at the same moment."""
    given = journal.once(_step(item), lambda: _sent(api, item), good_for=SURE_FOR, shared=site)
    return Picture(int(given["id"]), str(given["url"]), item.alt_text)


def _step(item: MediaItem) -> str:
    return f"media:{_slug_of(item)}"


def _at_the_site(api: Api, item: MediaItem) -> Picture:
    given = _sent(api, item)
    return Picture(int(given["id"]), str(given["url"]), item.alt_text)


def _sent(api: Api, item: MediaItem) -> Mapping[str, Any]:
    """The picture at the site, sent if it is not there yet: of whichever publication, its slug tells."""
    slug = _slug_of(item)
    return api.media(slug) or api.upload(slug, item)


def _slug_of(item: MediaItem) -> str:
    """A slug that only the same picture with the same description has."""
    described = hashlib.sha256(item.alt_text.encode("utf-8", "replace")).hexdigest()
    return f"filo-{item.sha256[:20]}-{described[:8]}"


def _terms(api: Api, fields: Mapping[str, Any]) -> Mapping[str, list[int]]:
    """The numbers of categories, which have to be there, and of tags, which are made where they are not."""
    categories, missing = [], []
    for name in listed(fields.get("categories")):
        found = api.term("categories", name)
        if found is None:
            missing.append(name)
        else:
            categories.append(found)
    if missing:
        sentence = _("The site has no such category: %(names)s. Make it there, or choose another one.")
        raise Refused(sentence, code="category_unknown", params={"names": ", ".join(missing)})
    tags = [api.term("tags", name) or api.new_tag(name) for name in listed(fields.get("tags"))]
    return {"categories": categories, "tags": tags}


def _draft(api: Api, mark: str, title: str) -> int:
    """The number of our draft, made if it is not there yet."""
    found = api.posts_with(mark)
    return found[0] if found else api.draft(mark, title or mark)  # WordPress takes none that is empty


def _body(content: Content, pictures: Sequence[Picture], terms: Mapping[str, Any]) -> dict[str, Any]:
    """The post as WordPress takes it, but for its state, its day and its address."""
    title, text = titled(content.text, str(content.fields.get("title") or ""))
    link = content.link if content.link not in content.text else ""
    body: dict[str, Any] = {
        "title": one_line(title),
        "content": blocks(text, pictures[1:] if text.strip() else pictures, link),
        "excerpt": plain(str(content.fields.get("excerpt") or "")),
        "featured_media": pictures[0].id if pictures else 0,
        "tags": terms["tags"],
    }
    if terms["categories"]:  # none: WordPress takes its usual one
        body["categories"] = terms["categories"]
    return body


def _written_down(content: Content, journal: Journal) -> dict[str, Any] | None:
    """The body that was sent, of what its steps gave; None where that is not known any more."""
    terms = journal.given("terms", ever=True)
    known = [(item, journal.given(_step(item), ever=True)) for item in content.media]
    pictures = [Picture(int(given["id"]), str(given["url"]), item.alt_text) for item, given in known if given]
    return _body(content, pictures, terms) if terms and len(pictures) == len(known) else None


def _when(fields: Mapping[str, Any]) -> dict[str, Any]:
    """The state that it gets, and the day that it shows; a day to come makes WordPress wait for it."""
    when: dict[str, Any] = {"status": str(fields.get("status") or "") or "publish"}
    shown = moment_of(fields)
    if shown is not None:
        when["date"] = shown.isoformat(timespec="seconds")
    return when


def _standing(draft: int, post: Mapping[str, Any], content: Content, journal: Journal) -> Published | None:
    """The post, if it stands there as it was to stand, which is written down; None while it is only a draft of ours.

    Raises:
        CannotTell: it is in the trash, and may have been live.
    """
    if post["status"] == _TRASH:
        sentence = _("The site has this post in its trash. Look there whether it went out before.")
        raise CannotTell(sentence, code="in_the_trash")
    asked = str(content.fields.get("status") or "")
    if post["status"] not in _SHOWN and not (post["written"] and post["status"] == asked):
        return None
    given = {"id": draft, "url": post["url"], "status": post["status"]}
    body = _written_down(content, journal)
    journal.sent("publish", given)
    return _published(given, whole=body is None or _holds(post, body))


def _done_all_the_same(api: Api, draft: int, content: Content, refused: Refused, journal: Journal) -> Published:
    """The post that stands there although the site said no; else the no is raised.

    What is refused leaves no draft behind, as far as we may take it away; never what was written by an earlier try.
    """
    if isinstance(refused, Gone):
        journal.forget("draft")
        sentence = _("Somebody has taken the draft away on the site. Nothing was published.")
        raise NotSent(sentence, code="draft_gone", said=refused.said) from None
    try:
        post = _looked_into(api, draft, refused)
        standing = _standing(draft, post, content, journal)
    except Gone:
        journal.forget("draft")
        raise refused from None
    except CannotTell as trashed:
        raise Unknown(trashed.template, code=trashed.code, said=refused.said) from None
    if standing:
        return standing
    if post["status"] == "draft" and not post["written"]:
        with suppress(NetworkError):
            api.discard(draft)
            journal.forget("draft")
    raise refused


def _looked_into(api: Api, post: int, refused: Refused) -> Mapping[str, Any]:
    """What the post is after the site said no to something about it.

    Raises:
        CredentialsRefused: the no was about the password, of which WordPress speaks before it does anything.
        Gone: there is no such post any more.
        Unknown: nobody can tell what was done.
    """
    if isinstance(refused, CredentialsRefused | Gone):
        raise refused
    try:
        return api.post(post)
    except Gone:
        raise
    except NetworkError:  # also another no: who may not read it can't know what was done
        sentence = _("The site said no, and can't be asked whether it has done it all the same.")
        raise Unknown(sentence, code="refusal_unclear", said=refused.said) from None


def _holds(post: Mapping[str, Any], body: Mapping[str, Any]) -> bool:
    """Whether all of the body stands in the post."""
    return all(_same(post["holds"][name], asked) for name, asked in body.items())


def _same(there: Any, asked: Any) -> bool:
    if not isinstance(asked, list):
        return bool(there == asked)
    return isinstance(there, list) and len(there) == len(asked) and all(one in there for one in asked)


def _published(given: Mapping[str, Any], *, whole: bool = True) -> Published:
    waits = _WAITS.get(str(given.get("status")), "")
    broke_off = _("The site broke off after it had written this: look there whether all of it is there.")
    return Published(
        str(given["id"]), str(given["url"]), detail=waits or ("" if whole else broke_off), hidden=bool(waits)
    )


def _number(live: Published) -> int:
    if not (live.remote_id.isascii() and live.remote_id.isdigit()):
        raise Gone(_("The site has no such post any more."), code="gone")
    return int(live.remote_id)


def _mark(keys: Keys) -> str:
    mark = keys.get("mark")
    if not isinstance(mark, str) or not mark.startswith("filo-"):
        raise Refused(_("This publication has no valid key for WordPress."), code="keys_not_valid")
    return mark
