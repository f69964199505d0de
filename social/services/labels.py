"""Labels are made, retired, taken up again, and put on posts; their names stay."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from audit.services import record
from clients.models import Client, Role
from clients.naming import clean_name, refused_name
from clients.selectors import require
from social.models import Label, Post, PostLabel

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

KEEPERS = frozenset({Role.MANAGER, Role.EDITOR})


@transaction.atomic
def create_label(*, user: User, client: Client, name: str) -> Label:
    """A new word for this client's posts; managers and editors. Raises ``ValidationError`` on ``name``."""
    require(user, client, KEEPERS)
    label = Label(client=client, name=clean_name(name, commas=False))
    Client.objects.select_for_update(of=("self",), no_key=True).get(pk=client.pk)
    twin = Label.objects.filter(client=client, name__iexact=label.name).first()
    if twin:
        raise refused_name(_("This client has the label “%(name)s” already."), "unique", name=twin.name)
    label.full_clean(exclude=["client"])
    label.save(force_insert=True)
    _record(label, user, "label.created")
    return label


@transaction.atomic
def edit_label(*, user: User, label: Label, retired: bool) -> Label:
    """Retire it, or take it up again; managers and editors.

    A retired one is not put on posts any more; those that have it keep it.
    """
    require(user, label.client_id, KEEPERS)
    label = Label.objects.select_for_update(of=("self",), no_key=True).select_related("client").get(pk=label.pk)
    if retired != label.retired:
        label.updated_at = timezone.now()
        label.retired_at = label.updated_at if retired else None
        label.save(update_fields=["retired_at", "updated_at"])
        _record(label, user, "label.retired" if retired else "label.taken_up")
    return label


def _record(label: Label, user: User, verb: str) -> None:
    record(client_id=label.client_id, actor=user, verb=verb, subject_type="label", subject_id=label.pk, name=label.name)


def write_labels(post: Post, labels: Sequence[Label]) -> bool:
    """Let the locked post have these labels; whether that changed anything.

    Raises ``ValidationError`` on ``labels`` for another client's, and for a retired one that the post does not have yet.
    """
    present = set(post.label_rows.values_list("label_id", flat=True))
    for label in labels:
        if label.client_id != post.client_id:
            raise _refused(label, _("There is no %(name)s here."), "does_not_exist")
        if label.retired and label.pk not in present:
            raise _refused(label, _("The label “%(name)s” is retired: choose another one."), "retired")
    wanted = {label.pk for label in labels}
    post.label_rows.filter(label__in=present - wanted).delete()
    PostLabel.objects.bulk_create(
        PostLabel(post=post, client_id=post.client_id, label_id=pk) for pk in sorted(wanted - present)
    )
    return wanted != present


def _refused(label: Label, text: "StrOrPromise", code: str) -> ValidationError:
    return ValidationError({"labels": ValidationError(text, code=code, params={"name": label.name})})
