from django.urls import URLPattern, path

from portal.views import entering, home, links, mails, settings, signed

app_name = "portal"
urlpatterns: list[URLPattern] = [
    path("", home.home, name="home"),
    path("posts/<int:post_id>/", signed.agreed_post, name="post"),
    path("reviews/<int:review_id>/", signed.signed_review, name="signed_review"),
    path("r/", links.cut, name="cut_link"),
    path("r/<str:secret>/", links.review_by_link, name="review"),
    path("r/<path:rest>", links.mended, name="mended_link"),
    path("settings/", settings.settings, name="settings"),
    path("mail/off/<str:token>/", mails.mails_off, name="mails_off"),
    path("in/<str:secret>/", entering.enter, name="login_link"),
]
