"""All real servers and emulators of the tests, to be imported into a conftest by whoever publishes there."""

from tests.servers.emulators import mastodon, s3
from tests.servers.pds import pds
from tests.servers.smtp import _mail_server, mail_server
from tests.servers.wordpress import wordpress

__all__ = ["_mail_server", "mail_server", "mastodon", "pds", "s3", "wordpress"]
