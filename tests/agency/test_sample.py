"""The sample agency: all of it is there, and it keeps every rule that it shows."""

import re
from datetime import timedelta
from io import StringIO
from zoneinfo import ZoneInfo

import pytest
from django.contrib.auth import authenticate
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django import DjangoDbBlocker

from accounts.models import User
from agency.sample.clock import clock_at
from agency.sample.loading import CLIENTS
from agency.sample.pictures import PALETTES, SCENES, drawn
from agency.sample.plans import Picture
from approvals.models import Comment, Decision, Review, Seat
from audit import verifying
from audit.models import Event
from clients.models import Client, Membership
from notifications.models import Notification
from notifications.services import send_due
from social.digest import digest_of
from social.models import Attempt, Channel, Post, PostState, PostVersion, Publication, PublicationState, SandboxPost

PASSWORD = "una parola per lo staff"
pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def sample(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> list[str]:
    """Load it once for all of these tests, and undo it after the last; what it printed."""
    from django.db import transaction

    with django_db_blocker.unblock():
        with CaptureQueriesContext(connection) as queries:
            out = StringIO()
            with transaction.atomic():
                call_command("load_sample", password=PASSWORD, stdout=out)
    return [out.getvalue(), str(len(queries))]
