"""The staff's pages on posts, their series and reviews, channels, labels and pictures."""

from social.admin.apps import AppAdmin
from social.admin.channels import ChannelAdmin
from social.admin.labels import LabelAdmin
from social.admin.library import MediaAdmin
from social.admin.posts import PostAdmin
from social.admin.reading import PostShowing
from social.admin.recurrences import RecurrenceAdmin
from social.admin.reviews import ReviewAdmin
from social.admin.silences import SilenceAdmin
from social.admin.waiting import WaitingAdmin

__all__ = [
    "AppAdmin",
    "ChannelAdmin",
    "LabelAdmin",
    "MediaAdmin",
    "PostAdmin",
    "PostShowing",
    "RecurrenceAdmin",
    "ReviewAdmin",
    "SilenceAdmin",
    "WaitingAdmin",
]
