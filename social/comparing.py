"""Two versions of a post beside each other, chosen by who may see both."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.db.models import Exists
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from approvals.models import Review
from approvals.selectors import reviews
from social.credits import with_credits
from social.differences import Difference, differences
from social.models import Post, PostVersion
from social.selectors import versions


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """What is new in ``new`` since ``old``; no changes where nothing differs."""

    old: PostVersion
    new: PostVersion
    changes: Sequence[Difference]


def compared(user: User, post: Post, old: str, new: str) -> Comparison:
    """The versions of these numbers, as they were typed, of those that this person may see.

    Raises ``ValidationError`` on ``from`` and ``to`` for what is no number, and for a version that does not exist for them.
    """
    numbers = {"from": _number(old), "to": _number(new)}
    found = {row.number: row for row in versions(user, post).filter(number__in=[n for n in numbers.values() if n])}
    errors = {name: _refusal(number) for name, number in numbers.items() if number not in found}
    if errors:
        raise ValidationError(errors)
    before, after = found[numbers["from"] or 0], found[numbers["to"] or 0]
    return compare(before, after)


def compare(old: PostVersion, new: PostVersion, *, sign: bool = False) -> Comparison:
    """The two beside each other. ``sign``: the pictures' addresses open for an hour, whoever asks."""
    return Comparison(old=old, new=new, changes=differences(old.client_id, old.content, new.content, sign=sign))


def _number(typed: str) -> int | None:
    plain = typed.isascii() and typed.isdigit() and len(typed) < 10  # noqa: PLR2004 - far beyond any version
    return int(typed) if plain else None


def _refusal(number: int | None) -> ValidationError:
    if number is None:
        return ValidationError(_("The number of a version, such as 1."), code="invalid")
    return ValidationError(_("There is no version %(number)d here."), code="does_not_exist", params={"number": number})


@dataclass(frozen=True, kw_only=True)
class Choosing:
    """A page on which two versions are chosen: those there are, the latest first, and the two that were asked for."""

    versions: Sequence[PostVersion]
    comparison: Comparison | None
    missing: bool  # what was asked for is not there


def choosing(found: Sequence[PostVersion], old: str, new: str, *, sign: bool = False) -> Choosing:
    """The two that were typed; without a choice, the last two there are. ``found``: the latest first."""
    by_number = {version.number: version for version in found}
    before, after = by_number.get(_number(old) or 0), by_number.get(_number(new) or 0)
    missing = bool(old and before is None) or bool(new and after is None)
    if after is None:
        after = found[0] if found else None
    if before is None and after is not None:
        before = next((version for version in found if version.number < after.number), None)
    comparison = compare(before, after, sign=sign) if before and after else None
    return Choosing(versions=found, comparison=comparison, missing=missing)


def asked_versions(user: User, review: Review) -> list[PostVersion]:
    """The versions of the post under this review that this person may see, the latest first; the review's own among them."""
    seen = reviews(user).filter(pk=review.pk, subject_type__app_label="social", subject_type__model="post")
    post = Post.objects.filter(Exists(seen), pk=review.subject_id, client=review.client_id).first()
    if post is None:
        return []
    found = {version.number: version for version in with_credits(versions(user, post), user)}
    asked = reviews(user).filter(subject_type=review.subject_type_id, subject_id=post.pk).values("version")
    lent = PostVersion.objects.select_related("author").filter(post=post, number__in=asked)  # a deputy's among them
    found |= {version.number: version for version in with_credits(lent.exclude(number__in=list(found)), user)}
    return sorted(found.values(), key=lambda version: -version.number)
