"""What YouTube and Google Business Profile have in common: the accounts of Google, and how their connections end.

Limits of refresh tokens and reasons of their end: https://developers.google.com/identity/protocols/oauth2#expiration. Where
there are too many of one person and one app (100, as of November 2026), each new one ends the oldest, and nobody says so.
"""

from django.utils.translation import gettext_lazy as _

ENDED = _(
    "Google has ended this connection. Somebody took the permission back, or it was not used for six months, or the app at "
    "Google is in testing, where it lasts seven days, or one person has connected more than about a hundred times, of "
    "which Google ends the oldest. Connect the channel again."
)
