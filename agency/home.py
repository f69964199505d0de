"""FILO_HOME: the one folder that holds all that an installation keeps, and what lies where in it.

Nothing here creates anything; ``agency.embedded`` does.
"""

import hashlib
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

# sun_path of a Unix socket holds 108 bytes on Linux, 104 on the BSDs, the closing NUL included.
SOCKET_PATH_LIMIT = 103
SOCKET_NAME = ".s.PGSQL.5432"


@dataclass(frozen=True)
class Home:
    """Where things lie under one FILO_HOME."""

    root: Path

    @property
    def version(self) -> Path:
        """The stamp of the Filo that last wrote here."""
        return self.root / "version"

    @property
    def lock(self) -> Path:
        """Held (flock) by the running `make run`; it says that process' id."""
        return self.root / "run.lock"

    @property
    def secret_key(self) -> Path:
        """SECRET_KEY of an installation that was not given one."""
        return self.root / "secret_key"

    @property
    def keys(self) -> Path:
        """FILO_KEYS of an installation that was not given any."""
        return self.root / "keys"

    @property
    def evidence_key(self) -> Path:
        """FILO_EVIDENCE_KEY of an installation that was not given one."""
        return self.root / "evidence_key"

    @property
    def postgres(self) -> Path:
        """The embedded PostgreSQL's data."""
        return self.root / "postgres"

    @property
    def broker(self) -> Path:
        """The queue of an installation without Redis or RabbitMQ."""
        return self.root / "broker"

    @property
    def mail(self) -> Path:
        """Mails of an installation without EMAIL_URL, one file each."""
        return self.root / "mail"

    @property
    def media(self) -> Path:
        """What people upload."""
        return self.root / "media"

    @property
    def static(self) -> Path:
        """Style sheets and scripts, collected from all apps."""
        return self.root / "static"

    @property
    def log(self) -> Path:
        """What the processes said."""
        return self.root / "log"

    @property
    def folders(self) -> list[Path]:
        """What must be there before Filo starts, the database's folder apart."""
        return [*self.folders_of_queue, self.broker / "control", self.mail, self.media, self.static, self.log]

    @property
    def folders_of_queue(self) -> list[Path]:
        """Where messages lie: waiting, and just taken."""
        return [self.broker / "queue", self.broker / "taken"]

    @property
    def socket_dir(self) -> Path:
        """Where the embedded PostgreSQL listens: in its data folder.

        Under /tmp where that path is too long for a socket, or has a comma, at which PostgreSQL's clients end a path.
        """
        path = os.fsencode(self.postgres / SOCKET_NAME)
        if len(path) <= SOCKET_PATH_LIMIT and b"," not in path:
            return self.postgres
        digest = hashlib.sha256(os.fsencode(self.root)).hexdigest()[:16]
        return Path(tempfile.gettempdir()) / f"filo-{digest}"
