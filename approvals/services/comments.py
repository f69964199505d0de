"""What people say of a review."""

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from approvals.models import Audience, Comment, Review
from approvals.services.deciding import COMMENT_LENGTH
from audit.services import record
from clients.models import CONTACT_ROLES, Role
from clients.selectors import require


@transaction.atomic
def add_comment(*, review: Review, user: User, text: str, audience: str) -> Comment:
    """Say something. What a client's own people say is read by all; staff choose (``internal`` stays in the agency)."""
    role = require(user, review.client_id, set(Role))
    if role in CONTACT_ROLES:
        audience = Audience.CLIENT
    text = text.replace("\r\n", "\n").strip()
    if not text:
        raise ValidationError({"text": ValidationError(_("Write something first."), code="required")})
    if len(text) > COMMENT_LENGTH:
        raise ValidationError(
            {
                "text": ValidationError(
                    _("Too long: at most %(limit)d characters."), code="max_length", params={"limit": COMMENT_LENGTH}
                )
            }
        )
    if audience not in Audience.values:
        raise ValidationError({"audience": ValidationError(_("Who should read it?"), code="invalid")})
    comment = Comment.objects.create(
        review=review, client_id=review.client_id, author=user, text=text, audience=audience
    )
    Review.objects.filter(pk=review.pk).update(updated_at=timezone.now())
    record(
        client_id=review.client_id,
        actor=user,
        verb="review.commented",
        subject_type="review",
        subject_id=review.pk,
        digest=review.digest,
        comment=comment.pk,
        audience=str(audience),
    )
    return comment
