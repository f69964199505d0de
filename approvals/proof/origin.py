"""Who made a proof: this installation, and the agency that it is of."""

from email.utils import parseaddr
from urllib.parse import urlsplit

from django.conf import settings


def agency_name() -> str:
    """What the agency calls itself where it writes to people: the name in FILO_MAIL_FROM, else where it is on the web."""
    name, _address = parseaddr(settings.DEFAULT_FROM_EMAIL)
    return name or urlsplit(settings.BASE_URL).hostname or "Filo"
