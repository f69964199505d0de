"""The tables: channels, media, posts and their versions, publications and their attempts."""

from social.models.channels import Channel, ChannelStatus
from social.models.media import Kind, Media
from social.models.posts import Post, PostMedia, PostState, PostVersion, Variant
from social.models.publications import Attempt, Outcome, Publication, PublicationState
from social.models.sandbox import SandboxPost

__all__ = [
    "Attempt",
    "Channel",
    "ChannelStatus",
    "Kind",
    "Media",
    "Outcome",
    "Post",
    "PostMedia",
    "PostState",
    "PostVersion",
    "Publication",
    "PublicationState",
    "SandboxPost",
    "Variant",
]
