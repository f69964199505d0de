"""What somebody brought back from a network, or typed, is looked at by a worker: nobody's page waits for a network.

That it is to be looked at stands in the row. Whoever goes on with it takes it first: a code is good once, and is given to
its network once. A worker that dies over it leaves a row whose time is soon up; its person begins again.
"""

import datetime as dt
import logging
from collections.abc import Mapping
from dataclasses import asdict, replace

from django.core.exceptions import ObjectDoesNotExist, PermissionDenied
from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from accounts.errors import Conflict
from clients.selectors import reading_language
from social import networks
from social.credentials import seal, unseal
from social.models import Channel, SignIn, SignInState
from social.networks.base import Account, Network, NetworkError, Signed
from social.networks.signing_in import Visit
from social.services.apps import app_for
from social.services.connecting import FORM, meant
from social.services.lanes import questions
from social.services.signing_in import ANSWERED, LIFE, connect_as, end

log = logging.getLogger(__name__)

AGAIN = dt.timedelta(seconds=10)  # after which what was handed out and not begun is handed out again
BATCH = 50


@transaction.atomic
def hand_out(now: dt.datetime) -> list[int]:
    """The ways back with which a worker is to go on; shared by several sweeps."""
    due = SignIn.objects.filter(state=SignInState.BACK, wake_at__lte=now).order_by("wake_at")
    found = [row.pk for row in due.select_for_update(skip_locked=True, no_key=True).only("pk")[:BATCH]]
    SignIn.objects.filter(pk__in=found).update(wake_at=now + AGAIN)
    return found


def go_on(*, sign_in_id: int) -> None:
    """Go on with one of them, as far as can be gone without asking: connected, to choose, or ended.

    A network that hangs keeps few threads with that, as with other questions (see ``lanes``).
    """
    slug, client = SignIn.objects.values_list("channel__network", "channel__client").get(pk=sign_in_id)
    questions(slug, "connect").run(sign_in_id, _go_on, whose=client)


def _go_on(sign_in_id: int) -> None:
    # Read before it is taken: a channel that becomes another account ends what is on the way (see ``forget_ways``), so that
    # nothing typed for one server is ever shown another.
    sign_in = SignIn.objects.select_related("channel__client", "client", "user", "ask").get(pk=sign_in_id)
    now = timezone.now()
    mine = SignIn.objects.filter(pk=sign_in_id, state=SignInState.BACK, expires_at__gt=now)
    if not mine.update(state=SignInState.ASKING, wake_at=None, expires_at=now + ANSWERED):
        return  # somebody else has it, or it is too late
    with translation.override(reading_language(sign_in.user, sign_in.client)):
        try:
            _finish(sign_in)
        except Conflict as conflict:
            end(sign_in, conflict.code, str(conflict))
        except (ObjectDoesNotExist, PermissionDenied):
            end(sign_in, "role_ended", _("You may not connect this channel any more. Nothing was changed."))
        except NetworkError as error:
            end(sign_in, error.code or "network", error.detail)
        except Exception:
            log.exception("connecting broke", extra={"sign_in": sign_in.pk})
            end(sign_in, "broke", _("Something broke on our side. Begin again."))


def _finish(sign_in: SignIn) -> None:
    """Raises ``Conflict``, ``NetworkError``."""
    brought = unseal(sign_in.secret)
    if sign_in.way == FORM:
        connect_as(sign_in, _typed(sign_in.channel, brought["typed"]))
        return
    signed = _signed(sign_in, brought["verifier"], brought["came_by"], brought["answer"])
    account = meant(Channel.objects.get(pk=sign_in.channel_id), signed)
    if account is not None:
        connect_as(sign_in, account, signed)
        return
    kept = [{"identity": asdict(one.identity), "with": dict(one.credentials)} for one in signed]
    rows = SignIn.objects.filter(pk=sign_in.pk, state=SignInState.ASKING)
    rows.update(state=SignInState.CHOOSING, secret=seal({"accounts": kept}), expires_at=timezone.now() + LIFE)


def _typed(channel: Channel, given: Mapping[str, str]) -> Signed:
    """The account that these credentials open."""
    found = networks.get(channel.network).identity(Account(channel.handle, channel.server, given))
    return Signed(found, given)


def _signed(sign_in: SignIn, verifier: str, came_by: str, answer: Mapping[str, str]) -> tuple[Signed, ...]:
    """The accounts that the answer opens."""
    channel = sign_in.channel
    network = networks.get(channel.network)
    oauth = network.ways()[sign_in.way]
    if came_by != sign_in.redirect:
        raise Conflict("answer_swapped", _("This answer came from elsewhere. Nothing was changed."))
    account = Account(channel.handle, channel.server, app=app_for(network, channel.server, sign_in.way))
    visit = Visit(network.name, oauth, account, sign_in.redirect, verifier)
    if answer.get("iss") and not visit.issuer_fits(answer["iss"]):
        raise Conflict("answer_swapped", _("This answer came from elsewhere. Nothing was changed."))
    if "error" in answer or not answer.get("code"):
        raise _said_no(network, answer.get("error", ""))
    credentials = visit.exchanged(answer["code"])
    return network.signed_in(replace(account, credentials=credentials), sign_in.way)


def _said_no(network: Network, error: str) -> Conflict:
    """What an error of RFC 6749 §4.1.2.1 means for people. The network's own words are not repeated."""
    params = {"network": network.name}
    if error in {"access_denied", "user_cancelled_login", "user_cancelled_authorize", "user_denied"}:
        return Conflict("access_denied", _("You said no at %(network)s, so nothing was connected.") % params)
    if error in {"temporarily_unavailable", "server_error"}:
        return Conflict("network_trouble", _("%(network)s has trouble just now. Begin again in a while.") % params)
    text = _("%(network)s does not accept this installation's registration. Who runs Filo has to look at it.")
    if error in {"unauthorized_client", "invalid_scope", "unsupported_response_type", "invalid_request"}:
        return Conflict("app_refused", text % params)
    return Conflict("no_code", _("%(network)s sent nothing that can be used. Begin again.") % params)
