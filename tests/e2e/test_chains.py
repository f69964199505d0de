"""The four chains of the sample agency, each run to its end: one step, three, four with a lawyer, nine with a quorum.

Real: `make run` with its PostgreSQL, worker, beat and web server; Chromium; the mail.
"""

import json
import re
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, expect

from tests.agency.started import manage
from tests.browser import chromium, needs_chromium
from tests.e2e.agency import Agency
from tests.e2e.cast import APPROVE, CHANGES, Cast, step
from tests.e2e.pictures import picture

__all__ = ["chromium"]

pytestmark = [pytest.mark.e2e, needs_chromium]
CASTELMORA = "comune.castelmora.example"


@pytest.fixture(scope="module")
def ada(agency: Agency) -> httpx.Client:
    """Ada's programs: she sees every client."""
    return agency.api("ada")


def client_of(api: httpx.Client, slug: str) -> int:
    """The client's number."""
    return next(int(one["id"]) for one in api.get("clients/").json()["results"] if one["slug"] == slug)


def channel_of(api: httpx.Client, handle: str) -> int:
    """The channel's number."""
    found = api.get("channels/", params={"network": "sandbox", "page_size": 100}).json()["results"]
    return next(int(one["id"]) for one in found if one["handle"] == handle)


def review_of(api: httpx.Client, post: int) -> dict[str, Any]:
    """What is said of the post's last review."""
    number = api.get(f"posts/{post}/").json()["review"]
    found: dict[str, Any] = api.get(f"reviews/{number}/").json()
    return found


def said(review: dict[str, Any]) -> list[tuple[str, list[tuple[str, str]]]]:
    """Each step's state, with who decided (their e-mail up to the @) and which way."""
    return [
        (
            one["state"],
            [(told["by"].partition("@")[0], told["via"]) for seat in one["seats"] if (told := seat["decision"])],
        )
        for one in review["steps"]
    ]


def test_one_step_on_a_phone(agency: Agency, chromium: Browser, ada: httpx.Client) -> None:
    cast, title = Cast(agency, chromium, "one step"), "Il cortile è asciutto"
    winery, page = client_of(ada, "cantina-roero"), channel_of(ada, "cantina-roero")
    post = cast.write(
        "vito", winery, title, "Il cortile è di nuovo asciutto: si può entrare con la macchina.", [page], "avviso"
    )
    cast.says_yes("cliente", title)
    review = review_of(ada, post)
    assert (review["state"], said(review)) == ("approved", [("passed", [("cliente", "link")])])
    assert ada.get(f"posts/{post}/").json()["state"] == "scheduled"
    looking = cast.opens("cliente", "L’Arneis nel bicchiere giusto")
    looking.set_viewport_size({"width": 360, "height": 1300})
    picture(looking, "on-the-phone")


def test_three_steps_once_sent_back(agency: Agency, chromium: Browser, ada: httpx.Client) -> None:
    cast, title = Cast(agency, chromium, "three steps"), "La nebbia di novembre"
    winery, page = client_of(ada, "cantina-roero"), channel_of(ada, "cantina-roero")
    post = cast.write(
        "vito",
        winery,
        title,
        "La nebbia sale alle sei e se ne va alle dieci. Il Nebbiolo si chiama così per questo.",
        [page],
    )
    first = review_of(ada, post)["id"]
    cast.approves("elena", first)
    desk = cast.at_the_desk("marta", first)
    desk.fill("[name=comment]", "Da noi la nebbia se ne va a mezzogiorno.")
    desk.click(CHANGES)
    expect(desk.locator(CHANGES)).to_have_count(0)
    writing = cast.desk("vito")
    writing.goto(f"{agency.url}/admin/social/post/{post}/change/")
    writing.fill(
        "[name=text]", "La nebbia sale alle sei e se ne va a mezzogiorno. Il Nebbiolo si chiama così per questo."
    )
    writing.click("button[name=do][value=submit]:visible")
    writing.wait_for_url(f"**/admin/social/post/{post}/")
    writing.goto(f"{agency.url}/admin/social/post/{post}/differences/")
    expect(writing.locator("ins").filter(has_text="mezzogiorno").first).to_be_visible()
    expect(writing.locator("del").filter(has_text="dieci").first).to_be_visible()
    cast.take(writing, "what is new")
    picture(writing, "what-is-new")
    second = review_of(ada, post)["id"]
    assert second != first
    cast.approves("elena", second)
    asked = cast.at_the_desk("marta", second)
    picture(asked, "review")
    asked.locator("#earlier summary").first.click()
    expect(asked.get_by_text("Da noi la nebbia se ne va a mezzogiorno.").first).to_be_visible()
    cast.take(asked, "what was said before")
    cast.approves("marta", second)
    cast.many("cliente", [title, "Il numero nuovo"])
    review = review_of(ada, post)
    assert review["state"] == "approved"
    assert said(review) == [
        ("passed", [("elena", "admin")]),
        ("passed", [("marta", "admin")]),
        ("passed", [("cliente", "portal")]),
    ]


def test_four_steps_the_lawyer_left_out_and_asked(agency: Agency, chromium: Browser, ada: httpx.Client) -> None:
    cast = Cast(agency, chromium, "four steps")
    sandri, page = client_of(ada, "laura-sandri"), channel_of(ada, "laura-sandri")
    plain, priced = "Il treno delle sette", "Il biglietto della valle"
    posts = {
        plain: cast.write(
            "vito", sandri, plain, "Il treno delle sette torna dal mese prossimo. Lo ha confermato l’azienda.", [page]
        ),
        priced: cast.write(
            "vito",
            sandri,
            priced,
            "Il biglietto passa da 3,40 a 3,90 euro. Ho chiesto che cosa cambia in cambio.",
            [page],
        ),
    }
    left_out, asked = (review_of(ada, posts[title]) for title in (plain, priced))
    desk = cast.at_the_desk("elena", left_out["id"])
    assert re.search("prezzo|price", step(desk, 2, "Legale"))
    cast.take(desk, "lawyer left out")
    picture(desk, "lawyer-left-out")
    assert [one["state"] for one in left_out["steps"]] == ["active", "skipped", "waiting", "waiting"]
    assert [one["state"] for one in asked["steps"]] == ["active", "waiting", "waiting", "waiting"]
    for review in (left_out, asked):
        cast.approves("elena", review["id"])
    cast.says_yes("chiara@studiomonti.example", priced, code=True)
    cast.says_yes("irene@laurasandri.example", plain, code=True)
    cast.says_yes("davide@laurasandri.example", priced, code=True)
    cast.says_yes("laura@laurasandri.example", plain, code=True)
    cast.many("laura@laurasandri.example", [priced])
    assert said(review_of(ada, posts[plain])) == [
        ("passed", [("elena", "admin")]),
        ("skipped", []),
        ("passed", [("irene", "link")]),
        ("passed", [("laura", "link")]),
    ]
    assert said(review_of(ada, posts[priced])) == [
        ("passed", [("elena", "admin")]),
        ("passed", [("chiara", "link")]),
        ("passed", [("davide", "link")]),
        ("passed", [("laura", "portal")]),
    ]
    decided = cast.at_the_desk("marta", left_out["id"])
    assert re.search("Davide Prato.*Irene Sala", step(decided, 3, "Portavoce"), re.DOTALL)
    cast.take(decided, "decided, once by a deputy")


def test_nine_steps_and_their_proof(agency: Agency, chromium: Browser, ada: httpx.Client, tmp_path: Path) -> None:
    cast, title = Cast(agency, chromium, "nine steps"), "Il mercatino di Natale"
    town = client_of(ada, "castelmora")
    channels = [channel_of(ada, "castelmora"), channel_of(ada, "castelmora-eventi")]
    text = "Il mercatino apre alle nove, sotto i portici. Sono trenta banchi, e uno fa solo cioccolata."
    post = cast.write("giulia", town, title, text, channels, "con il Comune")
    number = review_of(ada, post)["id"]
    for who in ("elena", "dario"):
        cast.approves(who, number)
    refused = cast.at_the_desk("elena", number)
    if refused.locator(APPROVE).count():
        refused.click(APPROVE)
    cast.take(refused, "other eyes are asked for")
    assert [one["state"] for one in review_of(ada, post)["steps"]][:3] == ["passed", "passed", "active"]
    cast.approves("bruno", number)
    for who in ("paola@castelmora.example", f"sara@{CASTELMORA}", f"walter@{CASTELMORA}", f"nadia@{CASTELMORA}"):
        cast.says_yes(who, title)
    assert review_of(ada, post)["steps"][6]["state"] == "active"  # one of two
    cast.says_yes(f"tullio@{CASTELMORA}", title)
    cast.many(f"lidia@{CASTELMORA}", [title])
    cast.says_yes(f"teresa@{CASTELMORA}", title)
    assert len([mail for mail in agency.mails_to(f"teresa@{CASTELMORA}") if title in mail["Subject"]]) == 1
    review = review_of(ada, post)
    assert review["state"] == "approved"
    assert said(review) == [
        ("passed", [("elena", "admin")]),
        ("passed", [("dario", "admin")]),
        ("passed", [("bruno", "admin")]),
        ("passed", [("paola", "link")]),
        ("passed", [("sara", "link")]),
        ("passed", [("walter", "link")]),
        ("passed", [("nadia", "link"), ("tullio", "link")]),
        ("passed", [("lidia", "portal")]),
        ("passed", [("teresa", "link")]),
    ]
    desk = cast.at_the_desk("bruno", number)
    cast.take(desk, "decided")
    proofs = {}
    for form in ("PDF", "JSON"):
        with desk.expect_download() as download:
            desk.locator("#proof").get_by_role("link", name=form, exact=True).first.click()
        proofs[form] = tmp_path / f"evidence.{form.lower()}"
        download.value.save_as(proofs[form])
    agency.run(f"verify_evidence {proofs['PDF']}")
    told = json.loads(proofs["JSON"].read_bytes())["evidence"]
    assert title in json.dumps(told, ensure_ascii=False)
    spoilt = bytearray(proofs["PDF"].read_bytes())
    spoilt[len(spoilt) // 2] ^= 1
    proofs["PDF"].write_bytes(spoilt)
    assert manage(agency.filo.home, f"verify_evidence {proofs['PDF']}").returncode != 0


def test_the_editor_says_beforehand_what_would_happen(agency: Agency, chromium: Browser, ada: httpx.Client) -> None:
    cast = Cast(agency, chromium, "chain editor")
    chains = ada.get("chains/", params={"page_size": 100}).json()["results"]
    four = next(chain for chain in chains if chain["name"].startswith("Redazione, legale"))
    page = cast.desk("marta")
    page.goto(f"{agency.url}/admin/approvals/chain/{four['id']}/change/")
    page.click("button[name=do][value=foresee]:visible")
    cards = page.locator("#foreseen article")
    expect(cards).to_have_count(3)
    for card in cards.all():
        assert card.locator("li").count() == len(four["steps"])
    cast.take(page, "what would happen")
    page.set_viewport_size({"width": 1280, "height": 1000})
    page.evaluate("scrollTo(0, 0)")
    picture(page, "chain-editor")


def test_waiting_and_blocked(agency: Agency, chromium: Browser) -> None:
    cast = Cast(agency, chromium, "who waits for whom")
    page = cast.desk("bruno")
    page.goto(f"{agency.url}/admin/approvals/seat/")
    expect(page.get_by_text("Il bando per le bancarelle").first).to_be_visible()
    expect(page.get_by_text("Fuochi d’artificio, dove si guarda").first).to_be_visible()
    cast.take(page, "bruno's")
    nudge = page.locator(".filo-waits button").first.bounding_box()
    assert nudge
    assert nudge["x"] + nudge["width"] <= page.evaluate(
        "document.querySelector('.filo-scroll').getBoundingClientRect().right"
    )
    picture(page, "who-waits-for-whom")
