from django.apps import AppConfig


class SocialConfig(AppConfig):
    """Channels, posts and their publications."""

    name = "social"

    def ready(self) -> None:
        """Make posts a subject of approvals, give the sandbox its page, register the mails."""
        from social import mails, subject  # noqa: PLC0415 - need the models
        from social.networks import sandbox  # noqa: PLC0415
        from social.sandbox_page import Page  # noqa: PLC0415

        subject.register()
        mails.register()
        sandbox.use(Page())
