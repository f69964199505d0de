"""Publishing on Threads, step by step.

Longest times, each in all: asking who it is 10 s, looking at a public address 10 s, making a container 30 s, asking how one
stands 10 s, the quota 10 s, publishing 30 s. Only publishing can be seen by readers. Each post of a thread is a step of its
own: `publish` the root, `part:1` … those below, `comment` the first comment.
"""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.utils.translation import gettext_lazy as _

from social.networks.base import (
    Account,
    CannotTell,
    Content,
    CredentialsRefused,
    Journal,
    Keys,
    MediaItem,
    NetworkError,
    NotReady,
    NotSent,
    Published,
    Refused,
    Throttled,
    Unknown,
)
from social.networks.meta import Graph, Missing, begun, moment, same_words, soon, whole
from social.networks.meta.containers import PUBLISHED, address_of, settled, wait_for
from social.networks.outcomes import wordless
from social.networks.rules import is_web_link
from social.networks.threads import TAKEN_KINDS, appended, card, people
from social.networks.wire import Answer, items, text, word

# https://developers.facebook.com/docs/threads/retrieve-and-manage-replies/create-replies/ ("on average 30 seconds"); seen without:
# https://github.com/gitroomhq/postiz-app/issues/1441 (2026-04)
REST = dt.timedelta(seconds=30)
_LIST = 50
_QUOTA_WAIT = 3_600.0
_MOST_LINK = 500
NO_LINK = "https://www.threads.com/"  # where nobody says which it is


@dataclass(frozen=True, slots=True)
class Step:
    """One post: the step it is written down under, what it says and shows, and the step that it answers."""

    name: str
    text: str
    media: tuple[MediaItem, ...] = ()
    link: str = ""
    below: str = ""


def steps_of(content: Content) -> Iterator[Step]:
    """Give the posts of this publication, in the order in which they go out."""
    yield Step("publish", content.text + appended(content), content.media, card(content))
    before = "publish"
    for number, part in enumerate(content.parts, start=1):
        yield Step(f"part:{number}", part.text, part.media, below=before)
        before = f"part:{number}"
    if content.comment:
        yield Step("comment", content.comment, below="publish")


@dataclass(frozen=True, slots=True)
class Work:
    """One try: where, as whom, since when, and what is done already."""

    graph: Graph
    person: people.Person
    keys: Keys
    journal: Journal

    def publish(self, step: Step) -> Mapping[str, Any]:
        """Make the post's container and publish it, if that was not done yet; return what was given."""
        given = self.journal.given(step.name)
        if given is not None:
            return given
        make = partial(self._container, step)
        container, status = settled(self.journal, _prepared(step), make, self._state, wait=wait_for(step.media))
        if status == PUBLISHED:
            found = self.became(step)
            if not found:
                self.journal.sending(step.name)  # a try before has sent it
                raise Unknown(_("Threads says that it is published, and does not show it yet."), code="not_shown")
            given = {"id": found}
        else:
            self._rested(step, container)
            self._require_quota(reply=bool(step.below))
            self.journal.sending(step.name)
            given = {"id": word(self._shown(step, container), "id")}
        self.journal.sent(step.name, given)
        return given

    def _rested(self, step: Step, container: str) -> None:
        """Give Threads the half minute that its pages ask for; an answer with a video that had none becomes no answer."""
        if not (step.below and any(item.is_video for item in step.media)):
            return
        now = dt.datetime.now(dt.UTC)
        ready = self.journal.once(f"ready:{container}", lambda: {"at": now.isoformat()})
        rested = dt.datetime.fromisoformat(str(ready["at"])) + REST
        if now < rested:
            sentence = _("The network is working on the picture or video.")
            raise NotReady(sentence, code="processing", retry_at=rested)

    def _shown(self, step: Step, container: str) -> Answer:
        """Publish the container. One that Threads does not know, be it that it has called it ready, is made anew by the next try."""
        try:
            return self.graph.post(f"/{self.person.id}/threads_publish", visible=True, creation_id=container)
        except NotSent as error:
            if error.code == "container_gone":
                self.journal.forget(_prepared(step))
            raise

    def find(self, step: Step) -> bool:
        """Say whether the post is live, and write that down where it is."""
        # Its day may be over, and it was published all the same.
        prepared = self.journal.given(_prepared(step), ever=True)
        if prepared is None:
            return False  # it can't have been published without
        try:
            status, _why = self._state(str(prepared["id"]))
        except Missing as missing:
            raise CannotTell(
                _("Threads does not know any more what was prepared."), code="cannot_tell", said=missing.said
            ) from None
        if status in {"FINISHED", "EXPIRED", "ERROR"}:
            return False
        found = self.became(step) if status == PUBLISHED else ""
        if not found:
            raise NotSent(_("Threads does not show it yet."), code="not_shown")
        self.journal.sent(step.name, {"id": found})
        return True

    def became(self, step: Step) -> str:
        """The profile's post with these words since the first try; the oldest that is not another one of ours."""
        since = begun(self.keys, self.journal)
        edge = "replies" if step.below else "threads"
        answer = self.graph.get(f"/{self.person.id}/{edge}", fields="id,text,timestamp", limit=_LIST)
        found = ""
        for row in items(answer, "data"):
            at = moment(row.get("timestamp")) if isinstance(row, dict) else None
            if at is None or at < since:
                break
            if same_words(row.get("text") or "", step.text) and not self._is_another(str(row.get("id")), step):
                if not step.text:
                    raise wordless("Threads")  # somebody may have put one there by hand
                found = str(row.get("id") or "")
        return found

    def _is_another(self, post: str, step: Step) -> bool:
        """Whether a post with the same words is one that an earlier part has become, or another publication."""
        names = ["publish", "comment", *(f"part:{number}" for number in range(1, 100))]
        known = (self.journal.given(name) for name in names if name != step.name)
        mine = any(given is not None and str(given["id"]) == post for given in known)
        return mine or self.journal.is_another(post)

    def _container(self, step: Step) -> dict[str, Any]:
        below = self.journal.given(step.below) if step.below else None
        more = {"text": step.text or None, "reply_to_id": str(below["id"]) if below else None}
        if not step.media:
            return self._made(media_type="TEXT", link_attachment=step.link or None, **more)
        if len(step.media) == 1:
            return self._of(step.media[0], **more)
        children = []
        for place, item in enumerate(step.media):
            make = partial(self._of, item, is_carousel_item=True)
            name = f"media:{step.name}:{item.sha256}:{place}"
            children.append(settled(self.journal, name, make, self._state, wait=wait_for((item,)))[0])
        return self._made(media_type="CAROUSEL", children=",".join(children), **more)

    def _of(self, item: MediaItem, **more: Any) -> dict[str, Any]:
        alt = item.alt_text or None
        if item.is_video:
            return self._made(media_type="VIDEO", video_url=address_of(self.graph, item), alt_text=alt, **more)
        if item.mime not in TAKEN_KINDS:
            raise Refused(
                _("%(network)s does not take a picture of this kind: it is %(mime)s."),
                code="media_kind",
                params={"network": "Threads", "mime": item.mime},
            )
        return self._made(media_type="IMAGE", image_url=address_of(self.graph, item), alt_text=alt, **more)

    def _made(self, **fields: Any) -> dict[str, Any]:
        return {"id": word(self.graph.post(f"/{self.person.id}/threads", **fields), "id")}

    def _state(self, container: str) -> tuple[str, str]:
        answer = self.graph.get(f"/{container}", fields="status,error_message")
        return text(answer, "status"), str(answer.get("error_message") or "")

    def _require_quota(self, *, reply: bool) -> None:
        """Refuse what Threads would, by its own count of the last 24 hours. Where it does not say, it may decide."""
        kind = "reply_" if reply else ""
        try:
            answer = self.graph.get(
                f"/{self.person.id}/threads_publishing_limit", fields=f"{kind}quota_usage,{kind}config"
            )
        except CredentialsRefused:
            raise
        except Refused:
            return
        used = whole(answer.get("data", 0, f"{kind}quota_usage"))
        most = whole(answer.get("data", 0, f"{kind}config", "quota_total"))
        if used is not None and most is not None and used >= most:
            raise Throttled(
                _("Threads' %(most)d posts a day are used up for this account."),
                code="quota",
                params={"most": most},
                retry_at=soon(seconds=_QUOTA_WAIT),
            )


def publish(account: Account, content: Content, keys: Keys, journal: Journal) -> Published:
    """Publish once; see `Network.publish`."""
    with people.connected(account) as graph:
        work = Work(graph, people.own(graph, account), keys, journal)
        return placed(graph, [str(work.publish(step)["id"]) for step in steps_of(content)])


def find(account: Account, content: Content, keys: Keys, journal: Journal) -> Published | None:
    """See `Network.find`."""
    with people.connected(account) as graph:
        work = Work(graph, people.own(graph, account), keys, journal)
        for step in steps_of(content):
            if journal.given(step.name) is None and not (_was_sent(journal, step) and work.find(step)):
                return None
        given = [journal.given(step.name) or {} for step in steps_of(content)]
        return placed(graph, [str(post["id"]) for post in given])


def placed(graph: Graph, posts: Sequence[str]) -> Published:
    """Return where these posts are. What is out stays out if its address can't be read just now."""
    try:
        link = str(graph.get(f"/{posts[0]}", fields="permalink").get("permalink") or "")
    except NetworkError:
        link = ""
    return Published(",".join(posts), link if is_web_link(link) and len(link) <= _MOST_LINK else NO_LINK)


def _prepared(step: Step) -> str:
    return "container" if step.name == "publish" else f"container:{step.name}"


def _was_sent(journal: Journal, step: Step) -> bool:
    """Whether it is this post that was in flight; nobody having said, it is the first that is not written down."""
    return journal.in_flight() in {"", step.name}
