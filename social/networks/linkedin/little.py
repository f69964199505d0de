r"""LinkedIn's "little" text, in which a post's words are written, and back.

Of its reserved characters, `\ | { } @ [ ] ( ) < > # * _ ~`, each has to be escaped with a backslash; the first one that
is not, and makes no sense where it stands, ends the text, and LinkedIn says nothing of it. A hashtag is alive only by its
own syntax, `{hashtag|\#|vino}`. Source:
https://learn.microsoft.com/en-us/linkedin/marketing/community-management/shares/little-text-format (li-lms-2026-05).

Nothing else is alive: `@` names nobody, since a mention needs the number of whom it names. The text of a comment is not
little (https://github.com/gitroomhq/postiz-app/issues/1847).
"""

import regex

_RESERVED = regex.compile(r"([\\|{}@\[\]()<>#*_~])")
# A sign that begins a word, and in the word at least one letter: not the fragment of an address, not "#1".
_HASHTAG = regex.compile(r"(?<![\w#＃&/=?.])([#＃])(?=[\p{N}_]*\p{L})([\p{L}\p{M}\p{N}_]+)")
_TEMPLATE = regex.compile(r"\{hashtag\|\\?([#＃])\|((?:\\.|[^\\}])*)\}", regex.DOTALL)
_MENTION = regex.compile(r"@\[((?:\\.|[^\\\]])*)\]\s?\(urn:[^()]*\)", regex.DOTALL)
_ESCAPED = regex.compile(r"\\(.)", regex.DOTALL)


def little(text: str) -> str:
    """Return the text as LinkedIn wants it written: shown, it is the same text."""
    pieces, at = [], 0
    for found in _HASHTAG.finditer(text):
        sign = "\\#" if found[1] == "#" else found[1]
        pieces += [_escaped(text[at : found.start()]), f"{{hashtag|{sign}|{_escaped(found[2])}}}"]
        at = found.end()
    return "".join([*pieces, _escaped(text[at:])])


def shown(given: str) -> str:
    """Return what readers see of a text that LinkedIn gives back."""
    pieces, at = [], 0
    alive = sorted([*_TEMPLATE.finditer(given), *_MENTION.finditer(given)], key=lambda found: found.start())
    for found in alive:
        if found.start() >= at:
            pieces += [_plain(given[at : found.start()]), "".join(map(_plain, found.groups()))]
            at = found.end()
    return "".join([*pieces, _plain(given[at:])])


def _escaped(text: str) -> str:
    return _RESERVED.sub(r"\\\1", text)


def _plain(text: str) -> str:
    return _ESCAPED.sub(r"\1", text)
