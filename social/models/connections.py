"""How accounts are connected: our apps at the networks, sign-ins under way, and the client's people who are asked to."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from clients.models import Client
from social.models.channels import Channel

USER = settings.AUTH_USER_MODEL


class NetworkApp(models.Model):
    """What one network gave this installation when it was registered there; ``secret`` is sealed.

    Its secret is shown to ``server`` and nobody else (empty: the network's usual one), so that no channel's server can
    ask for it. ``way`` tells apart the apps of one network (LinkedIn wants two). Where servers register us by themselves,
    ``redirect`` is the address that was told them.
    """

    network = models.SlugField(_("network"), max_length=30)
    server = models.URLField(_("server"), blank=True)
    way = models.SlugField(_("for"), max_length=30, blank=True)
    client_id = models.CharField(_("id of the app"), max_length=300)
    secret = models.TextField(blank=True, editable=False)
    redirect = models.URLField(max_length=500, blank=True, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(_("changed"), auto_now=True)

    class Meta:
        verbose_name = _("app at a network")
        verbose_name_plural = _("apps at networks")
        ordering: ClassVar = ["network", "server", "way"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["network", "server", "way"],
                name="uq_network_app",
                violation_error_message=_("There is an app for this network already."),
            ),
        ]

    def __str__(self) -> str:
        return " ".join(filter(None, [self.network, self.way, self.server]))


class ConnectionAsk(models.Model):
    """One of the client's own people is asked to connect a channel. It ends when somebody has, or is taken back."""

    channel = models.ForeignKey(Channel, models.PROTECT, related_name="asks")
    client = models.ForeignKey(Client, models.PROTECT, related_name="+")
    user = models.ForeignKey(USER, models.PROTECT, related_name="+")
    asked_by = models.ForeignKey(USER, models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)
    done_at = models.DateTimeField(null=True, blank=True)
    tries = models.PositiveSmallIntegerField(default=0)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["channel", "user"],
                condition=models.Q(revoked_at__isnull=True, done_at__isnull=True),
                name="uq_connection_ask_open",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.channel_id} ← {self.user_id}"


class ConnectionLink(models.Model):
    """The address in one mail of such an ask. Only its SHA-256 is kept."""

    ask = models.ForeignKey(ConnectionAsk, models.PROTECT, related_name="links")
    client = models.ForeignKey(Client, models.PROTECT, related_name="+")
    digest = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"{self.ask_id}: {self.created_at:%Y-%m-%d %H:%M}"


class SignInState(models.TextChoices):
    """How far somebody's way to a network and back has come."""

    SENT = "sent", _("On the way")
    BACK = "back", _("Being connected")
    ASKING = "asking", _("Its network is being asked")
    CHOOSING = "choosing", _("Which account?")
    DONE = "done", _("Connected")
    ENDED = "ended", _("Not connected")


class SignIn(models.Model):
    """One way to a network and back: whose, for which channel, and what it has to bring back. Or what somebody typed instead.

    ``state_digest`` and ``browser_digest`` are SHA-256 of what the network brings back and of what the browser holds.
    ``secret`` is sealed: the code verifier, then what was brought, then the accounts to choose from; nothing once it has
    ended. ``typed`` is what was typed and is no secret, to be shown again. ``redirect`` is the exact address that was told the network. ``wake_at`` is when a worker is to go on with it.
    ``detail`` says how it ended, in its person's language.
    """

    channel = models.ForeignKey(Channel, models.PROTECT, related_name="sign_ins")
    client = models.ForeignKey(Client, models.PROTECT, related_name="+")
    user = models.ForeignKey(USER, models.PROTECT, related_name="+")
    ask = models.ForeignKey(ConnectionAsk, models.PROTECT, null=True, blank=True, related_name="sign_ins")
    way = models.SlugField(max_length=30, blank=True)
    state = models.CharField(max_length=10, choices=SignInState.choices, default=SignInState.SENT)
    state_digest = models.CharField(max_length=64, unique=True)
    browser_digest = models.CharField(max_length=64)
    redirect = models.URLField(max_length=500)
    secret = models.TextField(blank=True)
    typed = models.JSONField(default=dict, blank=True)
    code = models.CharField(max_length=40, blank=True)
    detail = models.CharField(max_length=500, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    wake_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(state__in=SignInState.values), name="ck_sign_in_state"),
            models.CheckConstraint(
                condition=models.Q(secret="") | ~models.Q(state__in=["done", "ended"]), name="ck_sign_in_forgotten"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["expires_at"], name="ix_sign_in_expires"),
            models.Index(fields=["wake_at"], name="ix_sign_in_wake", condition=models.Q(state="back")),
        ]

    def __str__(self) -> str:
        return f"{self.channel_id}: {self.state}"
