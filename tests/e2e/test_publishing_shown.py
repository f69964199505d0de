"""The sample winery publishes on Bluesky, on its site, by newsletter and on the sandbox, and all show what was promised.

Meanwhile a thread breaks in the middle and is finished, and an uncertain outcome is resolved by asking; afterwards what is
live on the site is corrected through a chain of its own. docs/publishing.md tells this story with the pictures made here.

Real: `make run` with its PostgreSQL, worker, beat and web server; Chromium; a Bluesky server; a WordPress; a mail server.
"""

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, Page, ViewportSize, expect

from tests.agency.started import eventually
from tests.browser import chromium, needs_chromium
from tests.e2e.agency import Agency, connect, connect_bluesky
from tests.e2e.cast import DESK, Cast
from tests.e2e.pictures import picture
from tests.e2e.showing import beside, mail_of, record_of, shot
from tests.e2e.test_chains import channel_of, client_of, review_of
from tests.servers.pds import Pds, Person, pds
from tests.servers.smtp import MailServer, mail_server_running
from tests.servers.wordpress import Author, WordPress, wordpress

__all__ = ["chromium", "pds", "wordpress"]

pytestmark = [pytest.mark.e2e, needs_chromium]
TITLE, AGAIN = "Il torchio si apre", "L’orario del torchio"
SHORT = (
    "La vendemmia è finita. Otto settimane, undici mani, nemmeno un giorno di pioggia 🍇 "
    "Sabato apriamo il torchio a chi vuole vederlo: https://example.org/torchio #roero"
)
LONG = (
    "La vendemmia è finita ieri sera, con l’ultima cassetta di Nebbiolo.\n\n"
    "## Otto settimane, undici mani\n\n"
    "Nemmeno un giorno di pioggia, e una notte sola di vento.\nQuella notte nessuno ha dormito.\n\n"
    "## Sabato si apre il torchio\n\n"
    "Dalle 10 alle 13, senza prenotare: https://example.org/torchio"
)
CORRECTED = LONG.replace("Dalle 10 alle 13", "Dalle 10 alle 12")
NARROW: ViewportSize = {"width": 620, "height": 900}  # what is shown at half the width stays readable
READERS = ["nonna.rosa", "oste.gino"]
PARTS = ["Il primo giorno si guarda il cielo.", "L’ultimo giorno si guarda la cantina: è piena."]
ROWS = "Filari di vite che corrono verso l’orizzonte, in una mattina chiara."


@dataclass(frozen=True)
class Winery:
    """The winery with its accounts, as programs and servers know them."""

    ada: httpx.Client
    vito: httpx.Client
    piero: httpx.Client
    client: int
    page: int
    sky: int
    site: int
    letters: int
    person: Person
    author: Author


@pytest.fixture(scope="module")
def post_office() -> Iterator[MailServer]:
    """Where the newsletter's mails end."""
    with mail_server_running() as server:
        yield server


def connect_newsletter(ada: httpx.Client, client: int, server: MailServer) -> int:
    """A list with an imprint and two readers, and its channel; the channel's number."""
    given = {
        "host": server.host,
        "port": str(server.port),
        "user": server.user,
        "password": server.password,
        "security": "none",
        "from_address": "cantina@roero.example",
        "from_name": "Cantina Roero",
    }
    channel: int = connect(ada, client, "newsletter", "amici-del-torchio", "Amici del torchio", credentials=given)["id"]
    imprint = "Cantina Roero, via delle Vigne 7, 12046 Montà"
    made = ada.post("lists/", json={"channel": channel, "imprint": imprint})
    assert made.status_code == 201, made.text
    for name in READERS:
        agreed = {"consent": "Scrivetemi quando aprite.", "consented_at": "2026-09-12T10:00:00+02:00"}
        reader = {"mailing_list": made.json()["id"], "email": f"{name}@example.org", **agreed}
        assert ada.post("readers/", json=reader).status_code == 201
    return channel


@pytest.fixture(scope="module")
def winery(agency: Agency, pds: Pds, wordpress: WordPress, post_office: MailServer) -> Winery:
    """Its channels, connected."""
    ada = agency.api("ada")
    client = client_of(ada, "cantina-roero")
    person, author = pds.create_person("torchio"), wordpress.create_author("lucia-roero")
    given = {"app_password": author.app_password}
    site = connect(ada, client, "wordpress", author.name, "Il sito", server=wordpress.url, credentials=given)
    sky = connect_bluesky(ada, client, person, pds.url)
    vito, piero = agency.api("vito"), agency.api("cliente")
    page, letters = channel_of(ada, "cantina-roero"), connect_newsletter(ada, client, post_office)
    return Winery(ada, vito, piero, client, page, sky["id"], site["id"], letters, person, author)


def soon() -> str:
    """In a moment."""
    return (dt.datetime.now(dt.UTC) + dt.timedelta(seconds=1)).isoformat()


def rehearsed(winery: Winery, name: str, behaviour: str, **post: Any) -> int:
    """A post that Piero approved, on its way out on a sandbox that behaves like this; the post's number."""
    channel = connect(
        winery.ada,
        winery.client,
        "sandbox",
        f"prova-{behaviour.replace('_', '-')}",
        name,
        credentials={"behaviour": behaviour},
    )
    vito, piero = winery.vito, winery.piero
    made = vito.post(
        "posts/", json={"client": winery.client, "channels": [channel["id"]], "labels": ["avviso"], **post}
    )
    number: int = made.json()["id"]
    asked = vito.post(f"posts/{number}/submit/").json()
    said = piero.post(f"reviews/{asked['review']}/approve/", json={"digest": asked["digest"]})
    assert said.status_code == 200, said.text
    assert vito.patch(f"posts/{number}/", json={"publish_at": soon()}).status_code == 200
    return number


def publications(winery: Winery, post: int, state: str = "published") -> list[dict[str, Any]]:
    """Those of the post once all are in this state; an empty list until then."""
    found: list[dict[str, Any]] = winery.ada.get("publications/", params={"post": post}).json()["results"]
    return found if found and all(one["state"] == state for one in found) else []


def open_details(page: Page, field: str) -> None:
    """Open what this field is folded into."""
    page.locator(f"details:not([open]):has([name='{field}']) > summary").last.click()


def written(cast: Cast, winery: Winery) -> Page:
    """Vito writes it in the composer: short for two channels, long with headings for the site and the newsletter."""
    page = cast.desk("vito")
    page.goto(f"{cast.agency.url}/admin/social/post/add/?client={winery.client}")
    page.fill("[name=title]", TITLE)
    page.fill("[name=text]", SHORT)
    for channel in (winery.page, winery.sky, winery.site, winery.letters):
        page.check(f"[name=channels][value='{channel}']")
    for channel, asked in ((winery.site, "title"), (winery.letters, "subject")):
        open_details(page, f"own_{channel}")
        page.check(f"[name=own_{channel}]")
        page.fill(f"[name=text_{channel}]", LONG)
        open_details(page, f"field_{channel}_{asked}")
        page.fill(f"[name=field_{channel}_{asked}]", "Otto settimane di vendemmia")
    page.fill(f"[name=field_{winery.letters}_preheader]", "E sabato si apre il torchio.")
    page.locator(f".filo-shelf label:has(img[alt*='{ROWS[:20]}']) input[name=media]").check()
    for limit in (300, 500):
        expect(page.locator("#counted-text")).to_contain_text(f"{len(SHORT)} su {limit}")
    expect(page.locator(".preview-level-2").first).to_have_text("Otto settimane, undici mani", use_inner_text=True)
    page.evaluate("scrollTo(0, 0)")
    page.set_viewport_size({"width": 1280, "height": 1350})
    picture(page, "publishing-composer")
    return page


def preview(page: Page, channel: str) -> bytes:
    """How the composer shows it for this channel."""
    found = page.locator("#previews .preview").filter(has_text=channel)
    taken: bytes = found.first.screenshot()
    return taken


def approved(cast: Cast, winery: Winery, page: Page) -> int:
    """Vito asks; Elena and Marta approve at their desks, Piero on his phone. It waits for its time; the post's number."""
    page.click("button[name=do][value=submit]:visible")
    page.wait_for_url("**/admin/social/post/*/")
    post = int(page.url.rstrip("/").split("/")[-1])
    for who in ("elena", "marta"):
        cast.approves(who, review_of(winery.ada, post)["id"])
    cast.says_yes("cliente", TITLE)
    assert winery.ada.get(f"posts/{post}/").json()["state"] == "approved"
    return post


def shown_by_the_site(browser: Browser, link: str) -> Page:
    """Its own page of the post, as any reader has it."""
    page = browser.new_page(viewport={"width": 760, "height": 1000})
    page.goto(link)
    return page


def first_screen(site: Page) -> bytes:
    """The post, without the form for comments below it."""
    box, words = site.locator("main").bounding_box(), site.locator(".wp-block-post-content").bounding_box()
    assert box
    assert words
    height = words["y"] + words["height"] - box["y"] + 24
    taken: bytes = site.screenshot(clip={**box, "height": height}, full_page=True)
    return taken


@pytest.fixture(scope="module")
def cast(agency: Agency, chromium: Browser) -> Cast:
    return Cast(agency, chromium, "publishing")


def test_shown(  # noqa: PLR0915 - one morning, from one end to the other
    agency: Agency,
    cast: Cast,
    chromium: Browser,
    winery: Winery,
    pds: Pds,
    wordpress: WordPress,
    post_office: MailServer,
) -> None:
    # Nobody knows whether this one is out.
    desk = cast.desk("marta")
    doubtful = rehearsed(
        winery,
        "Prova: la risposta si perde",
        "drop_after_accept",
        title="Chiusi il lunedì",
        text="Il lunedì la sala è chiusa.",
    )
    eventually(lambda: publications(winery, doubtful, "unknown"), "being uncertain")
    desk.goto(f"{agency.url}/admin/social/post/{doubtful}/")
    expect(desk.get_by_text("Esito incerto").first).to_be_visible()
    expect(desk.get_by_role("link", name="Di’ che cosa è successo")).to_be_visible()
    desk.set_viewport_size(NARROW)
    uncertain = desk.locator(".filo-way").screenshot()
    desk.set_viewport_size(DESK)

    thread = rehearsed(
        winery,
        "Prova: il thread si rompe",
        "break_thread",
        title="Dal primo all’ultimo giorno",
        text="Otto settimane in tre righe.",
        parts=[{"text": text, "media": []} for text in PARTS],
    )

    # One post on four networks: what was promised, then what the servers have.
    page = written(cast, winery)
    named = ("Cantina Roero su Bluesky", "Il sito", "Cantina Roero · pagina", "Amici del torchio")
    promised = {name: preview(page, name) for name in named}
    post = approved(cast, winery, page)

    assert winery.ada.patch(f"posts/{post}/", json={"publish_at": soon()}).status_code == 200
    out = {one["channel"]: one for one in eventually(lambda: publications(winery, post), "publishing")}
    (record,) = pds.posts(winery.person)
    assert record["value"]["text"] == SHORT
    (live,) = wordpress.posts(winery.author)
    assert live["title"]["raw"] == "Otto settimane di vendemmia"
    heads = re.findall(r"<h2[^>]*>(.*?)</h2>", live["content"]["rendered"])
    assert heads == ["Otto settimane, undici mani", "Sabato si apre il torchio"]
    there = "Così è là"
    beside(
        chromium,
        "publishing-bluesky",
        ("Così era promesso", promised["Cantina Roero su Bluesky"]),
        (f"{there}: il record che dà il server", shot(chromium, record_of(pds, winery.person, record))),
    )
    site = shown_by_the_site(chromium, out[winery.site]["permalink"])
    expect(site.locator("h2").filter(has_text="Otto settimane, undici mani")).to_be_visible()
    beside(chromium, "publishing-wordpress", ("Così era promesso", promised["Il sito"]), (there, first_screen(site)))
    mails = {mail.recipients: mail.message for mail in post_office.mails}
    assert sorted(mails) == sorted((f"{name}@example.org",) for name in READERS)
    assert len(post_office.mails) == len(READERS)
    mail = mails[f"{READERS[0]}@example.org",]
    assert (mail["Subject"], mail["List-Unsubscribe-Post"]) == (
        "Otto settimane di vendemmia",
        "List-Unsubscribe=One-Click",
    )
    letter = shot(chromium, mail_of(mail), width=600)
    beside(chromium, "publishing-newsletter", ("Così era promesso", promised["Amici del torchio"]), (there, letter))
    kept = shown_by_the_site(chromium, out[winery.letters]["permalink"])
    expect(kept.get_by_text("Otto settimane, undici mani")).to_be_visible()
    cast.take(kept, "the issue on the web")
    sandbox = cast.desk("marta").context.new_page()
    sandbox.set_viewport_size({"width": 560, "height": 700})
    sandbox.goto(out[winery.page]["permalink"])
    entry = sandbox.locator("article").filter(has_text=SHORT[:40]).first
    beside(chromium, "publishing-sandbox", ("Così era promesso", promised["Cantina Roero · pagina"]), (there, entry))

    # The thread broke after its first post, and went on from there.
    (finished,) = eventually(lambda: publications(winery, thread), "finishing the thread")
    assert [attempt["outcome"] for attempt in finished["attempts"]] == ["not_sent", "published"]
    sandbox.goto(finished["permalink"])
    expect(sandbox.locator("article .text")).to_have_text(["Otto settimane in tre righe.", *PARTS])
    desk.set_viewport_size(NARROW)
    desk.goto(f"{agency.url}/admin/social/post/{thread}/")
    desk.locator(".filo-way details summary").first.click()
    beside(
        chromium,
        "publishing-thread",
        ("Due tentativi", desk.locator(".filo-way")),
        ("Tre post, ognuno una volta", sandbox.locator("main")),
    )

    # What is live on the site is corrected, through the chain that corrections have.
    corrected = correct(cast, winery, out[winery.site]["id"])
    (edited,) = eventually(lambda: publications(winery, corrected), "the correction")
    assert edited["remote_id"] == out[winery.site]["remote_id"]
    (live,) = wordpress.posts(winery.author)
    assert "Dalle 10 alle 12" in live["content"]["raw"]
    assert review_of(winery.ada, corrected)["state"] == "approved"
    site.reload()
    expect(site.get_by_text("Dalle 10 alle 12")).to_be_visible()
    cast.take(site, "the site, corrected")

    # By now the network was asked.
    (known,) = eventually(lambda: publications(winery, doubtful), "asking the network")
    assert [attempt["outcome"] for attempt in known["attempts"]] == ["unknown"]
    sandbox.goto(known["permalink"])
    expect(sandbox.locator("article")).to_have_count(1)
    desk.set_viewport_size(NARROW)
    desk.goto(f"{agency.url}/admin/social/post/{doubtful}/")
    desk.locator(".filo-way details summary").first.click()
    beside(chromium, "publishing-unknown", ("Non si sa", uncertain), ("Chiesto alla rete", desk.locator(".filo-way")))


def correct(cast: Cast, winery: Winery, publication: int) -> int:
    """Vito corrects what is live, Marta and Piero approve; the correction's number."""
    page = cast.desk("vito")
    page.set_viewport_size({"width": 1280, "height": 900})
    page.goto(f"{cast.agency.url}/admin/social/post/publication/{publication}/correct/")
    page.get_by_label("Modifica ciò che è online").check()
    page.fill("[name=because]", "Il torchio chiude alle 12: alle 13 la sala serve per il pranzo.")
    page.get_by_role("button", name="Scrivi la correzione").click()
    page.wait_for_url("**/admin/social/post/*/change/**")
    post = int(re.findall(r"/post/(\d+)/", page.url)[0])
    if page.locator(f"[name=own_{winery.site}]").is_checked():
        page.fill(f"[name=text_{winery.site}]", CORRECTED)
    else:
        page.fill("[name=text]", CORRECTED)
    page.fill("[name=title]", AGAIN)
    page.click("button[name=do][value=submit]:visible")
    page.wait_for_url("**/admin/social/post/*/")
    review = review_of(winery.ada, post)
    assert [step["name"] for step in review["steps"]] == ["Account", "Cliente"]
    desk = cast.at_the_desk("marta", review["id"])
    desk.set_viewport_size({"width": 1280, "height": 1250})
    picture(desk, "publishing-correction")
    cast.approves("marta", review["id"])
    cast.says_yes("cliente", AGAIN)
    return post
