"""Piero opens the mail on his phone, looks, and decides."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from django.test import Client as Browser

from approvals.models import Comment, Decision, ReviewState
from audit.models import Event
from clients.models import Membership, Role
from social.services import edit_post, withdraw_post
from tests.portal.reaching import asked, digest_on, link_to, mailed_link, row_counts
from tests.world import World, approve, review_of

YES = "approve"
NO = "request_changes"


def say(
    browser: Browser, path: str, do: str, words: str = "", digest: str | None = None, **extra: str
) -> tuple[int, str]:
    """Send the form as it stands on the page; the status and the body."""
    digest = digest_on(browser.get(path).content.decode()) if digest is None else digest
    answer = browser.post(path, {"do": do, "words": words, "digest": digest, **extra})
    return answer.status_code, answer.content.decode()


def test_the_mails_link_opens_the_review(world: World, client: Browser) -> None:
    asked(world, publish_at=datetime(2030, 11, 28, 9, 0, tzinfo=ZoneInfo("Europe/Rome")))
    address = mailed_link(world.cliente)
    answer = client.get(address)
    html = answer.content.decode()
    assert answer.status_code == 200
    for said in [
        "Vendemmia",
        "Cantina Roero",
        "Vito Serra",
        "Cliente",
        "Oggi si vendemmia.",
        "9:00",
        "28 novembre 2030",
    ]:
        assert said in html
    assert 'fill="#7A1F3D"' in html
    assert 'class="band band-light"' in html
    assert 'lang="it"' in html
    assert answer["Content-Language"] == "it"
    assert "sessionid" not in answer.cookies


def test_reading_changes_nothing(world: World, client: Browser) -> None:
    path = link_to(asked(world), world.cliente)
    before = row_counts()
    for method in ["get", "head", "get"]:
        assert getattr(client, method)(path).status_code == 200
    assert client.get(path, headers={"Sec-Purpose": "prefetch"}).status_code == 200
    for method in ["put", "patch", "delete", "options"]:
        assert getattr(client, method)(path).status_code == 405
    assert row_counts() == before


COMERS = {"nobody": None, "the link's own person": "cliente", "somebody of the agency": "marta", "a stranger": "bruno"}


@pytest.mark.parametrize("comer", COMERS)
@pytest.mark.parametrize("page", ["link", "differences", "review", "many", "many_chosen"])
def test_whatever_opens_a_page_ahead_decides_nothing(world: World, comer: str, page: str) -> None:
    """Scanners and browsers that fetch ahead, with all the cookies that a person's browser has."""
    browser = Browser(enforce_csrf_checks=True)
    post = asked(world)
    link = link_to(post, world.cliente)
    if (name := COMERS[comer]) is not None:
        browser.force_login(getattr(world, name))
    browser.get(link)  # a form's cookie is there, as after a person's own look
    assert "csrftoken" in browser.cookies
    path = {
        "link": link,
        "differences": f"{link}differences/",
        "review": f"/reviews/{review_of(post).pk}/",
        "many": "/approve/",
        "many_chosen": "/approve/?all=1",
    }[page]
    path += f"{'&' if '?' in path else '?'}do=approve&digest={review_of(post).digest}"
    before = row_counts()
    found = 302 if comer == "nobody" else 404 if comer == "a stranger" and page == "review" else 200
    expected = 200 if page in {"link", "differences"} else found
    for headers in [{}, {"Sec-Purpose": "prefetch;prerender"}, {"X-Moz": "prefetch"}]:
        assert browser.get(path, headers=headers).status_code == expected
        assert browser.head(path, headers=headers).status_code == expected
    assert row_counts() == before
    assert review_of(post).state == ReviewState.OPEN


def test_headers(world: World, client: Browser) -> None:
    answer = client.get(link_to(asked(world), world.cliente))
    assert answer["Cache-Control"] == "no-store, private"
    assert answer["Referrer-Policy"] == "same-origin"
    assert answer["X-Robots-Tag"] == "noindex, nofollow, noarchive"
    assert answer["X-Frame-Options"] == "DENY"
    policy = answer["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; style-src 'self';")
    assert "unsafe" not in policy
    assert policy.endswith("; script-src 'self'")
    html = answer.content.decode()
    assert " style=" not in html
    assert html.count("<script") == html.count('<script src="/static/social/talk.js" defer></script>') == 1


def test_approving(world: World, client: Browser) -> None:
    post = asked(world)
    path = link_to(post, world.cliente)
    answer = client.post(path, {"do": YES, "words": "", "digest": review_of(post).digest})
    assert (answer.status_code, answer["Location"]) == (302, path)
    decision = Decision.objects.get(actor=world.cliente)
    assert (decision.verdict, decision.via, decision.digest) == (YES, "link", review_of(post).digest)
    assert review_of(post).state == ReviewState.APPROVED
    html = client.get(path).content.decode()
    assert 'class="decide"' not in html
    assert "✓" in html
    assert "sessionid" not in client.cookies


def test_asking_for_changes_needs_words(world: World, client: Browser) -> None:
    post = asked(world)
    path = link_to(post, world.cliente)
    status, html = say(client, path, NO)
    assert status == 400
    assert 'aria-invalid="true"' in html
    assert review_of(post).state == ReviewState.OPEN
    status, _html = say(client, path, NO, "Meno enfasi,\r\nper favore.")
    assert status == 302
    assert Decision.objects.get(actor=world.cliente).comment == "Meno enfasi,\nper favore."
    assert review_of(post).state == ReviewState.CHANGES_REQUESTED
    assert "Meno enfasi,<br>per favore." in client.get(path).content.decode()


def test_just_saying_something(world: World, client: Browser) -> None:
    post = asked(world)
    path = link_to(post, world.cliente)
    answer = client.post(path, {"do": "comment", "words": "Bella foto.", "digest": review_of(post).digest})
    assert (answer.status_code, answer["Location"]) == (302, f"{path}#said")
    comment = Comment.objects.get()
    assert (comment.author, comment.text, comment.audience) == (world.cliente, "Bella foto.", "client")
    html = client.get(path).content.decode()
    assert "Bella foto." in html
    assert 'class="decide"' in html
    assert say(client, path, "comment", "  ")[0] == 400


def test_a_double_click_is_one_decision(world: World, client: Browser) -> None:
    post = asked(world)
    path = link_to(post, world.cliente)
    digest = review_of(post).digest
    assert say(client, path, YES, digest=digest)[0] == 302
    before = row_counts()
    assert say(client, path, YES, digest=digest)[0] == 302
    assert row_counts() == before
    assert Decision.objects.filter(actor=world.cliente).count() == 1


def test_a_second_thought_after_deciding_keeps_its_words(world: World, client: Browser) -> None:
    post = asked(world)
    path = link_to(post, world.cliente)
    digest = review_of(post).digest
    say(client, path, YES, digest=digest)
    status, html = say(client, path, NO, "Un momento, ho visto un errore.", digest=digest)
    assert status == 409
    assert "Un momento, ho visto un errore.</textarea>" in html
    assert review_of(post).state == ReviewState.APPROVED


def test_without_the_forms_token_nothing_is_taken(world: World) -> None:
    browser = Browser(enforce_csrf_checks=True)
    post = asked(world)
    path = link_to(post, world.cliente)
    before = row_counts()
    answer = browser.post(path, {"do": YES, "digest": review_of(post).digest})
    assert answer.status_code == 403
    assert row_counts() == before
    html = browser.get(path).content.decode()
    token = html.split('name="csrfmiddlewaretoken" value="')[1].split('"')[0]
    assert browser.post(path, {"do": YES, "digest": digest_on(html), "csrfmiddlewaretoken": token}).status_code == 302


@pytest.mark.parametrize("digest", ["", "0" * 64, "junk"])
def test_a_digest_that_was_not_seen(world: World, client: Browser, digest: str) -> None:
    post = asked(world)
    status, html = say(client, link_to(post, world.cliente), YES, "Bene così", digest=digest)
    assert status == 409
    assert "Bene così</textarea>" in html
    assert review_of(post).state == ReviewState.OPEN
    assert not Decision.objects.filter(actor=world.cliente).exists()


@pytest.mark.parametrize(
    "form",
    [
        {},
        {"do": "publish"},
        {"do": YES, "words": "a\x00b"},
        {"do": YES, "digest": "x" * 65},
        {"do": NO, "words": "parola " * 1000},
    ],
)
def test_a_form_that_makes_no_sense_changes_nothing(world: World, client: Browser, form: dict[str, str]) -> None:
    post = asked(world)
    path = link_to(post, world.cliente)
    before = row_counts()
    answer = client.post(path, {"digest": review_of(post).digest, **form})
    assert answer.status_code == 400
    assert row_counts() == before


def test_the_text_changes_under_ones_eyes(world: World, client: Browser) -> None:
    post = asked(world)
    path = link_to(post, world.cliente)
    digest = digest_on(client.get(path).content.decode())
    edit_post(user=world.vito, post=post, text="Domani si vendemmia.")
    before = row_counts()
    status, html = say(client, path, YES, "Tutto giusto", digest=digest)
    assert status == 409
    assert "Vito Serra" in html
    assert "Tutto giusto</textarea>" in html
    assert "vendemmia." not in html  # neither the old words nor, still less, the new ones
    assert 'class="decide"' not in html
    assert row_counts() == before


def test_words_typed_too_late_can_still_be_sent(world: World, client: Browser) -> None:
    post = asked(world)
    path = link_to(post, world.cliente)
    review = review_of(post)
    withdraw_post(user=world.marta, post=post)
    status, html = say(client, path, NO, "Peccato", digest=review.digest)
    assert status == 409
    assert "Peccato</textarea>" in html
    assert "Marta Gallo" in html
    assert say(client, path, "comment", "Peccato", digest=review.digest)[0] == 302
    assert Comment.objects.get(review=review).text == "Peccato"


def test_superseded_after_a_yes(world: World, client: Browser) -> None:
    post = asked(world)
    path = link_to(post, world.cliente)
    say(client, path, YES)
    edit_post(user=world.vito, post=post, text="Domani si vendemmia.")
    answer = client.get(path)
    html = answer.content.decode()
    assert answer.status_code == 200
    assert "↻" in html
    assert "Vito Serra" in html
    assert "vendemmia." not in html


def test_withdrawn(world: World, client: Browser) -> None:
    post = asked(world)
    path = link_to(post, world.cliente)
    withdraw_post(user=world.marta, post=post)
    html = client.get(path).content.decode()
    assert "■" in html
    assert "Marta Gallo" in html
    assert 'class="decide"' not in html


def test_somebody_else_of_the_same_step_was_first(world: World, client: Browser) -> None:
    Membership.objects.filter(user=world.nonna).update(role=Role.APPROVER)
    post = asked(world)
    mine = link_to(post, world.cliente)
    approve(post, world.nonna)
    html = client.get(mine).content.decode()
    assert "Nonna Roero" in html
    assert 'class="decide"' not in html
    status, html = say(client, mine, NO, "Aspettate", digest=review_of(post).digest)
    assert status == 409
    assert "Aspettate</textarea>" in html


def test_each_link_decides_on_its_own_seat(world: World, client: Browser) -> None:
    Membership.objects.filter(user=world.nonna).update(role=Role.APPROVER)
    post = asked(world)
    say(client, link_to(post, world.nonna), YES)
    assert [decision.actor for decision in Decision.objects.filter(via="link")] == [world.nonna]


def test_whoever_is_signed_in_decides_nothing_by_anothers_link(world: World, client: Browser) -> None:
    client.force_login(world.bruno)
    post = asked(world)
    path = link_to(post, world.cliente)
    html = client.get(path).content.decode()
    assert "Piero Roero" in html
    assert "Bruno Neri" not in html
    say(client, path, YES)
    assert Decision.objects.get(via="link").actor == world.cliente
    assert Event.objects.filter(actor=world.bruno, subject_type="review").count() == 0


def test_an_approver_made_viewer_reads_on_and_decides_nothing(world: World, client: Browser) -> None:
    post = asked(world)
    path = link_to(post, world.cliente)
    digest = digest_on(client.get(path).content.decode())
    Membership.objects.filter(user=world.cliente).update(role=Role.VIEWER)
    answer = client.get(path)
    assert answer.status_code == 200
    assert 'class="decide"' not in answer.content.decode()
    before = row_counts()
    assert say(client, path, YES, digest=digest)[0] == 403
    assert row_counts() == before
