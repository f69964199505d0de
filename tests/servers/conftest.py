"""The servers, for the tests that hold them to what others build on."""

import os

from tests.servers.fixtures import _mail_server, mail_server, mastodon, s3, wordpress

__all__ = ["_mail_server", "mail_server", "mastodon", "s3", "wordpress"]

# They are the networks' own documents and not here: who has them says where.
collect_ignore = [] if os.environ.get("SPECS_DIR") else ["test_specifications.py"]
