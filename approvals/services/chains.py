"""Templates: written, copied, retired by managers. Reviews under way keep the copy that they started with."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from accounts.errors import Conflict
from accounts.models import User
from approvals import kinds, subjects
from approvals.models import Chain, ChainDefault, DefaultScope, OnDeadline, Restart, Step
from approvals.services.passable import require_passable
from approvals.services.planning import Template, templates_of
from approvals.services.plans import StepPlan, plans_of, templates_from
from audit.services import record
from clients.models import Client, Role
from clients.selectors import require
from clients.services import require_admin

__all__ = ["StepPlan", "copy_chain", "plans_of", "retire_chain", "save_chain", "take_up_chain"]

FIELDS = {DefaultScope.CHANNEL: "default_channels", DefaultScope.LABEL: "default_labels"}


def save_chain(  # noqa: PLR0913 - a chain is all of these
    *,
    user: User,
    client: Client | None,
    name: str,
    steps: Sequence[StepPlan] | None,
    chain: Chain | None = None,
    seen: datetime | None = None,
    subject: str = "",
    is_default: bool = False,
    active: bool = True,
    restart: str = Restart.FIRST,
    default_channels: Collection[int] | None = None,
    default_labels: Collection[str] | None = None,
    copied_from: Chain | None = None,
) -> Chain:
    """Write a chain anew or change it; reviews under way keep the copy that they started with.

    Managers write those of their client, agency admins the agency's own. A chain stays with its client. Of one that exists,
    None leaves steps, channels and labels as they are. What is not active is the default of nothing. ``seen`` is when the
    chain that the person looked at had been saved (``updated_at``).
    Raises ``ValidationError`` on ``steps``, on a step and field such as ``steps.0.users`` for what no step can be, and on a
    step for a chain that nobody could ever pass; ``Conflict`` where somebody else has saved it since (``changed_meanwhile``).
    """
    _require_writer(user, client)
    try:
        with transaction.atomic():
            chain = _locked(chain, client, seen) if chain else Chain(client=client, copied_from=copied_from)
            is_new = chain.pk is None
            chain.subject = subject or chain.subject or kinds.usual()
            choices = choices_of(chain.subject, client)
            keeps = steps is None and not is_new
            templates = templates_of(chain) if keeps else templates_from(steps or (), client, choices)
            chain.name, chain.active, chain.is_default, chain.restart = name, active, is_default and active, restart
            _check(chain)
            if active:
                require_passable(templates=templates, client=client)
            chain.save()
            if not keeps:
                _write_steps(chain, templates)
            _write_defaults(chain, choices, default_channels, default_labels)
            about = {"restart": str(restart), "steps": [_as_evidence(template) for template in templates]}
            _record(chain, user, "chain.created" if is_new else "chain.edited", **about)
    except IntegrityError as error:
        raise Conflict("already_exists", _("Somebody else has just saved the same. Look at it again.")) from error
    return chain


def copy_chain(*, user: User, chain: Chain, client: Client, name: str) -> Chain:
    """A client's own chain with the steps of one of the agency's (or of its own), to be changed from there.

    The original stays. Raises ``ValidationError`` on ``chain`` for another client's, and as ``save_chain`` does, such as on
    ``steps.0.users`` for people by name who have no role there: who is asked instead is for a person to say.
    """
    _require_writer(user, client)
    if chain.client_id not in {None, client.pk}:
        text = _("A client's own chain stays with that client.")
        raise ValidationError({"chain": ValidationError(text, code="chain")})
    return save_chain(
        user=user,
        client=client,
        name=name,
        subject=chain.subject,
        restart=chain.restart,
        steps=plans_of(chain),
        copied_from=chain,
    )


@transaction.atomic
def retire_chain(*, user: User, chain: Chain) -> Chain:
    """Offer the chain no more; it is the default of nothing from now on. Reviews under way go on."""
    _require_writer(user, chain.client)
    chain = Chain.objects.select_for_update(no_key=True).get(pk=chain.pk)
    if chain.active:
        chain.active = chain.is_default = False
        chain.save(update_fields=["active", "is_default", "updated_at"])
        chain.defaults.all().delete()
        _record(chain, user, "chain.retired")
    return chain


@transaction.atomic
def take_up_chain(*, user: User, chain: Chain) -> Chain:
    """Offer it again. Raises ``ValidationError`` on a step where nobody could pass it any more."""
    _require_writer(user, chain.client)
    chain = Chain.objects.select_for_update(no_key=True).get(pk=chain.pk)
    if not chain.active:
        require_passable(templates=templates_of(chain), client=chain.client)
        chain.active = True
        chain.save(update_fields=["active", "updated_at"])
        _record(chain, user, "chain.taken_up")
    return chain


def choices_of(subject: str, client: Client | None) -> subjects.Choices:
    """What conditions of this client's chains for this kind of thing may name."""
    return subjects.of_kind(subject).choices(client) if subjects.is_known(subject) else subjects.Choices()


def _require_writer(user: User, client: Client | None) -> None:
    if client is None:
        require_admin(user)
    else:
        require(user, client, {Role.MANAGER})


def _locked(chain: Chain, client: Client | None, seen: datetime | None) -> Chain:
    chain = Chain.objects.select_for_update(no_key=True).get(pk=chain.pk, client=client)
    if seen is not None and seen != chain.updated_at:
        text = _(
            "Somebody has changed this chain since you opened it. What you typed is still here: save once more to put it in "
            "the place of theirs."
        )
        raise Conflict("changed_meanwhile", text)
    return chain


def _check(chain: Chain) -> None:
    """What the table refuses, said at its field; a second default names the first."""
    try:
        chain.full_clean()
    except ValidationError as error:
        errors = dict(error.error_dict)
        same = Chain.objects.filter(client=chain.client, subject=chain.subject).exclude(pk=chain.pk)
        if NON_FIELD_ERRORS in errors:
            del errors[NON_FIELD_ERRORS]
            if same.filter(name=chain.name).exists():
                text = _("There is already a chain with this name.")
                errors["name"] = [ValidationError(text, code="unique")]
            default = same.filter(is_default=True).first() if chain.is_default else None
            if default:
                text = _("“%(name)s” is the default already. Take that from it first.")
                errors["is_default"] = [ValidationError(text, code="unique", params={"name": default.name})]
        raise ValidationError(errors or error.error_dict) from error


def _write_steps(chain: Chain, templates: Sequence[Template]) -> None:
    chain.steps.all().delete()
    steps = []
    for template in templates:
        template.step.chain = chain
        steps.append(template.step)
    Step.objects.bulk_create(steps)
    named, further = Step.users.through, Step.escalate_to.through
    named.objects.bulk_create(
        named(step=item.step, user_id=user_id) for item in templates for user_id in sorted(item.named)
    )
    further.objects.bulk_create(
        further(step=item.step, user_id=user_id) for item in templates for user_id in sorted(item.further)
    )


def _write_defaults(
    chain: Chain,
    choices: subjects.Choices,
    channels: Collection[int] | None,
    labels: Collection[str] | None,
) -> None:
    wanted = {
        DefaultScope.CHANNEL: (None if channels is None else set(channels), dict[Any, str](choices.channels)),
        DefaultScope.LABEL: (None if labels is None else set(labels), dict[Any, str](choices.labels)),
    }
    if not chain.active:
        chain.defaults.all().delete()
        return
    for scope, (values, known) in wanted.items():
        if values is None:
            continue
        _check_defaults(chain, scope, values, known)
        chain.defaults.filter(scope=scope).delete()
        ChainDefault.objects.bulk_create(
            ChainDefault(chain=chain, client=chain.client, subject=chain.subject, scope=scope, value=str(value))
            for value in sorted(values)
        )


def _check_defaults(chain: Chain, scope: DefaultScope, values: Collection[Any], known: Mapping[Any, str]) -> None:
    taken = ChainDefault.objects.filter(client=chain.client, subject=chain.subject, scope=scope).exclude(chain=chain)
    others = {row.value: row.chain.name for row in taken.select_related("chain")}
    for value in sorted(values, key=str):
        if value not in known:
            text, code = _("There is no %(value)s here."), "does_not_exist"
        elif str(value) in others:
            text, code = _("For %(value)s there is a default already: “%(name)s”."), "unique"
        else:
            continue
        params = {"value": known.get(value, str(value)[:60]), "name": others.get(str(value), "")}
        raise ValidationError({FIELDS[scope]: ValidationError(text, code=code, params=params)})


def _record(chain: Chain, user: User, verb: str, **about: Any) -> None:
    record(
        client_id=chain.client_id,
        actor=user,
        verb=verb,
        subject_type="chain",
        subject_id=chain.pk,
        name=chain.name,
        **about,
    )


def _as_evidence(template: Template) -> dict[str, Any]:
    step = template.step
    said: dict[str, Any] = {
        "name": step.name,
        "rule": str(step.rule),
        "needed": step.needed,
        "role": str(step.role),
        "users": sorted(template.named),
    }
    further = {
        "managers_up": step.managers_up,
        "only": step.only,
        "due_after_minutes": step.due_after_minutes,
        "due_before_minutes": step.due_before_minutes,
        "on_deadline": str(step.on_deadline) if step.on_deadline != OnDeadline.REMIND else "",
        "escalate_to": sorted(template.further),
        "never_tacit": step.never_tacit,
        "four_eyes": step.four_eyes,
    }
    return said | {key: value for key, value in further.items() if value}
