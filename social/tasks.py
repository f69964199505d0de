"""Celery's doors to publishing: short, idempotent, numbers only."""

from typing import Any

from celery import shared_task
from django.utils import timezone

from social import mornings
from social.models import PublicationState
from social.services import (
    asking,
    budgets,
    checking,
    claiming,
    clock,
    connections,
    filling,
    finishing,
    publishing,
    recurring,
    renditions,
    renewing,
    retiring,
    scheduling,
    settling,
    signing_in,
    silences,
    watching,
)


@shared_task(ignore_result=True)
def sweep() -> None:
    """Hand out what is due to whichever worker is free."""
    doors: dict[str, Any] = {
        PublicationState.SCHEDULED: publish,
        PublicationState.PUBLISHING: end_lease,
        PublicationState.UNKNOWN: ask,
    }
    for state, ids in claiming.bundles(claiming.handed_out(clock.now())):
        doors[state].delay(*ids)


@shared_task(ignore_result=True)
def publish(*publication_ids: int) -> None:
    """Claim these publications of one network, and send them."""
    publishing.publish_all(publication_ids=publication_ids, elsewhere=publish.delay)


@shared_task(ignore_result=True)
def end_lease(publication_id: int) -> None:
    """A worker died over this one."""
    settling.end_lease(publication_id=publication_id)


@shared_task(ignore_result=True)
def ask(publication_id: int) -> None:
    """Ask the network whether this one is live."""
    asking.ask(publication_id=publication_id)


@shared_task(ignore_result=True)
def order_renditions() -> None:
    """Hand out pictures and videos that have to be made for a network."""
    for rendition_id in renditions.hand_out(timezone.now()):
        make_rendition.delay(rendition_id)


@shared_task(ignore_result=True)
def make_rendition(rendition_id: int) -> None:
    """Make one."""
    renditions.make(rendition_id=rendition_id)


@shared_task(ignore_result=True)
def mark_late() -> None:
    """Posts that were still in review when their hour came."""
    scheduling.mark_late()


@shared_task(ignore_result=True)
def forget_old_uses() -> None:
    """What no limit counts any more."""
    budgets.forget_old()


@shared_task(ignore_result=True)
def order_renewals() -> None:
    """Hand out channels whose token is to be renewed."""
    for channel_id in renewing.hand_out(clock.now()):
        renew_channel.delay(channel_id)


@shared_task(ignore_result=True)
def renew_channel(channel_id: int) -> None:
    """Renew one channel's token."""
    renewing.renew_in_turn(channel_id=channel_id)


@shared_task(ignore_result=True)
def order_checks() -> None:
    """Hand out channels whose network is to be asked who we are."""
    for channel_id in checking.hand_out(clock.now()):
        check_channel.delay(channel_id)


@shared_task(ignore_result=True)
def order_asked_checks() -> None:
    """The same of those for which somebody waits."""
    for channel_id in checking.hand_out_asked(clock.now()):
        check_channel.delay(channel_id)


@shared_task(ignore_result=True)
def check_channel(channel_id: int) -> None:
    """Ask one network who we are."""
    checking.check(channel_id=channel_id)


@shared_task(ignore_result=True)
def order_sign_ins() -> None:
    """Hand out what people have brought back from networks, or typed."""
    for sign_in_id in finishing.hand_out(timezone.now()):
        finish_sign_in.delay(sign_in_id)


@shared_task(ignore_result=True)
def finish_sign_in(sign_in_id: int) -> None:
    """Ask the network whose account it is, and connect it."""
    finishing.go_on(sign_in_id=sign_in_id)


@shared_task(ignore_result=True)
def look_after_connections() -> None:
    """Connections that end soon, and sign-ins that were never finished."""
    connections.foresee_ends(clock.now())
    signing_in.forget_old()


@shared_task(ignore_result=True)
def go_on_with_series() -> None:
    """Hand out the series of which posts are to be made, and the made posts whose review has to begin."""
    for recurrence_id in recurring.due(clock.now()):
        make_of_series.delay(recurrence_id)
    for occurrence_id in recurring.unasked():
        ask_of_series.delay(occurrence_id)


@shared_task(ignore_result=True)
def make_of_series(recurrence_id: int) -> None:
    """Make what is due of one series."""
    recurring.make(recurrence_id=recurrence_id)


@shared_task(ignore_result=True)
def ask_of_series(occurrence_id: int) -> None:
    """Begin one made post's review."""
    recurring.ask(occurrence_id=occurrence_id)


@shared_task(ignore_result=True)
def order_looks() -> None:
    """Hand out what is to be read back, and what is to be counted."""
    now = clock.now()
    for publication_id in watching.hand_out("look_at", now):
        look.delay(publication_id)
    for publication_id in watching.hand_out("count_at", now):
        count.delay(publication_id)


@shared_task(ignore_result=True)
def look(publication_id: int) -> None:
    """See whether one publication is where it should be."""
    watching.look(publication_id=publication_id)


@shared_task(ignore_result=True)
def count(publication_id: int) -> None:
    """Ask what the network counts of one publication."""
    watching.count(publication_id=publication_id)


@shared_task(ignore_result=True)
def client_left(client_id: int) -> None:
    """The work with a client has ended."""
    retiring.client_left(client_id=client_id)


@shared_task(ignore_result=True)
def retire_ended_networks() -> None:
    """What is left of networks that there are no more."""
    retiring.retire_ended_networks()


@shared_task(ignore_result=True)
def order_objectives() -> None:
    """Hand out the objectives that networks fill."""
    for objective_id in filling.chosen():
        fill_objective.delay(objective_id)


@shared_task(ignore_result=True)
def fill_objective(objective_id: int) -> None:
    """Write what networks have counted for one objective."""
    filling.fill(objective_id=objective_id)


@shared_task(ignore_result=True)
def foresee_silences() -> None:
    """Channels that are going to be quiet for longer than was agreed."""
    silences.foresee(now=clock.now())


@shared_task(ignore_result=True)
def remind_of_silences() -> None:
    """Whoever looks after a silence ahead is told in their morning mail."""
    mornings.remind(now=timezone.now())
