"""The real servers and the emulators: they start, they take what the tests rely on, they end."""

import dataclasses
import io
import os
import smtplib
import subprocess
import sys
import time
from email.message import EmailMessage
from itertools import count
from pathlib import Path

import httpx
import pytest
from PIL import Image

from tests.servers.emulators import S3, Mastodon, mastodon_running
from tests.servers.keeping import kept
from tests.servers.smtp import MOST_BYTES, MailServer
from tests.servers.wordpress import Author, WordPress

_names = (f"author{number}" for number in count(1))


def png() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (30, 20), "maroon").save(out, "PNG")
    return out.getvalue()


@pytest.fixture
def author(wordpress: WordPress) -> Author:
    return wordpress.create_author(next(_names))


def write(site: WordPress, author: Author, path: str = "posts", **post: object) -> httpx.Response:
    return httpx.post(f"{site.url}/wp-json/wp/v2/{path}", json=post, auth=author.auth, timeout=20)


def test_an_author_publishes_on_wordpress_and_readers_see_it(wordpress: WordPress, author: Author) -> None:
    made = write(wordpress, author, title="Vendemmia", content="<!-- wp:paragraph --><p>Oggi.</p>", status="publish")
    assert made.status_code == 201
    [post] = wordpress.posts(author)
    assert (post["title"]["raw"], post["status"], post["link"]) == ("Vendemmia", "publish", made.json()["link"])
    page = httpx.get(post["link"], timeout=20)
    assert (page.status_code, "Oggi." in page.text) == (200, True)


def test_wordpress_takes_pictures_and_shows_them(wordpress: WordPress, author: Author) -> None:
    headers = {"Content-Disposition": 'attachment; filename="vigna.png"', "Content-Type": "image/png"}
    sent = httpx.post(
        f"{wordpress.url}/wp-json/wp/v2/media", content=png(), headers=headers, auth=author.auth, timeout=20
    )
    [held] = wordpress.media(author)
    assert (sent.status_code, held["mime_type"], held["media_details"]["width"]) == (201, "image/png", 30)
    assert httpx.get(held["source_url"], timeout=20).content == png()


def test_the_same_slug_twice_on_wordpress_becomes_another(wordpress: WordPress, author: Author) -> None:
    for _ in range(2):
        write(wordpress, author, title="x", slug=f"{author.name}-1", status="publish")
    assert [post["slug"] for post in wordpress.posts(author)] == [f"{author.name}-1", f"{author.name}-1-2"]


def test_what_is_for_later_goes_out_when_wordpress_is_told_to_look(wordpress: WordPress, author: Author) -> None:
    write(wordpress, author, title="x", status="future", date_gmt="2999-01-01T00:00:00")
    [post] = wordpress.posts(author)
    assert post["status"] == "future"
    wordpress.run_cron()
    assert wordpress.posts(author) == [post]


def test_rights_and_passwords_count_on_wordpress(wordpress: WordPress, author: Author) -> None:
    contributor = wordpress.create_author(next(_names), "contributor")
    assert write(wordpress, contributor, title="x", status="publish").status_code == 403
    wordpress.revoke_app_passwords(author)
    assert write(wordpress, author, title="x", status="publish").status_code == 401
    assert wordpress.posts(author) == []


def mail(to: str, size: int = 10) -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "roero@filo.example", to, "Vendemmia"
    message.set_content("è ora\n" + "x" * size)
    return message


def signed_in(server: MailServer, password: str | None = None) -> smtplib.SMTP:
    client = smtplib.SMTP(server.host, server.port, timeout=5)
    try:
        client.login(server.user, password or server.password)
    except smtplib.SMTPException:
        client.close()
        raise
    return client


def test_the_mail_server_keeps_what_it_takes(mail_server: MailServer) -> None:
    with signed_in(mail_server) as client:
        client.send_message(mail("ada@filo.example"))
    [held] = mail_server.mails
    assert (held.sender, held.recipients) == ("roero@filo.example", ("ada@filo.example",))
    assert held.message.get_content().splitlines()[0] == "è ora"
    assert mail_server.sign_ins == 1


def test_the_mail_server_refuses_what_it_should(mail_server: MailServer) -> None:
    with pytest.raises(smtplib.SMTPAuthenticationError):
        signed_in(mail_server, "not it")
    with smtplib.SMTP(mail_server.host, mail_server.port, timeout=5) as client:
        with pytest.raises(smtplib.SMTPSenderRefused) as unknown:
            client.send_message(mail("ada@filo.example"))
        assert unknown.value.smtp_code == 530
    with signed_in(mail_server) as client:
        for to, code in {"bounce@filo.example": 550, "later@filo.example": 451}.items():
            with pytest.raises(smtplib.SMTPRecipientsRefused) as refused:
                client.send_message(mail(to))
            assert refused.value.recipients[to][0] == code
        with pytest.raises(smtplib.SMTPSenderRefused) as large:
            client.send_message(mail("ada@filo.example", MOST_BYTES))
        assert (large.value.smtp_code, client.esmtp_features["size"]) == (552, str(MOST_BYTES))
    assert (mail_server.mails, mail_server.refused_sign_ins) == ([], 1)


def test_the_mail_server_says_what_it_is_told(mail_server: MailServer) -> None:
    mail_server.say("DATA", "", "554 5.7.1 No", "451 4.3.0 Later")
    with signed_in(mail_server) as client:
        client.send_message(mail("ada@filo.example"))
        for code in (554, 451):
            with pytest.raises(smtplib.SMTPDataError) as refused:
                client.send_message(mail("ada@filo.example"))
            assert refused.value.smtp_code == code
    mail_server.drops = 1
    client = signed_in(mail_server)
    with pytest.raises(smtplib.SMTPServerDisconnected):
        client.send_message(mail("ada@filo.example"))
    assert len(mail_server.mails) == 2


def test_mastodons_emulator_publishes_once_for_one_key(mastodon: Mastodon) -> None:
    person = mastodon.person()
    picture = mastodon.ask("POST", "media", person.token, files={"file": ("a.png", png(), "image/png")})
    headers = {"Authorization": f"Bearer {person.token}", "Idempotency-Key": "k"}
    for _ in range(2):
        status = {"status": "Novità", "media_ids": [picture["id"]]}
        httpx.post(f"{mastodon.url}/api/v1/statuses", json=status, headers=headers, timeout=20).raise_for_status()
    [held] = mastodon.statuses(person)
    assert ("Novità" in held["content"], len(held["media_attachments"])) == (True, 1)
    assert mastodon.person().id != person.id
    unknown = dataclasses.replace(person, token="nobody's")
    with pytest.raises(AssertionError, match="401"):
        mastodon.ask("GET", "accounts/verify_credentials", unknown.token)


def test_mastodons_emulator_can_be_told_to_throttle() -> None:
    with mastodon_running(ratelimit={"enabled": True, "limit": 2, "window_seconds": 60}) as limited:
        answers = [httpx.get(f"{limited.url}/api/v2/instance", timeout=20).status_code for _ in range(4)]
    assert answers[-1] == 429


def test_s3s_emulator_keeps_what_it_is_given(s3: S3) -> None:
    s3.create_bucket("filo")
    signed = {"Authorization": "AWS4-HMAC-SHA256 Credential=filo/20261121/eu-south-1/s3/aws4_request"}
    httpx.put(f"{s3.url}/filo/media/a.png", content=png(), headers=signed, timeout=20).raise_for_status()
    assert s3.objects("filo") == {"media/a.png": png()}
    s3.empty()
    assert s3.objects("filo") == {}


def test_a_server_that_does_not_start_says_why(tmp_path: Path) -> None:
    command = [sys.executable, "-c", "raise SystemExit('no such port')"]
    with (
        pytest.raises(AssertionError, match="no such port"),
        kept(command, log=tmp_path / "log", ready=lambda: False),
    ):
        pass


def test_servers_end_with_whoever_started_them_even_if_killed(tmp_path: Path) -> None:
    server = "import os, subprocess, sys, time; subprocess.Popen(['sleep', '60']); print(os.getpid(), flush=True); time.sleep(60)"
    starter = (
        "import sys, time; from pathlib import Path; from tests.servers.keeping import kept\n"
        f"with kept([sys.executable, '-c', {server!r}], log=Path({str(tmp_path / 'log')!r}), ready=lambda: True) as session:\n"
        "    print(session, flush=True); time.sleep(60)"
    )
    root = Path(__file__).resolve().parents[2]
    with subprocess.Popen([sys.executable, "-c", starter], cwd=root, stdout=subprocess.PIPE, text=True) as started:
        assert started.stdout
        session = int(started.stdout.readline())
        until = time.monotonic() + 10
        while len(members(session)) < 3 and time.monotonic() < until:
            time.sleep(0.05)
        assert len(members(session)) == 3  # the keeper, the server, and what that started
        started.kill()
    while members(session) and time.monotonic() < until:
        time.sleep(0.05)
    assert members(session) == set()


def members(session: int) -> set[int]:
    """The processes of that session that still run."""
    found = set()
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            if os.getsid(int(entry.name)) == session and "\nState:\tZ" not in (entry / "status").read_text():
                found.add(int(entry.name))
        except OSError:
            continue
    return found
