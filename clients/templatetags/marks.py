"""Marks of clients and states, and times as people say them, for templates."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from django import template
from django.utils import timezone
from django.utils.safestring import SafeString
from django_stubs_ext import StrOrPromise

from clients.marks import client_mark, state_mark
from clients.models import Client
from clients.moments import clock, spoken, spoken_day

register = template.Library()


@register.simple_tag
def state(value: str, words: StrOrPromise) -> SafeString:
    """``{% state post.state post.get_state_display %}``."""
    return state_mark(value, words)


@register.simple_tag(name="client")
def client_tag(client: Client | None, without: StrOrPromise = "") -> SafeString:
    """``{% client post.client %}``."""
    return client_mark(client, without)


@register.filter
def said(when: datetime | None, zone: str = "") -> str:
    """The moment as people say it, on the clock of ``zone`` (else of the reader); empty for none."""
    if when is None:
        return ""
    return spoken(when, ZoneInfo(zone) if zone else ZoneInfo(timezone.get_current_timezone_name()))


@register.filter(name="clock")
def clock_filter(when: datetime) -> str:
    """The time of the day on its own clock."""
    return clock(when)


@register.filter
def day_said(day: date, zone: str) -> str:
    """The day as people say it, of the calendar of ``zone``."""
    return spoken_day(day, ZoneInfo(zone))
