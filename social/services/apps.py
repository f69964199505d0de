"""This installation's apps at the networks: kept by agency admins, or given by servers that register us by themselves."""

import hashlib
import threading
from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.errors import Conflict
from accounts.models import User
from audit.services import record
from social import networks
from social.credentials import seal, unseal
from social.models import Channel, NetworkApp
from social.networks.base import Network, NotSent, Refused
from social.networks.inside import check_address

SHOWN = ("client_id",)
NO_APP = _("This installation is not registered with %(network)s. Who runs Filo has to do that first.")
# Of one process at a time: a server is asked once in its life, while somebody waits to be led there. Servers that hang
# keep no more of its threads than these.
REGISTERING = threading.BoundedSemaphore(2)


def redirect_of(network: str, server: str = "") -> str:
    """The exact address that people come back to from a network, or from one server of it.

    Each has its own, so that no server can pass off another's answer as its own (RFC 9700 §4.4.2.2).
    """
    args = [network, hashlib.sha256(server.rstrip("/").encode()).hexdigest()[:12]] if server else [network]
    return settings.BASE_URL.rstrip("/") + reverse("portal:connect_back", args=args)


def app_of(network: str, server: str, way: str) -> Mapping[str, Any]:
    """The app for this network, server and way, with its secret in clear; empty where there is none."""
    if not networks.get(network).ways():
        return {}
    row = NetworkApp.objects.filter(network=network, server=server.rstrip("/"), way=way).first()
    return {"client_id": row.client_id, **unseal(row.secret)} if row else {}


def app_for(network: Network, server: str, way: str) -> Mapping[str, Any]:
    """The same; a server that registers us by itself is asked to, once. Outside any transaction.

    Raises:
        Refused: `app_missing`. NotSent: `busy`, other servers are being asked. And what ``Network.register_app`` raises.
    """
    server, redirect = server.rstrip("/"), redirect_of(network.slug, server)
    if network.registers:
        known = NetworkApp.objects.filter(network=network.slug, server=server, way=way).first()
        if known is None or known.redirect not in {"", redirect}:
            _keep(network.slug, server, way, _registered(network, server, redirect), redirect)
    app = app_of(network.slug, server, way)
    if not app:
        raise Refused(NO_APP, code="app_missing", params={"network": network.name})
    return app


def require_app(channel: Channel) -> None:
    """Raise ``Conflict`` where accounts are connected by signing in, and this installation has no app for that there."""
    network = networks.get(channel.network)
    apps = NetworkApp.objects.filter(network=network.slug, server=channel.server.rstrip("/"))
    if network.ways() and not network.registers and not apps.exists():
        raise Conflict("app_missing", str(NO_APP) % {"network": network.name})


def _registered(network: Network, server: str, redirect: str) -> Mapping[str, str]:
    if not REGISTERING.acquire(blocking=False):
        raise NotSent(_("Other servers are just being asked for an app. Begin again in a few seconds."), code="busy")
    try:
        return network.register_app(server, [redirect])
    finally:
        REGISTERING.release()


def _keep(network: str, server: str, way: str, given: Mapping[str, str], redirect: str) -> None:
    kept = {name: given[name] for name in ("client_secret", "scopes") if name in given}
    # Two that register at once get two apps; the last one written is ours, the other one is never used.
    NetworkApp.objects.update_or_create(
        network=network,
        server=server,
        way=way,
        defaults={
            "client_id": given["client_id"],
            "secret": seal(kept),
            "redirect": redirect,
            "updated_at": timezone.now(),
        },
    )


@transaction.atomic
def save_app(  # noqa: PLR0913 - an app is all of these
    *,
    user: User,
    app: NetworkApp | None = None,
    network: str = "",
    server: str = "",
    way: str = "",
    client_id: str,
    client_secret: str = "",
) -> NetworkApp:
    """Keep what a network gave when this installation was registered there; agency admins only.

    Of one that is kept, id and secret may change; a secret that is left empty stays as it is.
    """
    _require_admin(user)
    if app is None:
        app = NetworkApp(network=network, server=_checked_server(server), way=way)
        if way not in (networks.get(network).ways() if network in networks.NETWORKS else {}):
            text = _("Accounts of this network are not connected by an app.")
            raise ValidationError({"network": ValidationError(text, code="invalid_choice")})
    else:
        app = NetworkApp.objects.select_for_update(no_key=True).get(pk=app.pk)
    app.client_id = client_id.strip()
    if client_secret:
        app.secret = seal({"client_secret": client_secret})
    app.full_clean()
    app.save()
    _record(user, "app.saved", app)
    return app


@transaction.atomic
def remove_app(*, user: User, app: NetworkApp) -> None:
    """Forget it: nobody connects there any more, and tokens that came from it are not renewed. Agency admins only."""
    _require_admin(user)
    _record(user, "app.removed", app)
    NetworkApp.objects.filter(pk=app.pk).delete()


def _record(user: User, verb: str, app: NetworkApp) -> None:
    about = {"network": app.network, "server": app.server, "way": app.way}
    record(client_id=None, actor=user, verb=verb, subject_type="app", subject_id=app.pk, **about)


def _checked_server(server: str) -> str:
    if not server:
        return ""
    try:
        return check_address(server)
    except Refused as refused:
        raise ValidationError({"server": ValidationError(refused.template, code=refused.code)}) from refused


def _require_admin(user: User) -> None:
    if not (user.is_active and user.is_agency_admin):
        raise PermissionDenied(_("Only the agency's admins may do that."))
