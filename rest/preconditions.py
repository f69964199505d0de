"""``ETag`` and ``If-Match`` (RFC 9110, section 13): who says which state they had read writes over no other one."""

from typing import TypeVar

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request

from accounts.errors import Stale

Edition = TypeVar("Edition", int, str)

IF_MATCH = OpenApiParameter(
    "If-Match",
    str,
    OpenApiParameter.HEADER,
    description="The `ETag` that was read: 412 where it is another one by now.",
)


def etag(edition: int | str) -> dict[str, str]:
    """The header of a row whose editions are told apart."""
    return {"ETag": f'"{edition}"'}


def require_match(request: Request, edition: Edition) -> Edition | None:
    """The edition that the service has to meet under its lock; None where the caller did not say, or takes any.

    Raises ``Stale`` where it is another one already. Some servers on the way make an ETag weak: that is taken, too.
    """
    given = request.headers.get("If-Match", "").strip()
    if not given or given == "*":
        return None
    if f'"{edition}"' not in {tag.strip().removeprefix("W/") for tag in given.split(",")}:
        text = _("Somebody has changed this since you read it. Read it again, then change it.")
        raise Stale("changed_meanwhile", text)
    return edition
