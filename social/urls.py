from django.urls import URLPattern, path

from social import issue_views, media_views, sandbox_views

app_name = "social"
urlpatterns: list[URLPattern] = [
    path("media/<int:media_id>/", media_views.picture, name="media"),
    path("media/<int:media_id>/still/", media_views.still, name="still"),
    path("renditions/<int:rendition_id>/", media_views.rendition, name="rendition"),
    path("out/<str:token>/<str:name>", media_views.public, name="public"),
    path("versions/<int:version_id>/issue/<int:channel_id>/", issue_views.of_version, name="version_issue"),
    path("posts/<int:post_id>/issue/<int:channel_id>/", issue_views.of_post, name="post_issue"),
    path("sandbox/<path:handle>/", sandbox_views.page, name="sandbox"),
]
