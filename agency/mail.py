"""Mail of an installation that has no mail server yet: one .eml file a message, under FILO_HOME/mail."""

import hashlib
import os
import tempfile
from collections.abc import Sequence
from pathlib import Path

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend


class FolderBackend(BaseEmailBackend):
    """Writes each message whole or not at all; the same Message-ID gives the same file, so a second try makes no second mail."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        """Write the messages; how many were written. Raises OSError where the folder can't be written."""
        folder = Path(settings.EMAIL_FILE_PATH)
        folder.mkdir(parents=True, exist_ok=True)
        for message in email_messages:
            self._write(folder, message)
        return len(email_messages)

    def _write(self, folder: Path, message: EmailMessage) -> None:
        mime = message.message()
        digest = hashlib.sha256(str(mime["Message-ID"]).encode()).hexdigest()[:32]
        descriptor, unfinished = tempfile.mkstemp(dir=folder, prefix=".", suffix=".part")
        with os.fdopen(descriptor, "wb") as file:
            file.write(mime.as_bytes())
        Path(unfinished).replace(folder / f"{digest}.eml")
