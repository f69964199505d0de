"""The main job on real parts: written in the admin, approved by three, the last on a phone, out at its minute.

Real: `make run` with its PostgreSQL, worker, beat and web server; Chromium; the mail; a Bluesky server.
"""

import datetime as dt
import re
import time
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import psycopg
import pytest
from playwright.sync_api import Browser, Page, expect

from agency.home import Home
from tests.agency.started import eventually, manage
from tests.browser import chromium, needs_chromium, take
from tests.e2e.agency import Agency, connect_bluesky
from tests.servers.pds import Pds, Person, pds

__all__ = ["chromium", "pds"]

pytestmark = pytest.mark.e2e
ROME = ZoneInfo("Europe/Rome")
TEXT = "Sabato la cantina è aperta 🍇 Vi aspettiamo: https://example.org/visite #langhe"


@pytest.fixture(scope="module")
def marta(agency: Agency) -> httpx.Client:
    """Marta's programs."""
    return agency.api("marta")


@pytest.fixture(scope="module")
def winery(marta: httpx.Client) -> int:
    """The winery's id."""
    found = marta.get("clients/").json()["results"]
    return next(int(client["id"]) for client in found if client["slug"] == "cantina-roero")


@pytest.fixture(scope="module")
def sky(pds: Pds) -> Person:
    """The winery's account on Bluesky."""
    return pds.create_person("cantina")


@pytest.fixture(scope="module")
def channels(marta: httpx.Client, winery: int, sky: Person, pds: Pds) -> list[int]:
    """The winery's sandbox page and its Bluesky."""
    bluesky = connect_bluesky(marta, winery, sky, pds.url)
    found = marta.get("channels/", params={"client": winery, "network": "sandbox"}).json()["results"]
    return [next(c["id"] for c in found if c["handle"] == "cantina-roero"), bluesky["id"]]


def signed_in(agency: Agency, browser: Browser, who: str) -> Page:
    """This person's desk."""
    page = browser.new_context(viewport={"width": 1280, "height": 900}, locale="it-IT").new_page()
    page.goto(agency.login_link(who))
    expect(page).to_have_url(f"{agency.url}/admin/")
    return page


def write(agency: Agency, page: Page, winery: int, channels: list[int], title: str, at: dt.datetime) -> None:
    """Vito signs in with the password that the first start printed, writes the post and asks for approval."""
    page.goto(f"{agency.url}/accounts/login/")
    page.fill("[name=login]", "vito@filo.example")
    page.fill("[name=password]", agency.password)
    page.press("[name=password]", "Enter")
    page.wait_for_url(f"{agency.url}/admin/**")
    page.goto(f"{agency.url}/admin/social/post/add/?client={winery}")
    page.fill("[name=title]", title)
    page.fill("[name=text]", TEXT)
    for channel in channels:
        page.check(f"[name=channels][value='{channel}']")
    page.fill("[name=day]", f"{at:%Y-%m-%d}")
    page.fill("[name=time]", f"{at:%H:%M}")
    # The preview comes while one types, with what each network counts.
    for limit in (300, 500):
        expect(page.get_by_text(re.compile(rf"78\D+{limit}\b")).first).to_be_visible()
    take(page, "composer")
    page.click("button[name=do][value=submit]:visible")
    page.wait_for_url("**/admin/social/post/*/")
    expect(page.get_by_text(title).first).to_be_visible()
    take(page, "post in review")


def approve_at_the_desk(agency: Agency, page: Page, who: str, title: str) -> None:
    """A colleague opens the address in their mail and approves."""
    page.goto(agency.url + agency.link_in_mail(who, title))
    expect(page.get_by_text("Sabato la cantina è aperta").first).to_be_visible()
    take(page, f"review by {who}")
    page.click("button[name=do][value=approve]")
    expect(page.locator("button[name=do][value=approve]")).to_have_count(0)


def approve_on_the_phone(agency: Agency, browser: Browser, title: str) -> None:
    """The client opens the mail's link on a phone, without an account and without JavaScript."""
    context = browser.new_context(viewport={"width": 360, "height": 740}, java_script_enabled=False, locale="it-IT")
    page = context.new_page()
    page.goto(agency.url + agency.link_in_mail("cliente", title))
    expect(page.get_by_text("Sabato la cantina è aperta").first).to_be_visible()
    take(page, "client's phone, asked")
    page.click("button[name=do][value=approve]")
    expect(page.locator("button[name=do][value=approve]")).to_have_count(0)
    take(page, "client's phone, approved")


def the_minute_after_next() -> dt.datetime:
    """A whole minute, at least a minute and a half away: three people must be asked and answer before it."""
    return (dt.datetime.now(ROME) + dt.timedelta(seconds=150)).replace(second=0, microsecond=0)


def out(api: httpx.Client, post: int) -> list[dict[str, Any]]:
    """The post's publications once all are published; an empty list until then."""
    found: list[dict[str, Any]] = api.get("publications/", params={"post": post}).json()["results"]
    return found if found and all(p["state"] == "published" for p in found) else []


@needs_chromium
def test_by_browser(
    agency: Agency, chromium: Browser, marta: httpx.Client, winery: int, channels: list[int], pds: Pds, sky: Person
) -> None:
    colleagues = {who: signed_in(agency, chromium, who) for who in ("elena", "marta")}
    title, at = "Porte aperte", the_minute_after_next()
    desk = chromium.new_context(viewport={"width": 1280, "height": 900}, locale="it-IT").new_page()
    write(agency, desk, winery, channels, title, at)
    post = int(desk.url.rstrip("/").split("/")[-1])
    for who, page in colleagues.items():
        approve_at_the_desk(agency, page, who, title)
    approve_on_the_phone(agency, chromium, title)
    assert marta.get(f"posts/{post}/").json()["state"] == "scheduled"
    assert dt.datetime.now(ROME) < at, "the approvals took longer than the minute they had"
    assert pds.posts(sky) == []
    while (left := (at - dt.datetime.now(ROME)).total_seconds()) > 0:
        assert out(marta, post) == []
        time.sleep(min(left, 5))
    publications = eventually(lambda: out(marta, post), "publishing at its minute")
    (record,) = pds.posts(sky)
    assert record["value"]["text"] == TEXT
    shown = marta.get(f"{agency.url}/sandbox/cantina-roero/", params={"format": "json"}).json()
    assert [entry["text"] for entry in shown].count(TEXT) == 1
    for publication in publications:
        (attempt,) = publication["attempts"]
        assert dt.datetime.fromisoformat(attempt["started_at"]) >= at
    desk.reload()
    take(desk, "post published")


def test_by_the_api_alone(
    agency: Agency, marta: httpx.Client, winery: int, channels: list[int], pds: Pds, sky: Person
) -> None:
    before = len(pds.posts(sky))
    vito, elena, client = (agency.api(who) for who in ("vito", "elena", "cliente"))
    at = dt.datetime.now(dt.UTC) + dt.timedelta(seconds=30)
    made = vito.post(
        "posts/",
        json={"client": winery, "title": "Per API", "text": TEXT, "channels": channels, "publish_at": at.isoformat()},
    )
    assert made.status_code == 201, made.text
    post = made.json()["id"]
    checks = vito.get(f"posts/{post}/preflight/").json()
    assert [(check["channel"], check["ok"]) for check in checks] == [(channel, True) for channel in channels]
    asked = vito.post(f"posts/{post}/submit/")
    assert (asked.status_code, asked.json()["state"]) == (200, "in_review")
    review, digest = asked.json()["review"], asked.json()["digest"]
    assert client.get(f"reviews/{review}/").status_code == 404  # not the client's turn yet
    for person in (elena, marta, client):
        waiting = person.get("reviews/", params={"waiting_for": "me"}).json()["results"]
        assert review in [found["id"] for found in waiting]
        said = person.post(f"reviews/{review}/approve/", json={"digest": digest})
        assert said.status_code == 200, said.text
    assert vito.get(f"reviews/{review}/").json()["state"] == "approved"
    eventually(lambda: out(vito, post), "publishing")
    assert len(pds.posts(sky)) == before + 1
    assert vito.patch(f"posts/{post}/", json={"text": "Troppo tardi"}).status_code == 409
    said = marta.get("events/", params={"client": winery, "verb": "publication.published", "ordering": "-id"}).json()
    mine = {row["id"] for row in vito.get("publications/", params={"post": post}).json()["results"]}
    assert {row["subject"]["id"] for row in said["results"][: len(mine)]} == mine


def test_an_edit_after_the_last_approval_publishes_nothing_and_says_so(
    agency: Agency, marta: httpx.Client, winery: int, channels: list[int], pds: Pds, sky: Person
) -> None:
    before = len(pds.posts(sky))
    vito, elena, client = (agency.api(who) for who in ("vito", "elena", "cliente"))
    at = dt.datetime.now(dt.UTC) + dt.timedelta(seconds=25)
    title = "Cambiato dopo"
    body = {"client": winery, "title": title, "text": TEXT, "channels": channels, "publish_at": at.isoformat()}
    post = vito.post("posts/", json=body).json()["id"]
    asked = vito.post(f"posts/{post}/submit/").json()
    for person in (elena, marta, client):
        person.post(f"reviews/{asked['review']}/approve/", json={"digest": asked["digest"]})
    assert vito.get(f"posts/{post}/").json()["state"] == "scheduled"
    changed = vito.patch(f"posts/{post}/", json={"text": TEXT + " Solo su prenotazione."})
    assert (changed.status_code, changed.json()["state"], changed.json()["version"]) == (200, "draft", None)
    time.sleep(max(0, (at - dt.datetime.now(dt.UTC)).total_seconds()) + 3)
    assert {p["state"] for p in vito.get("publications/", params={"post": post}).json()["results"]} == {"cancelled"}
    assert len(pds.posts(sky)) == before

    def told() -> bool:
        return all(
            sum(title in mail["Subject"] for mail in agency.mails_to(who)) >= 1 for who in ("elena", "marta", "cliente")
        )

    eventually(told, "a mail to each who had approved")


def test_the_evidence_holds_and_a_changed_row_is_named(agency: Agency) -> None:
    agency.run("verify_audit")
    home = Home(agency.filo.home)
    with psycopg.connect(host=str(home.socket_dir), user="postgres", dbname=database(home)) as connection:
        connection.execute("SET session_replication_role = replica")
        changed = connection.execute(
            "UPDATE audit_event SET digest = repeat('0', 64) WHERE verb = 'review.approved' AND id = "
            "(SELECT max(id) FROM audit_event WHERE verb = 'review.approved') RETURNING id"
        ).fetchone()
    assert changed is not None
    done = manage(agency.filo.home, "verify_audit", PORT=str(agency.filo.port))
    assert done.returncode == 2  # make says 2 where the command said 1
    assert str(changed[0]) in done.stdout + done.stderr


def database(home: Home) -> str:
    """The name of the database that the embedded server keeps Filo in."""
    with psycopg.connect(host=str(home.socket_dir), user="postgres", dbname="postgres") as connection:
        row = connection.execute(
            "SELECT datname FROM pg_database WHERE NOT datistemplate AND datname <> 'postgres'"
        ).fetchone()
    return row[0] if row else "postgres"
