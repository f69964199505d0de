"""Every address, by who it is for."""

from importlib.util import find_spec

from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path
from django.views.i18n import JavaScriptCatalog

from agency import health
from approvals.proof import views as proof

handler400 = "agency.breaking.unread"
handler500 = "agency.breaking.broken"
urlpatterns: list[URLPattern | URLResolver] = [
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("metrics", health.metrics, name="metrics"),
    path("evidence-key/", proof.evidence_key, name="evidence_key"),
    path("evidence-key/verify_evidence.py", proof.verifier, name="verify_evidence"),
    path("admin/jsi18n/", JavaScriptCatalog.as_view(), name="jsi18n"),
    path("admin/", admin.site.urls),
    path("accounts/", include("accounts.urls")),
]
for module, prefix in [("rest.urls", "api/v1/"), ("social.urls", ""), ("newsletter.urls", ""), ("portal.urls", "")]:
    if find_spec(module) is not None:
        urlpatterns.append(path(prefix, include(module)))
