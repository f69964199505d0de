"""The addresses below ``/api/v1/``. Each app's ``api`` module registers its own resources with ``rest.routing.router``."""

from django.urls import path, re_path
from django.utils.module_loading import autodiscover_modules
from drf_spectacular.views import SpectacularSwaggerView

from rest.routing import pages, router
from rest.views import SchemaView, nowhere

autodiscover_modules("api")

urlpatterns = [
    *pages,
    path("schema/", SchemaView.as_view(), name="schema"),
    path("docs/", SpectacularSwaggerView.as_view(url_name="schema"), name="api-docs"),
    *router.urls,
    re_path(r"", nowhere, name="api-nowhere"),
]
