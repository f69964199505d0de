"""Whose words a version holds beside its author's: those that were suggested, taken over before it was made, and still stand."""

from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, Q, QuerySet
from django.db.models.functions import JSONObject

from accounts.models import User
from approvals.models import Audience, Comment, Fate
from approvals.proof.exhibits import Credit
from clients.models import STAFF_ROLES
from clients.selectors import within
from social.models import Post, PostVersion


def with_credits(found: QuerySet[PostVersion], user: User) -> QuerySet[PostVersion]:
    """The same versions, each with its ``credits``, as far as this person may read of them.

    A client's people don't learn of what was suggested within the agency. No query more.
    """
    heard = Q(audience=Audience.CLIENT) | within(user, "client", STAFF_ROLES)
    rows = ArraySubquery(_taken_before().filter(heard).values(json=_SUGGESTED))
    return found.annotate(suggested=rows)  # type: ignore[no-redef]  # the model says what it is once it is there


def credits_of(version: PostVersion) -> list[Credit]:
    """Everybody whose words this version holds beside its author's; one query. For the evidence, which asks nobody."""
    found: dict[int, Credit] = {}
    taken = Comment.objects.filter(
        fate=Fate.TAKEN,
        review__subject_type=ContentType.objects.get_for_model(Post),
        review__subject_id=version.post_id,
        settled_at__lte=version.created_at,
    )
    for comment in taken.select_related("author").order_by("author__name", "author", "pk"):
        if version.holds(comment.suggestion or ""):
            known = found.get(comment.author_id)
            internal = comment.audience == Audience.INTERNAL and (known is None or known.internal)
            found[comment.author_id] = Credit(user=comment.author, internal=internal)
    return list(found.values())


_SUGGESTED = JSONObject(email="author__email", name="author__name", words="suggestion")


def _taken_before() -> QuerySet[Comment, Any]:
    """What was suggested for the outer version's post and taken over before that version was made."""
    return Comment.objects.filter(
        fate=Fate.TAKEN,
        review__subject_type__app_label="social",
        review__subject_type__model="post",
        review__subject_id=OuterRef("post"),
        settled_at__lte=OuterRef("created_at"),
    ).order_by("author_id", "pk")
