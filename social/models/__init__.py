"""The tables: channels, labels, media, posts and their versions, publications and their attempts."""

from social.models.after import Reading, Seen, Watch
from social.models.channels import Channel, ChannelStatus
from social.models.connections import ConnectionAsk, ConnectionLink, NetworkApp, SignIn, SignInState
from social.models.labels import Label
from social.models.media import Kind, Media, Rendition
from social.models.posts import Act, Post, PostLabel, PostMedia, PostState, PostVersion, PostWriter, Variant
from social.models.publications import Attempt, Outcome, Publication, PublicationState, Upload, Use
from social.models.recurring import Occurrence, Recurrence, WhyEnded
from social.models.sandbox import SandboxPost
from social.models.silences import Silence, SilenceState, WhyQuiet
from social.models.slots import Slot
from social.models.spending import Cause, Ceiling, Charge

__all__ = [
    "Act",
    "Attempt",
    "Cause",
    "Ceiling",
    "Channel",
    "ChannelStatus",
    "Charge",
    "ConnectionAsk",
    "ConnectionLink",
    "Kind",
    "Label",
    "Media",
    "NetworkApp",
    "Occurrence",
    "Outcome",
    "Post",
    "PostLabel",
    "PostMedia",
    "PostState",
    "PostVersion",
    "PostWriter",
    "Publication",
    "PublicationState",
    "Reading",
    "Recurrence",
    "Rendition",
    "SandboxPost",
    "Seen",
    "SignIn",
    "SignInState",
    "Silence",
    "SilenceState",
    "Slot",
    "Upload",
    "Use",
    "Variant",
    "Watch",
    "WhyEnded",
    "WhyQuiet",
]
