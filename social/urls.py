from django.urls import URLPattern, path

from social import media_views, sandbox_views

app_name = "social"
urlpatterns: list[URLPattern] = [
    path("media/<int:media_id>/", media_views.picture, name="media"),
    path("media/<int:media_id>/still/", media_views.still, name="still"),
    path("renditions/<int:rendition_id>/", media_views.rendition, name="rendition"),
    path("out/<str:token>/<str:name>", media_views.public, name="public"),
    path("sandbox/<path:handle>/", sandbox_views.page, name="sandbox"),
]
