"""The staff's pages on clients, on people and on the evidence."""

from clients.admin.clients import ClientAdmin
from clients.admin.evidence import EventAdmin
from clients.admin.people import MembershipAdmin, PersonAdmin

__all__ = ["ClientAdmin", "EventAdmin", "MembershipAdmin", "PersonAdmin"]
