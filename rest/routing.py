"""Where each app puts its resources; ``rest.urls`` reads them."""

from django.urls import URLPattern
from rest_framework.routers import SimpleRouter

router = SimpleRouter(use_regex_path=False)
pages: list[URLPattern] = []  # addresses with one thing behind them, which is no list
