"""An object store that speaks S3, for what people upload and what is made of it: private, by signed addresses only."""

from collections.abc import Iterator
from contextlib import closing
from http import HTTPStatus
from typing import Any

from botocore.config import Config
from botocore.exceptions import ClientError
from storages.backends.s3 import S3Storage

CONNECT_SECONDS = 5
READ_SECONDS = 30
IN_MEMORY = 8 * 1024 * 1024  # bytes of an object that is read, beyond which it goes to a temporary file
PIECE = 256 * 1024


class ObjectStore(S3Storage):  # type: ignore[misc]  # it ships no types
    """Django's storage API over one bucket; what lies there is never replaced by another of its name."""

    def __init__(self, **options: Any) -> None:
        style = "path" if options.get("endpoint_url") else "auto"
        config = Config(
            connect_timeout=CONNECT_SECONDS,
            read_timeout=READ_SECONDS,
            retries={"mode": "standard", "max_attempts": 3},
            signature_version="s3v4",
            s3={"addressing_style": style},
            # Checksums that only some stores know are sent to none that doesn't demand them.
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
        )
        super().__init__(
            client_config=config,
            default_acl=None,
            file_overwrite=False,
            max_memory_size=IN_MEMORY,
            querystring_auth=True,
            **options,
        )

    def part(self, name: str, start: int, end: int) -> Iterator[bytes]:
        """The bytes from ``start`` to ``end``, both included, without fetching the others.

        Raises ``FileNotFoundError`` where nothing lies there.
        """
        try:
            found = self.bucket.Object(self._normalize_name(name)).get(Range=f"bytes={start}-{end}")
        except ClientError as error:
            if error.response["ResponseMetadata"]["HTTPStatusCode"] == HTTPStatus.NOT_FOUND:
                raise FileNotFoundError(name) from None
            raise
        with closing(found["Body"]) as body:
            yield from body.iter_chunks(PIECE)
