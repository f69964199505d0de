"""How what broke off in the middle goes on, once a change of the whole is made.

A change is approved as one: what of it is live becomes as it stands there (see ``acting.perform``), and when that is done the
original goes on by its own journal, with the words of the change. The publication's own version stays what it was.
"""

from datetime import datetime
from typing import Any

from social import networks
from social.models import Publication, PublicationState, Variant
from social.networks import clocks
from social.networks.base import Network, Published
from social.services.contents import BROKEN_OFF, entry_in, live_at, of_live, own_content
from social.services.journal import SEALED
from social.services.locks import lock_post
from social.services.needing import needs_of
from social.services.outbox import record_publication
from social.services.repeating import fingerprints
from social.services.sending_rest import agreed_end
from social.services.states import refresh_state


def go_on(change: Publication, live: Published, now: datetime) -> bool:
    """Let what broke off in the middle go on with the words of this change, which is made. False where it was whole.

    Where everybody has agreed that it is taken down, nothing more of it is sent.

    In the caller's transaction, which has marked the change as made and holds the locks of both posts.
    """
    target = Publication.objects.select_related("version", "channel", "client", "post").get(acts=change)
    if target.live_posts is None or target.state not in BROKEN_OFF or target.taken_down_at:
        return False
    network, entry = networks.get(target.network), entry_in(change.version, target)
    content = own_content(target)  # which is the change's by now
    keys = network.keys_for_rest(target.keys, now, content, target.live_posts)
    rows = Publication.objects.filter(pk=target.pk, state=target.state)
    becomes: dict[str, Any] = {
        "keys": keys,
        "progress": _progress(network, target, live),
        "updated_at": now,
        **needs_of(target.client_id, [entry])[target.channel_id],
    }
    ends = agreed_end(target) is not None
    if not ends:
        outbox = {"due_at": now, "wake_at": now, "handed_at": None, "held": False}
        becomes |= {"state": PublicationState.SCHEDULED, "detail": "", **outbox}
    if not rows.update(**becomes):
        return False
    if ends:
        return True  # should that be withdrawn, the rest can be sent as the change has it
    _note_what_is_said(target, entry)
    refresh_state(lock_post(target.post_id))
    record_publication(target, "publication.sent_again", change=change.pk)
    return True


def has_rest(target: Publication, change: Publication) -> bool:
    """Whether anything of the change still goes out once what is live is as it says."""
    content = own_content(change)
    return of_live(target, content) != content and agreed_end(target) is None


def _progress(network: Network, target: Publication, live: Published) -> dict[str, Any]:
    """How far it is, with the numbers that the change has given its posts. What was uploaded may be described otherwise now."""
    progress = {name: value for name, value in target.progress.items() if name != "in_flight"}
    steps = dict(progress.get("steps", {}))
    names = ["publish", *(f"part:{number}" for number in range(1, target.live_posts or 1))]
    numbers = live.remote_id.split(",")
    if live.remote_id and live.remote_id != live_at(target).remote_id and len(numbers) == len(names):
        for name, number in zip(names, numbers, strict=True):
            steps[name] = {**steps[name], "given": {**steps[name]["given"], "id": number}}
    if network.threads:
        steps = {name: given for name, given in steps.items() if name in {*names, clocks.STEP}}
        progress.pop(SEALED, None)
    return {**progress, "steps": steps}


def _note_what_is_said(target: Publication, entry: dict[str, Any]) -> None:
    """What goes out by the change must not go out twice, either."""
    prints = fingerprints(entry)
    for variant in Variant.objects.filter(post=target.post_id, channel=target.channel_id) if prints else ():
        Variant.objects.filter(pk=variant.pk).update(says=sorted({*variant.says, *prints}))
