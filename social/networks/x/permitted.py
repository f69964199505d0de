"""What X keeps from programs that pay by use, in the words of a post: a second cashtag, and some @names.

Read in https://docs.x.com/x-api/posts/manage-tweets/integrate ("self-serve": at most one cashtag a post; answers only where
the account was named) and its changelog (of mentions it does not say which). What breaks it is answered 403, without a reason.
Enterprise is free of it: the setting FILO_X_ENTERPRISE. A cashtag is what twitter-text takes for one, six letters at most;
others saw X take amounts such as $25K for one, too.
"""

from collections.abc import Iterator

import regex
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from social.networks.base import Problem

_CASHTAG = regex.compile(r"(?<!\S)\$[A-Za-z]{1,6}(?:[._][A-Za-z]{1,2})?(?![\w$])")
_PERHAPS = regex.compile(r"(?<![\w$])\$[A-Za-z0-9]{0,5}[A-Za-z](?:[._][A-Za-z]{1,2})?(?![\w$])")
_MENTION = regex.compile(r"(?<![\w!#$%&*@＠/.+-])[@＠][A-Za-z0-9_]{1,20}(?![\w@＠])")


def problems(text: str) -> Iterator[Problem]:
    """What of one post X would not take, or may not."""
    if settings.FILO_X_ENTERPRISE:
        return
    surely, perhaps = len(_CASHTAG.findall(text)), len(_PERHAPS.findall(text))
    if surely > 1:
        sentence = _(
            "X takes one cashtag a post from programs, and this one has %(count)d: write the others without the $ sign."
        )
        yield Problem("cashtags", "error", sentence, {"count": surely})
    elif perhaps > 1:
        sentence = _(
            "X may take all words here that begin with a $ sign for cashtags, and takes one a post from programs."
        )
        yield Problem("cashtags_perhaps", "warning", sentence)
    if _MENTION.search(text):
        sentence = _("X does not let programs mention everybody, and may refuse a post with @names.")
        yield Problem("mentions", "warning", sentence)
