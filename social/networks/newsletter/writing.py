"""An issue as its readers get it: HTML that mail programs show as it is meant, and the same as plain text.

Mail programs know little: so tables, styles on each element, one small sheet for the dark (those who don't know it show the
light one, which is whole). What differs from reader to reader stands between marks (`OWN`), and is not on the web's page.
All words are escaped, braces too: so `{unsubscribe}` stands nowhere but where it is meant.
"""

import html
import re
import unicodedata
from collections.abc import Iterator
from typing import Final

from django.utils import translation
from django.utils.translation import gettext as _

from clients.colours import foreground
from social.networks import light
from social.networks.base import Content, MediaItem
from social.networks.newsletter.post_room import House, Written

UNSUBSCRIBE: Final = "{unsubscribe}"
_OWN: Final = ("<!--own-->", "<!--/own-->")
_OWN_PART: Final = re.compile(f"{_OWN[0]}.*?{_OWN[1]}", re.DOTALL)
WIDTH: Final = 600
_FONT: Final = "font-family:-apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif"
_SIZES: Final = {2: 22, 3: 19, 4: 17}
_DARK: Final = (
    "@media (prefers-color-scheme:dark){"
    ".ground{background:#0e1013!important}.paper{background:#16191d!important}"
    ".ink,.ink td{color:#eceff2!important}.soft{color:#a9b2bc!important}a.in{color:#9cc4ff!important}}"
)
_FILL: Final = "&#8199;&#847; " * 60  # so that no inbox fills the preheader up with what follows


def write(content: Content, house: House, page: str) -> Written:
    """Write it, in the language that is active; ``page`` is its address on the web."""
    subject = one_line(str(content.fields.get("subject") or ""))
    preheader = one_line(str(content.fields.get("preheader") or ""))
    return Written(
        subject=subject,
        preheader=preheader,
        html=_html(content, house, page, subject, preheader),
        text=_text(content, house, page),
        media=content.media,
    )


def one_line(words: str) -> str:
    """The words without breaks and control characters, as headers have to be.

    What joins letters and pictures, and is not seen (families, flags, Persian words: Unicode's Cf), stays.
    """
    return " ".join("".join(char if _is_seen(char) else " " for char in words).split())


def _is_seen(char: str) -> bool:
    return char.isprintable() or unicodedata.category(char) == "Cf"


def for_all(issue_html: str) -> str:
    """The HTML without what is one reader's own."""
    return _OWN_PART.sub("", issue_html)


def shown(content: Content, house: House) -> str:
    """The HTML for who looks at it before it goes out: what is one reader's own leads nowhere yet, links open beside it."""
    with translation.override(house.language):
        page = write(content, house, page="").html
    page = page.replace(f'href="{UNSUBSCRIBE}" ', "").replace('href="" ', "")
    return page.replace("<head>\n", '<head>\n<base target="_blank">\n', 1)


def button_of(content: Content) -> str:
    """The words on the link's button."""
    return one_line(str(content.fields.get("button") or "")) or _("Read more")


def alternative(item: MediaItem) -> str:
    """What stands in the text for a picture."""
    words = one_line(item.alt_text)
    return f"[{words}]" if words else _("[a picture]")


def _text(content: Content, house: House, page: str) -> str:
    parts = [words for _level, words in _blocks(content)]
    parts += [alternative(item) for item in content.media]
    parts += [f"{button_of(content)}:\n{content.link}"] if content.link else []
    below = [
        house.name,
        house.imprint.strip(),
        "",
        _("Read it in the browser: %(address)s") % {"address": page},
        _("You get this since you signed up. Sign off: %(address)s") % {"address": UNSUBSCRIBE},
    ]
    return "\n\n".join(parts) + "\n\n-- \n" + "\n".join(below) + "\n"


def _html(content: Content, house: House, page: str, subject: str, preheader: str) -> str:
    rows = [*_body(content), *([_button(content, house)] if content.link else [])]
    return (
        f'<!doctype html>\n<html lang="{_escaped(house.language)}">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width,initial-scale=1">\n'
        '<meta name="color-scheme" content="light dark">\n<meta name="supported-color-schemes" content="light dark">\n'
        f"<title>{_escaped(subject)}</title>\n<style>{_DARK}</style>\n</head>\n"
        f'<body class="ground" style="margin:0;padding:0;background:#f1f2f4">\n{_hidden(preheader)}'
        f'{_table("100%", "ground", "background:#f1f2f4")}<tr><td align="center" style="padding:16px 8px">\n'
        f"{_own(_in_browser(page))}"
        f"{_table(str(WIDTH), 'paper ink', f'width:100%;max-width:{WIDTH}px;background:#ffffff;border-radius:8px')}\n"
        f"{_head(house)}\n"
        + "\n".join(rows)
        + f'\n<tr><td style="padding:8px 0 16px"></td></tr>\n</table>\n{_foot(house)}</td></tr></table>\n</body>\n</html>\n'
    )


def _table(width: str, names: str, style: str) -> str:
    return (
        f'<table role="presentation" class="{names}" width="{width}" cellpadding="0" cellspacing="0" border="0" '
        f'style="{style}">'
    )


def _hidden(preheader: str) -> str:
    if not preheader:
        return ""
    style = "display:none;max-height:0;max-width:0;overflow:hidden;opacity:0;font-size:1px;line-height:1px"
    return f'<div style="{style}">{_escaped(preheader)}{_FILL}</div>\n'


def _in_browser(page: str) -> str:
    words = _escaped(_("Read it in the browser"))
    return f'<p class="soft" style="{_small()};margin:0 0 12px"><a class="soft" href="{_escaped(page)}" style="color:#5a626b">{words}</a></p>\n'


def _head(house: House) -> str:
    style = f"border-top:8px solid {_escaped(house.colour)};border-radius:8px 8px 0 0;padding:16px 24px 0;{_FONT};font-size:15px;font-weight:600;color:#1c1f23"
    return f'<tr><td style="{style}">{_escaped(house.name)}</td></tr>'


def _blocks(content: Content) -> Iterator[tuple[int, str]]:
    """The headings and paragraphs, each with its level."""
    text = light.lines(content.text)
    for stretch in light.stretches(text):
        yield stretch.level, text[stretch.start : stretch.end]


def _body(content: Content) -> Iterator[str]:
    for level, words in _blocks(content):
        if level:
            style = f"margin:0;{_FONT};font-size:{_SIZES[level]}px;line-height:1.25;font-weight:700"
            yield _row(f'<h{level} style="{style}">{_linked(words)}</h{level}>', 20)
        else:
            yield _row(f'<p style="margin:0;{_FONT};font-size:16px;line-height:1.55">{_linked(words)}</p>', 14)
    for item in content.media:
        yield _row(_picture(item), 16)


def _row(inside: str, above: int) -> str:
    return f'<tr><td style="padding:{above}px 24px 0;color:#1c1f23">{inside}</td></tr>'


def _picture(item: MediaItem) -> str:
    wide = min(item.width, WIDTH - 48)
    return (
        f'<img src="cid:{item.sha256}" alt="{_escaped(one_line(item.alt_text))}" width="{wide}" '
        f'style="display:block;border:0;border-radius:4px;width:100%;max-width:{wide}px;height:auto">'
    )


def _button(content: Content, house: House) -> str:
    ink, colour = _escaped(foreground(house.colour)), _escaped(house.colour)
    style = f"display:inline-block;padding:14px 24px;{_FONT};font-size:16px;font-weight:600;line-height:1;color:{ink};text-decoration:none"
    link = f'<a href="{_escaped(content.link)}" style="{style}">{_escaped(button_of(content))}</a>'
    cell = f'<td bgcolor="{colour}" style="border-radius:6px;background:{colour}">{link}</td>'
    return _row(f"{_table('auto', '', 'border-collapse:separate')}<tr>{cell}</tr></table>", 20)


def _foot(house: House) -> str:
    imprint = _escaped(house.imprint.strip()).replace("\n", "<br>")
    said, sign_off = _escaped(_("You get this since you signed up.")), _escaped(_("Sign off"))
    own = f'<p class="soft" style="{_small()};margin:8px 0 0">{said} <a class="soft" href="{UNSUBSCRIBE}" style="color:#5a626b">{sign_off}</a></p>'
    return (
        f'{_table(str(WIDTH), "", f"width:100%;max-width:{WIDTH}px")}<tr><td align="center" style="padding:16px 24px">'
        f'<p class="soft" style="{_small()};margin:0">{imprint}</p>{_own(own)}</td></tr></table>\n'
    )


def _small() -> str:
    return f"{_FONT};font-size:13px;line-height:1.5;color:#5a626b"


def _own(part: str) -> str:
    return f"{_OWN[0]}{part}{_OWN[1]}"


def _linked(words: str) -> str:
    made = [
        f'<a class="in" href="{_escaped(target)}" style="color:#0b57d0">{_escaped(shown)}</a>'
        if target
        else _escaped(shown)
        for shown, target in light.linked(words)
    ]
    return "".join(made).replace("\n", "<br>")


def _escaped(words: str) -> str:
    return html.escape(words, quote=True).replace("{", "&#123;").replace("}", "&#125;")
