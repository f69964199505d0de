"""The servers, for the tests that hold them to what others build on."""

from tests.servers.fixtures import _mail_server, mail_server, mastodon, s3, wordpress

__all__ = ["_mail_server", "mail_server", "mastodon", "s3", "wordpress"]
