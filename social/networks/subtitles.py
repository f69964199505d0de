"""The subtitles of a video, where a network wants to know in which language they are: asked as a field of the post.

Without a language they stay away, and whoever composes is told so; what was approved before the question was asked goes
out as it did. Locales are those of Meta's list (https://developers.facebook.com/docs/internationalization, 2026-11-29).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from social.networks.asking import Field
from social.networks.content import Content
from social.networks.outcomes import Problem


@dataclass(frozen=True, slots=True)
class Language:
    """One language: its code (ISO 639-1), the name that its speakers give it, the locale that Meta takes for it."""

    code: str
    name: str
    locale: str


_LANGUAGES = (
    ("it", "Italiano", "it_IT"),
    ("en", "English", "en_US"),
    ("de", "Deutsch", "de_DE"),
    ("fr", "Français", "fr_FR"),
    ("es", "Español", "es_ES"),
    ("pt", "Português", "pt_PT"),
    ("nl", "Nederlands", "nl_NL"),
    ("da", "Dansk", "da_DK"),
    ("sv", "Svenska", "sv_SE"),
    ("fi", "Suomi", "fi_FI"),
    ("pl", "Polski", "pl_PL"),
    ("cs", "Čeština", "cs_CZ"),
    ("hu", "Magyar", "hu_HU"),
    ("ro", "Română", "ro_RO"),
    ("el", "Ελληνικά", "el_GR"),
    ("uk", "Українська", "uk_UA"),
    ("ru", "Русский", "ru_RU"),
    ("tr", "Türkçe", "tr_TR"),
    ("ar", "العربية", "ar_AR"),
    ("ja", "日本語", "ja_JP"),
    ("ko", "한국어", "ko_KR"),
    ("zh", "中文", "zh_CN"),
)
LANGUAGES: Mapping[str, Language] = {code: Language(code, name, locale) for code, name, locale in _LANGUAGES}

FIELD = Field(
    "captions_language",
    _("Language of the subtitles"),
    kind="choice",
    choices=(("", _("Without subtitles")), *((one.code, one.name) for one in LANGUAGES.values())),
    help=_("For a video that has subtitles."),
)


def language_of(content: Content) -> Language | None:
    """In which language the subtitles go out; None where they stay away."""
    return LANGUAGES.get(str(content.fields.get(FIELD.name) or ""))


def has_captions(content: Content) -> bool:
    """Whether any of its videos has subtitles."""
    return any(item.captions for item in content.all_media)


def left_out(network: str, content: Content, *, takes: bool, asks: bool) -> Iterator[Problem]:
    """Warn where a video's subtitles don't go out: the network has none, or nobody has said in which language they are."""
    if not has_captions(content):
        return
    if not takes:
        sentence = _("%(network)s has no subtitles: those of the video don't go out.")
        yield Problem("captions_left_out", "warning", sentence, {"network": network})
    elif asks and language_of(content) is None:
        sentence = _("The subtitles don't go out on %(network)s as long as nobody says in which language they are.")
        yield Problem("captions_left_out", "warning", sentence, {"network": network})
