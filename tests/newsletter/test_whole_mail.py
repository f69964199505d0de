"""The whole mail beside the preview: as readers get it, in a frame in which nothing runs, for who may see it and nobody else."""

import html
import re
import time
from typing import Any

import pytest
from django.conf import settings
from django.test import Client as Browser
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import expect
from pytest_django.live_server_helper import LiveServer

from accounts.models import User
from approvals.models import Seat
from approvals.services import issue_link
from newsletter.models import MailingList
from social.models import Post
from social.services import retire_channel
from social.services.content_rows import VariantPlan
from tests.browser import chromium, needs_chromium, take
from tests.newsletter.mailing import IMPRINT, Mailing
from tests.portal.test_phone import fits, phone
from tests.servers.smtp import MailServer, _mail_server, mail_server
from tests.social.pictures import stored
from tests.world import World, approve, review_of

__all__ = ["_mail_server", "chromium", "mail_server"]
LINK = "https://cantina.example/visite"
WORDS = '## Sabato\n\nSi vendemmia <script>alert(1)</script> href="" {unsubscribe}'


def asked(mailing: Mailing, **fields: Any) -> Post:
    """An issue with a picture and a button, of which Piero is asked now."""
    world, fields_of = mailing.world, {"subject": "Vendemmia", "preheader": "Alle 9", "button": "Prenota"}
    plan = VariantPlan(channel=mailing.channel, fields=fields_of)
    words: dict[str, Any] = {
        "text": WORDS,
        "link": LINK,
        "media": [stored(world.vito, world.winery, "Filari in autunno.")],
    }
    post = world.submitted(channels=[mailing.channel], variants=[plan], **{**words, **fields})
    approve(post, world.elena)
    approve(post, world.marta)
    return post


def frames(page: str) -> list[str]:
    """The addresses of the frames on this page."""
    return [html.unescape(found) for found in re.findall(r'<iframe src="([^"]+)"', page)]


def seen_by(user: User) -> Browser:
    browser = Browser()
    browser.force_login(user)
    return browser


@pytest.mark.django_db
def test_the_pages_show_it_and_nobody_else_has_it(world: World, mail_server: MailServer, client: Browser) -> None:
    mailing = Mailing(world, mail_server)
    post = asked(mailing)
    review = review_of(post)
    link = issue_link(seat=Seat.objects.get(step__review=review, user=world.cliente))
    pages = {
        "link": client.get(f"/r/{link}/"),
        "review": seen_by(world.cliente).get(f"/reviews/{review.pk}/"),
        "many": seen_by(world.cliente).get("/approve/"),
        "desk": seen_by(world.marta).get(f"/admin/approvals/review/{review.pk}/"),
        "post": seen_by(world.vito).get(f"/admin/social/post/{post.pk}/"),
    }
    found = {name: frames(page.content.decode()) for name, page in pages.items()}
    assert {name: len(addresses) for name, addresses in found.items()} == dict.fromkeys(pages, 1)
    for name in ("link", "review", "many"):
        assert pages[name]["Content-Security-Policy"].endswith("; frame-src 'self'")
    own = f"/versions/{post.version_id}/issue/{mailing.channel.pk}/"
    assert {found[name][0] for name in pages if name != "link"} == {own}
    signed = found["link"][0]
    assert signed.startswith(f"{own}?s=")
    # Who holds the signed address, and who may see the version; nobody by another's signature, or an old one.
    assert client.get(signed).status_code == 200
    assert [seen_by(user).get(own).status_code for user in (world.cliente, world.vito, world.ada)] == [200] * 3
    assert [seen_by(user).get(own).status_code for user in (world.bruno, world.sindaco, world.carlo)] == [404] * 3
    assert client.get(own).status_code == 404
    assert client.get(signed.replace(own, f"/versions/{post.version_id}/issue/{world.page.pk}/")).status_code == 404
    assert client.post(signed).status_code == 405
    with pytest.MonkeyPatch.context() as later:
        now = time.time()
        later.setattr("django.core.signing.time.time", lambda: now + 3601)
        assert client.get(signed).status_code == 404


@pytest.mark.django_db
def test_it_is_the_mail_with_nothing_of_one_reader(world: World, mail_server: MailServer, client: Browser) -> None:
    mailing = Mailing(world, mail_server)
    post = asked(mailing)
    answer = seen_by(world.vito).get(f"/versions/{post.version_id}/issue/{mailing.channel.pk}/")
    page, policy = answer.content.decode(), answer["Content-Security-Policy"]
    assert (answer["X-Frame-Options"], answer["Cache-Control"]) == ("SAMEORIGIN", "private, no-store")
    assert ("script" in policy, "frame-ancestors 'self'" in policy, "sandbox allow-popups" in policy) == (
        False,
        True,
        True,
    )
    assert "<script>" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt; href=&quot;&quot; &#123;unsubscribe&#125;" in page
    assert (IMPRINT.splitlines()[0] in page, f'href="{LINK}"' in page, ">Prenota</a>" in page) == (True, True, True)
    assert ("Disiscrizione con un clic" in page, "Versione online" in page) == (True, True)
    assert ("{unsubscribe}" in page, "/newsletter/off/" in page, "cid:" in page) == (False, False, False)
    (source,) = re.findall(r'<img src="([^"]+)"', page)
    picture = client.get(source)
    assert picture["Content-Type"] == "image/png"  # nobody is signed in within the frame
    assert picture.getvalue().startswith(b"\x89PNG")
    # The list of today stands below it; a list that is over may be another client's tomorrow.
    MailingList.objects.update(imprint="Cantina Roero, altrove")
    assert "Cantina Roero, altrove" in seen_by(world.vito).get(answer.request["PATH_INFO"]).content.decode()
    retire_channel(user=world.marta, channel=mailing.channel)
    assert seen_by(world.vito).get(answer.request["PATH_INFO"]).status_code == 404
    assert frames(seen_by(world.vito).get(f"/admin/social/post/{post.pk}/").content.decode()) == []


@pytest.mark.django_db
def test_a_draft_and_what_is_being_typed(world: World, mail_server: MailServer) -> None:
    mailing = Mailing(world, mail_server)
    plan = VariantPlan(channel=mailing.channel, fields={"subject": "Vendemmia"})
    draft = world.draft(text="## Sabato", channels=[mailing.channel, world.page], variants=[plan])
    own = f"/posts/{draft.pk}/issue/{mailing.channel.pk}/"
    vito = seen_by(world.vito)
    assert frames(vito.get(f"/admin/social/post/{draft.pk}/").content.decode()) == [own]
    assert "Sabato</h2>" in vito.get(own).content.decode()
    assert vito.get(f"/posts/{draft.pk}/issue/{world.page.pk}/").status_code == 404  # no mail
    assert [seen_by(user).get(own).status_code for user in (world.bruno, world.cliente, world.nonna)] == [404] * 3
    composer = vito.get(f"/admin/social/post/{draft.pk}/change/").content.decode()
    (address,) = re.findall(r'formaction="([^"]+)" formtarget="issue"', composer)
    typed = {"text": "## Domenica", "channels": [mailing.channel.pk], f"field_{mailing.channel.pk}_subject": "Altro"}
    shown = vito.post(html.unescape(address), typed)
    assert ("Domenica</h2>" in shown.content.decode(), shown["X-Frame-Options"]) == (True, "SAMEORIGIN")
    assert "sandbox" in shown["Content-Security-Policy"]
    assert "Scegli prima il canale" in vito.post(html.unescape(address), {"text": "x"}).content.decode()
    assert seen_by(world.bruno).post(html.unescape(address), typed).status_code == 404
    assert (
        "formtarget" not in seen_by(world.bruno).get(f"/admin/social/post/add/?client={world.town.pk}").content.decode()
    )


@pytest.mark.e2e
@needs_chromium
def test_it_is_shown_on_the_desk_and_on_a_phone_without_script(
    transactional_db: None,
    live_server: LiveServer,
    chromium: Chromium,
    mail_server: MailServer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(settings, "BASE_URL", live_server.url)
    world = World()
    mailing = Mailing(world, mail_server)
    post = asked(mailing, text="## Sabato\n\nSi vendemmia dalle 9, con chi vuole venire.")
    link = issue_link(seat=Seat.objects.get(step__review=review_of(post), user=world.cliente))
    page = phone(chromium, "it-IT")
    page.goto(f"{live_server.url}/r/{link}/")
    page.get_by_text("L’email intera").click()
    mail = page.frame_locator(".preview-issue iframe")
    expect(mail.get_by_role("heading", name="Sabato")).to_be_visible()
    expect(mail.locator("img")).to_have_js_property("naturalWidth", 40)
    fits(page)
    take(page, "whole-mail-phone-it")
    session = seen_by(world.vito).cookies[settings.SESSION_COOKIE_NAME].value
    context = chromium.new_context(viewport={"width": 1280, "height": 900}, locale="it-IT")
    context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": live_server.url}])
    desk = context.new_page()
    draft = world.draft(text="## Domenica", channels=[mailing.channel])
    desk.goto(f"{live_server.url}/admin/social/post/{draft.pk}/change/")
    desk.fill("[name=text]", "## Lunedì\n\nSi riposa.")
    desk.locator("button[formtarget=issue]").click()
    written = desk.frame_locator("iframe[name=issue]")
    expect(written.get_by_role("heading", name="Lunedì")).to_be_visible()
    expect(desk.locator("[name=text]")).to_have_value("## Lunedì\n\nSi riposa.")
    take(desk, "whole-mail-composer")
