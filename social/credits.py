"""Whose words came into a version beside its author's: those that were suggested and taken over before it was made."""

from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import JSONObject

from accounts.models import User
from approvals.models import Audience, Comment, Fate
from approvals.proof.exhibits import Credit
from clients.models import STAFF_ROLES
from clients.selectors import within
from social.models import Post, PostVersion


def with_credits(found: QuerySet[PostVersion], user: User) -> QuerySet[PostVersion]:
    """The same versions, each with ``credits``: mail and name of whose words it holds, as far as this person may read of it.

    A client's people don't learn of what was suggested within the agency. No query more.
    """
    heard = Q(audience=Audience.CLIENT) | within(user, "client", STAFF_ROLES)
    return found.annotate(credits=ArraySubquery(_words_in().filter(heard).values(json=_PERSON)))


def credits_of(version: PostVersion) -> list[Credit]:
    """Everybody whose words this version holds beside its author's; one query. For the evidence, which asks nobody."""
    found: dict[int, Credit] = {}
    for comment in _comments_in(version).select_related("author").order_by("author__name", "author", "pk"):
        known = found.get(comment.author_id)
        internal = comment.audience == Audience.INTERNAL and (known is None or known.internal)
        found[comment.author_id] = Credit(user=comment.author, internal=internal)
    return list(found.values())


_PERSON = JSONObject(email="author__email", name="author__name")


def _comments_in(version: PostVersion) -> QuerySet[Comment]:
    between = PostVersion.objects.filter(
        post=version.post_id, number__lt=version.number, created_at__gte=OuterRef("settled_at")
    )
    return Comment.objects.filter(
        ~Exists(between),
        fate=Fate.TAKEN,
        review__subject_type=ContentType.objects.get_for_model(Post),
        review__subject_id=version.post_id,
        settled_at__lte=version.created_at,
    )


def _words_in() -> QuerySet[Comment, Any]:
    """The first comment of each person whose words were taken over between the version before and the outer one."""
    between = PostVersion.objects.filter(
        post=OuterRef(OuterRef("post")),
        created_at__gte=OuterRef("settled_at"),
        number__lt=OuterRef(OuterRef("number")),
    )
    return (
        Comment.objects.filter(
            ~Exists(between),
            fate=Fate.TAKEN,
            review__subject_type__app_label="social",
            review__subject_type__model="post",
            review__subject_id=OuterRef("post"),
            settled_at__lte=OuterRef("created_at"),
        )
        .order_by("author_id", "pk")
        .distinct("author_id")
    )
