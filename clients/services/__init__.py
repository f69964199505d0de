"""Changes to clients and to who does what for them."""

from clients.services.clients import create_client, edit_client, freeze, require_admin, unfreeze
from clients.services.consent import set_tacit_consent
from clients.services.logo import set_logo
from clients.services.memberships import add_person, edit_membership, end_role, set_manager, set_role
from clients.services.people import ADMINISTERED, PERSONAL, create_person, edit_person
from clients.services.watching import set_watched_names
from clients.services.working_time import set_working_time

__all__ = [
    "ADMINISTERED",
    "PERSONAL",
    "add_person",
    "create_client",
    "create_person",
    "edit_client",
    "edit_membership",
    "edit_person",
    "end_role",
    "freeze",
    "require_admin",
    "set_logo",
    "set_manager",
    "set_role",
    "set_tacit_consent",
    "set_watched_names",
    "set_working_time",
    "unfreeze",
]
