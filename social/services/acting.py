"""What is done to something that is live: answered, changed, taken down. By the same claim, attempts and outcomes as going out.

A change and a taking down are the same whether they are done once or twice, so what is uncertain is done again. An answer
is a part of the thread below, or a comment: it is sent with the journal of what it answers, in which all above it is done.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.utils import translation
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from social import networks
from social.digest import as_is_live
from social.models import Act, Publication, PublicationState, Watch
from social.models.publications import ON_LIVE, REPEATABLE
from social.networks import clocks
from social.networks.base import Account, Content, Journal, Network, Published, Refused
from social.networks.halfway import halfway
from social.services.changing import changes_live, require_change, sent_by
from social.services.contents import (
    LIVE_THEN,
    answers_to,
    content_in,
    entry_in,
    entry_of,
    live_at,
    live_version,
    of_live,
    own_content,
    reply_step,
)
from social.services.giving_up import give_up
from social.services.going_on import go_on, has_rest
from social.services.locks import lock_post
from social.services.outbox import record_publication
from social.services.sending_rest import UNDER_WAY, second_branch
from social.services.states import refresh_state

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

AGAIN = timedelta(seconds=5)  # while something else is done to the same publication
UNSETTLED = frozenset({PublicationState.SCHEDULED, PublicationState.PUBLISHING, PublicationState.UNKNOWN})
DONE = {
    Act.EDIT: "publication.edited",
    Act.REPLY: "publication.replied",
    Act.TAKE_DOWN: "publication.taken_down",
}


def perform(
    network: Network, account: Account, publication: Publication, content: Content, journal: Journal
) -> Published:
    """Do what the publication is for. Raises what the network raises (see ``social.networks.base``)."""
    target = publication.target
    if target is None or publication.act == Act.NEW_POST:
        return network.publish(account, content, publication.keys, journal)
    if publication.act == Act.EDIT:
        return _changed(network, account, publication, target, content)
    if publication.act == Act.TAKE_DOWN:
        answers = answers_to(network, target)
        with halfway() as each:
            for reply in answers:
                if reply.remote_id:
                    with each():
                        network.delete(account, live_at(reply))
            with each():
                network.delete(account, live_at(target))
        stays = _("An answer of ours stays there, since its number is not known: take it down on the network itself.")
        return Published(remote_id="", permalink="", detail="" if all(one.remote_id for one in answers) else stays)
    step = reply_step(network, content)
    network.publish(account, content, publication.keys, Below(network, journal, step))
    return replied(target, journal, step)


def _changed(
    network: Network, account: Account, publication: Publication, target: Publication, content: Content
) -> Published:
    """What is live, changed. Of what broke off in the middle the part that is live, where that changes; the rest follows it."""
    live, wanted = live_at(target), taken_by(publication, content)
    if wanted is not None:
        live = network.edit(account, live, wanted)
    return replace(live, detail=_("The rest goes out after it.")) if has_rest(target, publication) else live


def taken_by(publication: Publication, content: Content) -> Content | None:
    """As much of this content as its try is given; None where it sends nothing."""
    target = publication.target
    if publication.act == Act.REPLY:
        return own_content(publication)
    if publication.act != Act.EDIT or target is None or target.live_posts is None:
        return content
    was, becomes = entry_in(live_version(target), target), entry_of(publication)
    return of_live(target, content) if changes_live(was, becomes, target.live_posts) else None


def counted_by(publication: Publication, content: Content) -> Content | None:
    """What limits and money are taken for: of a change the posts that it sends; None where it sends nothing."""
    target = publication.target
    if publication.act != Act.EDIT or target is None:
        return taken_by(publication, content)
    was, becomes = entry_in(live_version(target), target), entry_of(publication)
    entry = sent_by(was, becomes, target.live_posts)
    return None if entry is None else content_in(publication, entry)


def replied(target: Publication, journal: Journal, step: str) -> Published:
    """Where an answer is. Networks give its number, and no address of its own."""
    given = journal.given(step) or {}
    return Published(remote_id=str(given.get("id") or ""), permalink=target.permalink)


class Below:
    """A journal for one answer: nothing but that answer is ever sent, whatever the network takes for missing."""

    def __init__(self, network: Network, journal: Journal, step: str) -> None:
        self._network, self._journal, self._step = network, journal, step

    def once(
        self,
        step: str,
        work: Callable[[], Mapping[str, Any]],
        *,
        good_for: timedelta | None = None,
        shared: str = "",
        secret: str = "",
    ) -> Mapping[str, Any]:
        """As it is."""
        return self._journal.once(step, work, good_for=good_for, shared=shared, secret=secret)

    def given(self, step: str, *, ever: bool = False) -> Mapping[str, Any] | None:
        """As it is."""
        return self._journal.given(step, ever=ever)

    def sending(self, step: str = "publish") -> None:
        """Refuse to send anything else. Raises ``Refused``."""
        if step != self._step:
            text = _("We don't know enough of what is live on %(network)s to answer it from here.")
            raise Refused(text, code="cannot_reply", params={"network": self._network.name})
        self._journal.sending(step)

    def sent(self, step: str, given: Mapping[str, Any]) -> None:
        """As it is."""
        self._journal.sent(step, given)

    def in_flight(self) -> str:
        """As it is."""
        return self._journal.in_flight()

    def is_another(self, number: str) -> bool:
        """As it is."""
        return self._journal.is_another(number)

    def forget(self, *steps: str) -> None:
        """As it is."""
        self._journal.forget(*steps)


def first_progress(publication: Publication) -> dict[str, Any]:
    """What is done already before a try: of an answer all that it stands below, save a comment, which may be another.

    Between two tries more may have come of what it answers, which it stands below then. Of a change of what broke off in the
    middle it is kept how many posts were live then.
    """
    progress: dict[str, Any] = publication.progress
    if publication.target is not None and publication.act == Act.EDIT and publication.target.live_posts is not None:
        return {**progress, LIVE_THEN: publication.target.live_posts}
    if publication.act != Act.REPLY or publication.target is None:
        return progress
    target, mine = publication.target, progress.get("steps", {})
    # Where a network writes nothing down of a single post, its number is what stands for it.
    alone = {"publish": {"given": {"id": target.remote_id}, "until": None}}
    theirs = {**alone, **target.progress.get("steps", {})}
    # In a thread only its posts: what was prepared for one that is still to come would be sent in the answer's place.
    threads = networks.get(target.network).threads
    posts = {name for name in theirs if name == "publish" or name.startswith("part:")}
    kept = posts if threads else theirs.keys() - {"comment", clocks.STEP}
    return {**progress, "steps": {**mine, **{name: theirs[name] for name in kept}}}


def target_of(publication: Publication) -> Publication | None:
    """What it acts on, its row locked until the end of the transaction; the post's lock is held already."""
    if publication.target_id is None:
        return None
    rows = Publication.objects.select_for_update(of=("self",), no_key=True)
    return rows.select_related("version", "channel", "client").get(pk=publication.target_id)


def give_up_rest(publication: Publication) -> None:
    """What is to be taken down now need not go out before: the rest of what broke off, if it only waits. Its post is locked."""
    target = publication.target
    if publication.act != Act.TAKE_DOWN or target is None or not target.begun:
        return
    with translation.override(target.client.language):
        because = gettext("What is live of this is taken down: nothing more of it goes out.")
    if give_up(target, because, was=[PublicationState.SCHEDULED]):
        target.state = PublicationState.FAILED
        refresh_state(lock_post(target.post_id))
        record_publication(target, "publication.failed", because=because)


def is_busy(publication: Publication) -> bool:
    """Whether something else is being done to the same live publication, or may have been."""
    if publication.act not in ON_LIVE:
        return False
    if publication.target is not None and publication.target.state in UNSETTLED:
        return True  # the rest of what broke off is being sent after all
    others = Publication.objects.filter(target=publication.target_id, act__in=ON_LIVE).exclude(pk=publication.pk)
    return others.filter(UNDER_WAY).exists()


def obstacle(publication: Publication, target: Publication) -> "StrOrPromise":
    """Why what was approved makes no sense any more; empty where it does.

    A change that may have been made is asked about, too: made again after that, it would bring back what is gone.
    """
    if publication.act == Act.NEW_POST:
        return ""
    if publication.act != Act.TAKE_DOWN and target.taken_down_at:
        return _("What this corrects has been taken down meanwhile.")
    if not live_at(target).remote_id:
        return _("Somebody has said that this is live, so its number there is not known: do it on the network itself.")
    if publication.act == Act.EDIT and not _still_fits(publication, target):
        return _("What is live has been changed since this was written. Begin a new correction.")
    return second_branch(target, entry_of(publication)) if publication.act == Act.EDIT else ""


def _still_fits(publication: Publication, target: Publication) -> bool:
    """Whether what is live is what this change was written for. More of a thread may have come since, by the old words."""
    live, becomes = live_version(target), entry_of(publication)
    if live.pk != publication.post.before_id:
        return False
    try:
        require_change(networks.get(target.network), entry_in(live, target), becomes, target.live_posts)
    except ValidationError:
        return False
    return as_is_live(publication.post, [becomes]) == [becomes]


def follow(publication: Publication, live: Published, now: datetime) -> None:
    """What a done act changes in the row of what it was done to. In the caller's transaction, under the post's lock."""
    target = publication.target_id
    if target is None:
        return
    if publication.act == Act.EDIT and not go_on(publication, live, now) and live.remote_id:
        out = Publication.objects.filter(pk=target, state=PublicationState.PUBLISHED)
        out.update(remote_id=live.remote_id, permalink=live.permalink, updated_at=now)
        Watch.objects.filter(publication=target).exclude(look_at=None).update(look_at=now, looks=0, tries=0)
    if publication.act == Act.TAKE_DOWN:
        rows = Publication.objects.filter(target=target, act=Act.REPLY, state=PublicationState.PUBLISHED)
        if networks.get(publication.network).threads:
            rows = rows.exclude(remote_id="")  # which nobody could take down
        gone = [target, *rows.values_list("pk", flat=True)]
        Publication.objects.filter(pk__in=gone, taken_down_at=None).update(taken_down_at=now, updated_at=now)
        Watch.objects.filter(publication__in=gone).update(look_at=None, count_at=None)


def repeats(publication: Publication) -> bool:
    """Whether doing it twice does no more than once."""
    return publication.act in REPEATABLE


def verb_of(publication: Publication) -> str:
    """What the evidence calls it when it is done."""
    return DONE.get(Act(publication.act), "publication.published")
