"""What people read where something is not there, not theirs, or broken."""

import pytest
from django.core.exceptions import BadRequest, PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.test import Client as Browser
from django.urls import path

from agency.urls import urlpatterns as real

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.portal.test_error_pages")]


def broken(request: HttpRequest) -> HttpResponse:
    """A defect."""
    raise RuntimeError


def forbidden(request: HttpRequest) -> HttpResponse:
    """A service that said no, and why."""
    raise PermissionDenied("Your role for this client does not allow it.")


def bare(request: HttpRequest) -> HttpResponse:
    """A service that said no."""
    raise PermissionDenied


def bad(request: HttpRequest) -> HttpResponse:
    """Nonsense."""
    raise BadRequest


urlpatterns = [
    path("broken/", broken),
    path("forbidden/", forbidden),
    path("bare/", bare),
    path("bad/", bad),
    *real,
]


@pytest.mark.parametrize("language", ["en", "it"])
@pytest.mark.parametrize(
    ("address", "status"),
    [("/nothing/here/", 404), ("/bare/", 403), ("/forbidden/", 403), ("/bad/", 400), ("/broken/", 500)],
)
@pytest.mark.filterwarnings("ignore")
def test_each_has_its_page(address: str, status: int, language: str) -> None:
    browser = Browser(raise_request_exception=False, headers={"Accept-Language": language})
    answer = browser.get(address)
    html = answer.content.decode()
    assert answer.status_code == status
    assert f'<html lang="{language}">' in html
    assert "portal/portal.css" in html
    assert "<h1>" in html
    assert "Traceback" not in html


def test_why_not_is_said() -> None:
    html = Browser(headers={"Accept-Language": "en"}).get("/forbidden/").content.decode()
    assert "Your role for this client does not allow it." in html


@pytest.mark.parametrize("language", ["en", "it"])
def test_a_form_without_its_token(language: str) -> None:
    browser = Browser(enforce_csrf_checks=True, headers={"Accept-Language": language})
    answer = browser.post("/accounts/login/", {"login": "a@example.org", "password": "x"})
    assert answer.status_code == 403
    assert f'<html lang="{language}">' in answer.content.decode()
    assert "portal/portal.css" in answer.content.decode()
