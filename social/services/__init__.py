"""The verbs of publishing, the only place where posts, channels and publications change."""

from social.services.apps import remove_app, save_app
from social.services.channels import create_channel, edit_channel
from social.services.checking import ask_channel
from social.services.connection_asks import ask_to_connect, revoke_asks
from social.services.correcting import correct_publication, take_down
from social.services.labels import create_label, edit_label
from social.services.media import add_media, describe_media
from social.services.posts import cancel_post, create_post, duplicate_post, edit_post
from social.services.publications import cancel_publication, resolve_publication, retry_publication
from social.services.recurring import create_recurrence, end_recurrence
from social.services.retiring import retire_channel
from social.services.reviewing import submit_post, withdraw_post
from social.services.slots import create_slot, delete_slot, edit_slot, queue_post, set_slots
from social.services.spending import go_beyond, set_ceiling

__all__ = [
    "add_media",
    "ask_channel",
    "ask_to_connect",
    "cancel_post",
    "cancel_publication",
    "correct_publication",
    "create_channel",
    "create_label",
    "create_post",
    "create_recurrence",
    "create_slot",
    "delete_slot",
    "describe_media",
    "duplicate_post",
    "edit_channel",
    "edit_label",
    "edit_post",
    "edit_slot",
    "end_recurrence",
    "go_beyond",
    "queue_post",
    "remove_app",
    "resolve_publication",
    "retire_channel",
    "retry_publication",
    "revoke_asks",
    "save_app",
    "set_ceiling",
    "set_slots",
    "submit_post",
    "take_down",
    "withdraw_post",
]
