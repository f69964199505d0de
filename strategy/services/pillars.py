"""Pillars are made, explained, retired and taken up again; their names stay."""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from audit.services import record
from clients.models import Client, Role
from clients.naming import clean_name, refused_name
from clients.selectors import require
from strategy.models import Pillar
from strategy.text import clean_text

KEEPERS = frozenset({Role.MANAGER, Role.EDITOR})
LONGEST_WHY = 5000  # characters


@transaction.atomic
def create_pillar(*, user: User, client: Client, name: str, why: str = "") -> Pillar:
    """A new theme for this client's posts; managers and editors.

    Raises ``ValidationError`` on ``name`` for one that can't be or is there already, on ``why`` for one that is too long.
    """
    require(user, client, KEEPERS)
    pillar = Pillar(client=client, name=clean_name(name), why=_plain(why))
    Client.objects.select_for_update(of=("self",), no_key=True).get(pk=client.pk)
    twin = Pillar.objects.filter(client=client, name__iexact=pillar.name).first()
    if twin:
        raise refused_name(_("This client has the pillar “%(name)s” already."), "unique", name=twin.name)
    pillar.full_clean(exclude=["client"])
    pillar.save(force_insert=True)
    _record(pillar, user, "pillar.created", name=pillar.name)
    return pillar


@transaction.atomic
def edit_pillar(*, user: User, pillar: Pillar, why: str | None = None, retired: bool | None = None) -> Pillar:
    """Say anew why there is this pillar; retire it or take it up again. None leaves things as they are.

    A retired one is not given to posts any more; those that have it keep it.
    """
    require(user, pillar.client_id, KEEPERS)
    pillar = Pillar.objects.select_for_update(of=("self",), no_key=True).select_related("client").get(pk=pillar.pk)
    if why is not None and _plain(why) != pillar.why:
        _write(pillar, why=_plain(why))
        _record(pillar, user, "pillar.explained")
    if retired is not None and retired != pillar.retired:
        _write(pillar, retired_at=timezone.now() if retired else None)
        _record(pillar, user, "pillar.retired" if retired else "pillar.taken_up", name=pillar.name)
    return pillar


def _plain(why: str) -> str:
    return clean_text(why, "why", LONGEST_WHY).strip()


def _write(pillar: Pillar, **fields: object) -> None:
    pillar.updated_at = timezone.now()
    for name, value in fields.items():
        setattr(pillar, name, value)
    pillar.clean_fields(exclude=["client", "name"])
    pillar.save(update_fields=[*fields, "updated_at"])


def _record(pillar: Pillar, user: User, verb: str, **data: str) -> None:
    record(client_id=pillar.client_id, actor=user, verb=verb, subject_type="pillar", subject_id=pillar.pk, **data)
