"""Which chain is meant where none is chosen: that of a label, of a channel, of the client, of the agency."""

from collections.abc import Collection, Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.prepared import Prepared
from approvals.models import Chain, ChainDefault, DefaultScope
from clients.models import Client


def chain_for(
    *,
    client: Client,
    subject: str,
    chosen: Chain | None,
    channels: Collection[int] = (),
    labels: Collection[str] = (),
) -> Chain:
    """The chain to use: the chosen one, else that of a label, of a channel, the client's default, the agency's. One query.

    Raises ``ValidationError`` on ``chain`` when there is none, and where two labels or two channels have different ones.
    """
    if chosen is not None:
        if chosen.active and chosen.subject == subject and chosen.client_id in {None, client.pk}:
            return chosen
        raise ValidationError({"chain": ValidationError(_("This approval chain can't be used here."), code="chain")})
    values = [str(pk) for pk in channels]
    chains = _MEANT(client=client.pk, subject=subject, channels=values, labels=list(labels))
    for closer in ([c for c in chains if c.of_label], [c for c in chains if c.of_channel]):
        if closer:
            return _the_one(closer)
    default: Chain | None = next((c for c in chains if c.client_id), None) or next(iter(chains), None)
    if default is None:
        raise ValidationError(
            {"chain": ValidationError(_("Choose an approval chain: there is no default one yet."), code="required")}
        )
    return default


def _meant(client: int, subject: str, channels: Sequence[str], labels: Sequence[str]) -> QuerySet[Any]:
    meant = ChainDefault.objects.filter(chain=OuterRef("pk"), client=client, subject=subject)
    of_label = meant.filter(scope=DefaultScope.LABEL, value__in=labels)
    of_channel = meant.filter(scope=DefaultScope.CHANNEL, value__in=channels)
    return Chain.objects.annotate(of_label=Exists(of_label), of_channel=Exists(of_channel)).filter(
        Q(of_label=True) | Q(of_channel=True) | Q(is_default=True),
        Q(client=client) | Q(client=None),
        active=True,
        subject=subject,
    )


_MEANT = Prepared(_meant)


def _the_one(chains: Sequence[Chain]) -> Chain:
    if len(chains) > 1:
        text = _("More than one approval chain is meant for this: %(names)s. Choose one.")
        names = ", ".join(sorted(chain.name for chain in chains))
        raise ValidationError({"chain": ValidationError(text, code="ambiguous", params={"names": names})})
    return chains[0]
