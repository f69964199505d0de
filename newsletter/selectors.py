"""Who may see which list and its readers, and who gets the next issue."""

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from accounts.models import User
from clients.models import STAFF_ROLES, Role
from clients.selectors import within
from newsletter.models import Copy, CopyState, Doubt, ListImport, MailingList, Reader, ReaderState, RefusedLine
from social.models import Channel
from social.selectors import channels

NETWORK = "newsletter"
MANAGERS = frozenset({Role.MANAGER})
COUNTED = [state for state in ReaderState if state != ReaderState.ERASED]


def lists(user: User) -> QuerySet[MailingList]:
    """The lists of the clients this person is staff for, each with how many readers stand how."""
    counts = {state.value: Count("readers", filter=Q(readers__state=state)) for state in COUNTED}
    found = MailingList.objects.select_related("client", "channel").annotate(**counts)
    return found.filter(within(user, "client", STAFF_ROLES))


def kept_lists(user: User) -> QuerySet[MailingList]:
    """The lists whose readers this person may see and change: those of the clients they are a manager of."""
    return MailingList.objects.select_related("client", "channel").filter(within(user, "client", MANAGERS))


def readers(user: User) -> QuerySet[Reader]:
    """The readers on those lists. Who was erased is none any more."""
    found = Reader.objects.select_related("client", "mailing_list__channel")
    return found.filter(within(user, "client", MANAGERS)).exclude(state=ReaderState.ERASED)


def imports(user: User) -> QuerySet[ListImport]:
    """The imports to those lists, without what stands in the file."""
    found = ListImport.objects.select_related("client", "mailing_list__channel", "by").defer("content")
    return found.filter(within(user, "client", MANAGERS))


def came_back_with(issue: int, status: str) -> QuerySet[Copy]:
    """An issue's copies of which a server said by this status that their address does not exist. For services."""
    return Copy.objects.filter(issue=issue, gone=status)


def doubts(user: User) -> QuerySet[Doubt]:
    """The doubts about those lists' issues, each with how many copies came back so, of how many."""
    per = Copy.objects.filter(issue=OuterRef("issue")).order_by().values("issue")
    counted = {
        "came_back": per.filter(gone=OuterRef("status")).annotate(number=Count("pk")).values("number"),
        "copies": per.exclude(state=CopyState.SKIPPED).annotate(number=Count("pk")).values("number"),
    }
    found = Doubt.objects.select_related("client", "issue__mailing_list__channel")
    found = found.annotate(**{name: Coalesce(Subquery(rows), 0) for name, rows in counted.items()})
    return found.filter(within(user, "client", MANAGERS))


def refused_lines(user: User, found: ListImport) -> QuerySet[RefusedLine]:
    """The lines of an import that were not taken, for who may see it."""
    return RefusedLine.objects.filter(list_import__in=imports(user).filter(pk=found.pk)).order_by("line")


def listable_channels(user: User) -> QuerySet[Channel]:
    """The newsletter channels of which this person may keep a list."""
    return channels(user).filter(within(user, "client", MANAGERS), network=NETWORK)


def readers_who_get(mailing_list: MailingList) -> QuerySet[Reader]:
    """Who gets the next issue: the confirmed ones, by their ids. For services: it asks nobody whether they may know."""
    return Reader.objects.filter(mailing_list=mailing_list, state=ReaderState.CONFIRMED).order_by("id")
