"""What stands on the servers, made into pictures beside what was promised: for the guide, and for whoever looks at a run."""

import base64
import html
import json
from email.message import EmailMessage
from typing import Any

from playwright.sync_api import Browser, Locator, Page

from tests.e2e.pictures import picture
from tests.servers.pds import Pds, Person

PLAIN = """<!doctype html><meta charset=utf-8><style>
body { color: #1c1f23; font: 15px/1.45 system-ui, sans-serif; margin: 16px; }
img { border-radius: 4px; max-width: 100%; } pre { font-size: 12px; overflow-wrap: anywhere; white-space: pre-wrap; }
.words { white-space: pre-wrap; } a { color: #1d4ed8; } dt { color: #5a626b; font-size: 13px; } dd { margin: 0 0 8px; }
</style>"""
BESIDE = """<!doctype html><meta charset=utf-8><style>
body { align-items: start; background: #f3f4f6; display: flex; font: 15px/1.4 system-ui, sans-serif; gap: 24px; margin: 0; padding: 24px; width: max-content; }
figure { margin: 0; } figcaption { color: #3d454e; font-weight: 600; padding-bottom: 8px; } img { background: #fff; border: 1px solid #c9ced4; display: block; max-width: 520px; }
</style>"""


def record_of(pds: Pds, person: Person, record: dict[str, Any]) -> str:
    """A record of Bluesky as its server gives it, set plainly: words with their links, pictures, and what else it says."""
    value = dict(record["value"])
    words, made, at = value.pop("text").encode(), [], 0
    for facet in sorted(value.pop("facets", []), key=lambda facet: int(facet["index"]["byteStart"])):
        start, end = facet["index"]["byteStart"], facet["index"]["byteEnd"]
        made += [html.escape(words[at:start].decode()), f'<a href="#">{html.escape(words[start:end].decode())}</a>']
        at = end
    made.append(html.escape(words[at:].decode()))
    images = value.pop("embed", {}).get("images", [])
    for image in images:
        data = base64.b64encode(pds.blob(person, image["image"]["ref"]["$link"])).decode()
        made.append(f'</p><img src="data:image/jpeg;base64,{data}"><p><em>{html.escape(image["alt"])}</em>')
    rest = json.dumps({"uri": record["uri"], "cid": record["cid"], **value}, indent=1, ensure_ascii=False)
    return f'{PLAIN}<p class="words">{"".join(made)}</p><pre>{html.escape(rest)}</pre>'


def mail_of(message: EmailMessage) -> str:
    """A mail as a mail program shows it: its HTML, with the pictures that lie in it."""
    page = message.get_body(("html",))
    assert page is not None
    words = str(page.get_content())
    for part in message.walk():
        if name := part.get("Content-ID", "").strip("<>"):
            data = base64.b64encode(part.get_payload(decode=True)).decode()  # type: ignore[arg-type]  # bytes, decoded
            words = words.replace(f"cid:{name}", f"data:{part.get_content_type()};base64,{data}")
    head = f"<dl><dt>Da</dt><dd>{html.escape(message['From'])}</dd><dt>Oggetto</dt><dd>{html.escape(message['Subject'])}</dd></dl>"
    return f"{PLAIN}{head}{words}"


def shot(browser: Browser, what: str, *, width: int = 520) -> bytes:
    """How a page that was made here looks."""
    page = browser.new_page(viewport={"width": width, "height": 200})
    page.set_content(what)
    taken = page.screenshot(full_page=True)
    page.close()
    return taken


def beside(browser: Browser, name: str, *shots: tuple[str, bytes | Page | Locator]) -> None:
    """One picture of several, each with its heading."""
    page = browser.new_page(viewport={"width": 1200, "height": 400})
    parts = [BESIDE]
    for heading, what in shots:
        taken = what if isinstance(what, bytes) else what.screenshot()
        source = base64.b64encode(taken).decode()
        parts.append(
            f'<figure><figcaption>{html.escape(heading)}</figcaption><img src="data:image/png;base64,{source}"></figure>'
        )
    page.set_content("".join(parts))
    picture(page.locator("body"), name)
    page.close()
