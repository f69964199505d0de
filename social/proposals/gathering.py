"""All proposals for one silence, in a fixed number of queries."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from django.db.models import Q
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from clients.moments import spoken_day
from social.comebacks import comeback
from social.models import Act, Post, PostState, Silence
from social.proposals.evergreen import evergreen
from social.proposals.planned import occasions, pillars_behind
from social.proposals.proposal import Proposal, ProposalKind
from social.proposals.timing import Timing

MANY = 3  # of each kind
TOLD = ("conversions", "clicks", "shares", "comments", "reactions", "reach", "views")
QUIET = 7  # days from which on coming back wants a word


def proposals(silence: Silence, now: datetime) -> list[Proposal]:
    """What could fill it, the nearest to done first, in the active language. For who may see the silence, which is staff."""
    timing = Timing(silence.channel, now)
    found = [
        *_drafts(silence, timing, now),
        *_occasions(silence, timing, now),
        *_evergreen(silence, timing, now),
        *_pillars(silence, timing, now),
        *_comeback(silence, timing),
    ]
    order = list(ProposalKind)
    return sorted(found, key=lambda proposal: order.index(proposal.kind))


def proposal_of(silence: Silence, key: str, now: datetime) -> Proposal | None:
    """The proposal that ``key`` names; None where there is none like that (any more)."""
    return next((proposal for proposal in proposals(silence, now) if proposal.key == key), None)


def _drafts(silence: Silence, timing: Timing, now: datetime) -> Iterator[Proposal]:
    """Without a time to come; for this channel, or for none yet."""
    lying = Post.objects.filter(
        Q(publish_at=None) | Q(publish_at__lt=now),
        Q(variants__channel=silence.channel_id) | Q(variants=None),
        client=silence.client_id,
        act=Act.PUBLISH,
        state__in=[PostState.DRAFT, PostState.CHANGES_REQUESTED],
    )
    for post in lying.select_related("pillar", "author").order_by("-updated_at", "-pk")[:MANY]:
        day = spoken_day(post.updated_at.astimezone(timing.zone).date(), timing.zone)
        yield Proposal(
            kind=ProposalKind.DRAFT,
            number=post.pk,
            title=str(post),
            text=post.text,
            reason=_("%(who)s’s draft without a time, last touched on %(day)s.") % {"who": post.author, "day": day},
            publish_at=timing.filling(silence),
            post=post,
            pillar=post.pillar,
        )


def _occasions(silence: Silence, timing: Timing, now: datetime) -> Iterator[Proposal]:
    today = now.astimezone(timing.zone).date()
    for occasion, day in occasions(silence, today)[:MANY]:
        when = spoken_day(day, timing.zone)
        told = [_("On %(day)s, and no post is for it yet.") % {"day": when}, occasion.note]
        publish_at = timing.on(day)
        if day > silence.falls_on and (before := timing.filling(silence)) < publish_at:
            publish_at = before
            told.append(
                _(
                    "A post on the day itself would come too late for this silence: it goes out before, and looks ahead to it."
                )
            )
        yield Proposal(
            kind=ProposalKind.OCCASION,
            number=occasion.pk,
            title=occasion.name,
            reason=" ".join(filter(None, told)),
            publish_at=publish_at,
            occasion=occasion,
        )


def _evergreen(silence: Silence, timing: Timing, now: datetime) -> Iterator[Proposal]:
    for post, numbers in evergreen(silence.channel, now, MANY):
        yield Proposal(
            kind=ProposalKind.EVERGREEN,
            number=post.pk,
            title=str(post),
            text=post.text,
            reason=_told(post, numbers, timing),
            publish_at=timing.filling(silence),
            post=post,
            pillar=post.pillar if post.pillar and not post.pillar.retired else None,
        )


def _told(post: Post, numbers: dict[str, int], timing: Timing) -> str:
    out = _("Went out on %(day)s.") % {"day": spoken_day(_day_of(post, timing), timing.zone)}
    known = [_counted(name, numbers[name]) for name in TOLD if numbers.get(name)]
    words = ", ".join(known[:MANY]) if known else _("its numbers are unknown")
    return f"{out} {words[:1].upper()}{words[1:]}."


def _counted(name: str, n: int) -> str:
    match name:
        case "conversions":
            words = ngettext("%(n)s conversion", "%(n)s conversions", n)
        case "clicks":
            words = ngettext("%(n)s click", "%(n)s clicks", n)
        case "shares":
            words = ngettext("%(n)s share", "%(n)s shares", n)
        case "comments":
            words = ngettext("%(n)s comment", "%(n)s comments", n)
        case "reactions":
            words = ngettext("%(n)s reaction", "%(n)s reactions", n)
        case "reach":
            words = ngettext("%(n)s person reached", "%(n)s people reached", n)
        case _:
            words = ngettext("seen %(n)s time", "seen %(n)s times", n)
    return words % {"n": number_format(n, use_l10n=True, force_grouping=True)}


def _day_of(post: Post, timing: Timing) -> date:
    moment = post.publish_at or post.updated_at
    return moment.astimezone(timing.zone).date()


def _pillars(silence: Silence, timing: Timing, now: datetime) -> Iterator[Proposal]:
    begun = silence.filled_by  # somebody has begun to fill it, and has still to write
    taken = begun.pillar_id if begun and begun.state != PostState.CANCELLED else None
    for row in [row for row in pillars_behind(silence, now) if row.pillar.pk != taken][:MANY]:
        words = _("%(agreed)d %% of the posts were agreed for it; of two months back and ahead it has %(has)d %%.")
        yield Proposal(
            kind=ProposalKind.PILLAR,
            number=row.pillar.pk,
            title=row.pillar.name,
            reason=" ".join(filter(None, [words % {"agreed": row.agreed, "has": row.has}, row.pillar.why])),
            publish_at=timing.filling(silence),
            pillar=row.pillar,
        )


def _comeback(silence: Silence, timing: Timing) -> Iterator[Proposal]:
    at = timing.filling(silence)
    day = at.astimezone(timing.zone).date()
    quiet = day - silence.after
    if quiet < timedelta(days=QUIET):
        return
    words = ngettext(
        "By then the channel has been quiet for %(n)d day.",
        "By then the channel has been quiet for %(n)d days.",
        quiet.days,
    )
    yield Proposal(
        kind=ProposalKind.RETURN,
        title=_("Back after a silence"),
        text=comeback(silence.client.language, silence.after, day),
        reason=" ".join(
            [
                words % {"n": quiet.days},
                _("A silence is explained by filling it: say what happened, not why you were quiet."),
            ]
        ),
        publish_at=at,
    )
