from django.urls import URLPattern, path

from newsletter.views import leaving, signing_up

app_name = "newsletter"
urlpatterns: list[URLPattern] = [
    path("newsletter/off/<str:token>", leaving.off, name="off"),
    path("newsletter/yes/<str:secret>", signing_up.confirm, name="confirm"),
    path("newsletter/<str:key>/", signing_up.sign_up, name="sign_up"),
]
