"""JSON in: UTF-8, of a size that we are willing to hold, and nothing that only Python takes for JSON."""

import json
from collections.abc import Mapping
from typing import IO, Any

from django.conf import settings
from django.utils.translation import gettext as _
from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser

from rest.problems import TooLarge


def read_within(stream: IO[Any], most: int) -> bytes:
    """The whole body. Raises ``TooLarge`` where it has more bytes than that."""
    body: bytes = stream.read(most + 1)
    if len(body) > most:
        raise TooLarge
    return body


class Json(BaseParser):
    """``application/json``, at most ``DATA_UPLOAD_MAX_MEMORY_SIZE`` bytes."""

    media_type = "application/json"

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,  # noqa: ARG002 - DRF's signature
        parser_context: Mapping[str, Any] | None = None,  # noqa: ARG002 - DRF's signature
    ) -> Any:
        """The value. Raises ``TooLarge`` or ``ParseError``."""
        body = read_within(stream, settings.DATA_UPLOAD_MAX_MEMORY_SIZE)
        try:
            return json.loads(body.decode("utf-8-sig"), parse_constant=_refuse)
        except (ValueError, RecursionError):
            raise ParseError(_("This is not JSON in UTF-8.")) from None


def _refuse(name: str) -> None:
    raise ValueError(name)  # NaN and Infinity are Python's, not JSON's
