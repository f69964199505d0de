from django.urls import URLPattern, path

from newsletter.views import issues, leaving, signing_up

app_name = "newsletter"
urlpatterns: list[URLPattern] = [
    path("newsletter/off/<str:token>", leaving.off, name="off"),
    path("newsletter/yes/<str:secret>", signing_up.confirm, name="confirm"),
    path("newsletter/issues/<str:page_key>/", issues.issue, name="issue"),
    path("newsletter/issues/<str:page_key>/<str:sha256>", issues.picture, name="picture"),
    path("newsletter/<str:key>/", signing_up.sign_up, name="sign_up"),
]
