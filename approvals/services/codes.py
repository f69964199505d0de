"""A code by mail for who decides through a link, where the client wants that: a forwarded link alone decides nothing."""

import secrets
from datetime import timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.translation import gettext_lazy as _

from accounts.errors import Conflict
from accounts.sealing import seal
from approvals.models import Link, LinkCode
from notifications.services import tell

CODE_LIFE = timedelta(minutes=15)
MOST_TRIES = 5
MOST_CODES = 3  # within one life: guessing has 15 tries in a million


def needs_code(link: Link) -> bool:
    """Whether a decision through this link asks for a code."""
    return link.seat.step.review.client.link_code


@transaction.atomic
def send_code(*, link: Link) -> None:
    """Mail a new code to the address that the link went to; codes before it open nothing more.

    Raises ``Conflict`` when too many were asked for (``too_many_codes``).
    """
    link = Link.objects.select_for_update().get(pk=link.pk)
    now = timezone.now()
    codes = LinkCode.objects.filter(link=link)
    if codes.filter(created_at__gt=now - CODE_LIFE).count() >= MOST_CODES:
        text = _("Several codes went out already. Look for the newest one, or wait a quarter of an hour.")
        raise Conflict("too_many_codes", text)
    codes.filter(used_at=None, expires_at__gt=now).update(expires_at=now)
    code = f"{secrets.randbelow(10**6):06}"
    row = LinkCode.objects.create(
        link=link, client_id=link.client_id, digest=_digest(link, code), created_at=now, expires_at=now + CODE_LIFE
    )
    tell(
        users=[link.reader],
        client_id=link.client_id,
        kind="link_code",
        key=f"linkcode:{row.pk}",
        code=row.pk,
        sealed=seal({"code": code}),
    )


def spend_code(*, link: Link, typed: str) -> None:
    """Use the code up. Raises ``ValidationError`` on ``code`` where it is wrong, too old, or was tried too often."""
    now = timezone.now()
    typed = "".join(typed.split())
    living = LinkCode.objects.filter(link=link, used_at=None, expires_at__gt=now, tries__lt=MOST_TRIES)
    row = living.order_by("-pk").first()
    # The try is counted before it is looked at, so that many at once are no more tries than one after the other.
    counted = row and LinkCode.objects.filter(pk=row.pk, tries__lt=MOST_TRIES).update(tries=F("tries") + 1)
    if not row or not counted:
        raise _refused(_("This code is used up or too old. Ask for a new one."), "expired")
    if not constant_time_compare(row.digest, _digest(link, typed)):
        raise _refused(_("This is not the code that we sent. Look for the newest mail."), "wrong")
    if not LinkCode.objects.filter(pk=row.pk, used_at=None).update(used_at=now):
        raise _refused(_("This code is used up or too old. Ask for a new one."), "expired")


def _digest(link: Link, code: str) -> str:
    # Keyed, since a million codes are soon tried by whoever reads the table.
    return salted_hmac("approvals.codes", f"{link.pk}:{code}", algorithm="sha256").hexdigest()


def _refused(text: object, code: str) -> ValidationError:
    return ValidationError({"code": ValidationError(str(text), code=code)})
