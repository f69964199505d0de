"""What networks take money for: counted per client and month, and stopped at the client's ceiling.

A try is charged before the network is called, under the lock of its client's purse, so that two at once never go beyond
the ceiling together. What did not become live is given back as soon as that is known. A month is one of the client's own
clock; prices are US dollars, as the networks say them.
"""

from dataclasses import replace
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F, Sum
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.errors import Conflict
from accounts.models import User
from audit.services import record
from clients.models import Client, Role
from clients.months import Month, month_at
from clients.selectors import require
from social import networks
from social.models import Act, Attempt, Cause, Ceiling, ChannelStatus, Charge, Publication, PublicationState
from social.money import dollars as said
from social.networks.base import Content, Network
from social.services.contents import answers_to, content_of_version, live_at
from social.services.locks import lock_name, lock_post
from social.services.outbox import is_approved, record_publication, tell_people
from social.services.sending_rest import require_free
from social.services.states import refresh_state

NOTHING = Decimal(0)
MOST = Decimal("9999999.99")
ALLOWED = frozenset({PublicationState.SCHEDULED, PublicationState.LATE, PublicationState.FAILED})


def has_price(network: str) -> bool:
    """Whether anything there costs money."""
    return type(networks.get(network)).price is not Network.price


def price_of(network: str, content: Content) -> Decimal:
    """What the network takes for all of it."""
    found = networks.get(network).price(content)
    return found.dollars if found else NOTHING


def price_of_taking_down(publication: Publication) -> Decimal:
    """What the network takes for deleting what is live of it, and our answers below it."""
    network = networks.get(publication.network)
    if network.delete_price(1) is None:
        return NOTHING
    answers = [reply for reply in answers_to(network, publication) if reply.remote_id]
    found = network.delete_price(network.posts_read(live_at(publication)) + len(answers))
    return found.dollars if found else NOTHING


def spent(client_id: int, month: Month) -> Decimal:
    """What was charged for a client in a month; what is uncertain counts."""
    rows = Charge.objects.filter(client_id=client_id, at__gte=month.begins, at__lt=month.ends)
    return rows.aggregate(sum=Sum("dollars"))["sum"] or NOTHING


def is_beyond(publication: Publication, client: Client, content: Content, now: datetime) -> str:
    """Why a manager has to be asked first, in the client's language; empty where it may go out. Locks the client's purse.

    In the caller's transaction, at the end of which ``charge`` has written what it costs.
    """
    if not has_price(publication.network) or publication.beyond_by_id:
        return ""
    costs = _owed(publication, content)
    if not costs:
        return ""
    month = month_at(client, now)
    ceiling = passed_ceiling(client, costs, month)
    if ceiling is None:
        return ""
    with translation.override(client.language):
        return beyond_words(costs, ceiling, month)


def passed_ceiling(client: Client, costs: Decimal, month: Month) -> Decimal | None:
    """The month's ceiling, if so much more would go beyond it. Locks the client's purse."""
    lock_name(f"purse:{client.pk}")
    ceiling = Ceiling.objects.filter(client=client).values_list("dollars", flat=True).first()
    return ceiling if ceiling is not None and spent(client.pk, month) + costs > ceiling else None


def beyond_words(costs: Decimal, ceiling: Decimal, month: Month) -> str:
    """What is said of a publication that the ceiling keeps."""
    return _("It costs %(price)s, which goes beyond %(month)s's ceiling of %(ceiling)s: a manager decides.") % {
        "price": said(costs),
        "month": month.name,
        "ceiling": said(ceiling),
    }


def charge(publication: Publication, attempt: Attempt, content: Content) -> None:
    """Write down what this try costs."""
    if not has_price(publication.network):
        return
    costs = _owed(publication, content)
    if costs:
        Charge.objects.create(
            client_id=publication.client_id,
            publication=publication,
            number=attempt.number,
            at=attempt.started_at,
            dollars=costs,
        )


def _owed(publication: Publication, content: Content) -> Decimal:
    """What is still to be paid, where a part of it went out before."""
    paid = publication.charges.filter(cause=Cause.PUBLISHING).aggregate(sum=Sum("dollars"))["sum"] or NOTHING
    return max(price_of(publication.network, content) - paid, NOTHING)


def hold(publication: Publication, reason: str, until: datetime) -> None:
    """Keep it for a manager, who is told once; when it has missed its time it asks like everything that did."""
    rows = Publication.objects.filter(pk=publication.pk, state=PublicationState.SCHEDULED)
    if not rows.update(held=True, wake_at=until, handed_at=None, detail=reason[:500], updated_at=timezone.now()):
        return
    if not publication.held:
        tell_people(publication, "publication_held")
        record_publication(publication, "publication.held", reason=reason)


def give_back(publication: Publication) -> None:
    """A try is over and this is known: what of it is not live costs nothing. The caller holds the post's lock."""
    if not has_price(publication.network):
        return
    charges = list(publication.charges.filter(dollars__gt=0, cause=Cause.PUBLISHING).order_by("-number"))
    if not charges:
        return
    over = sum((row.dollars for row in charges), NOTHING) - price_of_live(publication, content_of_version(publication))
    for row in charges:
        if over <= 0:
            return
        back = min(over, row.dollars)
        Charge.objects.filter(pk=row.pk).update(dollars=F("dollars") - back)
        over -= back


def price_of_live(publication: Publication, content: Content) -> Decimal:
    """What the network takes for as much of it as is surely live."""
    live = publication.progress.get("live", 0) if publication.begun else 0
    if not live:
        return NOTHING
    posts = 1 + len(content.parts)
    comment = content.comment if live > posts else ""
    return price_of(publication.network, replace(content, parts=content.parts[: live - 1], comment=comment))


@transaction.atomic
def set_ceiling(*, user: User, client: Client, dollars: Decimal | None) -> Ceiling | None:
    """How many dollars a month of this client may cost, None for as many as it takes; managers only.

    What waited for a decision is looked at again at once. Raises ``ValidationError`` on ``dollars``.
    """
    require(user, client, {Role.MANAGER})
    amount = None if dollars is None else _checked(dollars)
    # Claims hold the client's row, so that none goes by the old ceiling after this.
    client = Client.objects.select_for_update(no_key=True).get(pk=client.pk)
    was = Ceiling.objects.filter(client=client).first()
    if (was.dollars if was else None) == amount:
        return was
    ceiling = None
    now = timezone.now()
    if amount is None:
        Ceiling.objects.filter(client=client).delete()
    else:
        values = {"dollars": amount, "set_by": user, "updated_at": now}
        ceiling, _made = Ceiling.objects.update_or_create(client=client, defaults=values)
    waiting = Publication.objects.filter(client=client, state=PublicationState.SCHEDULED, held=True)
    waiting.update(wake_at=now)
    record(
        client_id=client.pk,
        actor=user,
        verb="client.ceiling",
        subject_type="client",
        subject_id=client.pk,
        was=str(was.dollars) if was else None,
        dollars=None if amount is None else str(amount),
    )
    return ceiling


def _checked(dollars: Any) -> Decimal:
    text = gettext_lazy("An amount in US dollars from 0 to %(most)s, with two decimals at most.")
    wrong = ValidationError({"dollars": ValidationError(text, code="invalid", params={"most": MOST})})
    try:
        amount = Decimal(dollars)
    except (InvalidOperation, TypeError, ValueError):
        raise wrong from None
    if not amount.is_finite() or not 0 <= amount <= MOST or amount != round(amount, 2):
        raise wrong
    return round(amount, 2)


@transaction.atomic
def go_beyond(*, user: User, publication: Publication) -> Publication:
    """Let this one publication go beyond the month's ceiling; managers only. What missed its time is sent now.

    Raises ``Conflict`` where it costs nothing (``costs_nothing``), has begun or is over (``not_waiting``), is allowed already
    (``allowed_already``), is no longer approved (``not_approved``) or its channel is retired (``retired``).
    """
    require(user, publication.client_id, {Role.MANAGER})
    post = lock_post(publication.post_id)
    publication = Publication.objects.select_related("version", "channel", "client", "post").get(pk=publication.pk)
    if not publication.dollars:
        raise Conflict("costs_nothing", gettext_lazy("This publication costs nothing."))
    if publication.beyond_by_id or publication.act == Act.TAKE_DOWN:
        raise Conflict("allowed_already", gettext_lazy("It may go beyond the ceiling already."))
    if publication.state not in ALLOWED:
        raise Conflict("not_waiting", gettext_lazy("This publication has begun, or is over."))
    if not is_approved(post, publication):
        raise Conflict("not_approved", gettext_lazy("This version is not approved: submit the post first."))
    if publication.state != PublicationState.SCHEDULED:
        require_free(publication)
    if publication.channel.status == ChannelStatus.RETIRED:
        raise Conflict("retired", gettext_lazy("This channel is retired."))
    now = timezone.now()
    fields: dict[str, Any] = {"held": False, "beyond_by": user, "updated_at": now, "detail": ""}
    if publication.state != PublicationState.SCHEDULED:
        fields |= {"state": PublicationState.SCHEDULED, "due_at": now, "wake_at": now}
    elif publication.due_at <= now:
        fields |= {"wake_at": now}
    Publication.objects.filter(pk=publication.pk, state=publication.state).update(**fields)
    publication.refresh_from_db()
    refresh_state(post)
    record_publication(publication, "publication.beyond_ceiling", by=user, dollars=str(publication.dollars))
    return publication
