from django.apps import AppConfig
from django.utils.translation import gettext_lazy


class SocialConfig(AppConfig):
    """Channels, posts and their publications."""

    name = "social"
    verbose_name = gettext_lazy("Posts and channels")

    def ready(self) -> None:
        """Make posts a subject of approvals, give the sandbox its page and workers one session, register the mails."""
        from clients.leaving import when_client_leaves
        from social import mails, mails_of_connections, mornings, surroundings
        from social.services import sandbox_page, sessions, subject
        from social.tasks import client_left

        subject.register()
        surroundings.register()
        mails.register()
        mails_of_connections.register()
        mornings.register()
        sandbox_page.open_page()
        sessions.share()
        when_client_leaves(client_left.delay)
