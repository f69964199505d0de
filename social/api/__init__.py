"""Channels, their slots, labels, series, pictures, posts and their publications, as programs see them."""

from django.urls import path

from rest.routing import pages, router
from social.api.channels import Channels
from social.api.labels import Labels
from social.api.media import MediaFiles
from social.api.months import Months
from social.api.networks import Networks
from social.api.posts import Posts
from social.api.publications import Publications
from social.api.recurrences import Recurrences
from social.api.silences import Silences
from social.api.slots import Slots

router.register("clients", Months, "api-client-month")
router.register("networks", Networks, "api-network")
router.register("channels", Channels, "api-channel")
router.register("recurrences", Recurrences, "api-recurrence")
router.register("silences", Silences, "api-silence")
router.register("slots", Slots, "api-slot")
router.register("labels", Labels, "api-label")
router.register("media", MediaFiles, "api-media")
router.register("posts", Posts, "api-post")
router.register("publications", Publications, "api-publication")
pages += [
    path(f"channels/<int:pk>/history.{form}", Channels.as_view({"get": f"history_{form}"}), name=f"api-channel-{form}")
    for form in ("json", "csv")
]
