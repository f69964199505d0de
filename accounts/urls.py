"""Signing in and out. Of django-allauth's addresses, those that we offer.

Nobody signs up and nobody changes their own e-mail: people are added, and vouched for, by the agency. The names stay,
because allauth looks them up.
"""

from allauth.account import views
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, path, re_path

from accounts.addressing import addressed
from accounts.guarding import guarded


def not_here(_request: HttpRequest, **_rest: str) -> HttpResponse:
    """Not offered."""
    raise Http404


urlpatterns: list[URLPattern] = [
    path("login/", guarded(views.login), name="account_login"),
    path("login/code/", guarded(views.request_login_code), name="account_request_login_code"),
    path("login/code/confirm/", guarded(views.confirm_login_code), name="account_confirm_login_code"),
    path("logout/", guarded(addressed(views.logout)), name="account_logout"),
    path("inactive/", guarded(views.account_inactive), name="account_inactive"),
    path("reauthenticate/", guarded(addressed(views.reauthenticate)), name="account_reauthenticate"),
    path("password/change/", guarded(addressed(views.password_change)), name="account_change_password"),
    path("password/set/", guarded(addressed(views.password_set)), name="account_set_password"),
    path("password/reset/", guarded(views.password_reset), name="account_reset_password"),
    path("password/reset/done/", guarded(views.password_reset_done), name="account_reset_password_done"),
    re_path(
        r"^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        guarded(views.password_reset_from_key),
        name="account_reset_password_from_key",
    ),
    path(
        "password/reset/key/done/",
        guarded(views.password_reset_from_key_done),
        name="account_reset_password_from_key_done",
    ),
    path("signup/", not_here, name="account_signup"),
    path("email/", not_here, name="account_email"),
    path("confirm-email/", not_here, name="account_email_verification_sent"),
    re_path(r"^confirm-email/(?P<key>[-:\w]+)/$", not_here, name="account_confirm_email"),
]
