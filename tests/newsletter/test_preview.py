"""An issue before it goes out: as it lies in an inbox, and as it is read; the same words as the mail's."""

import pytest
from django.template.loader import render_to_string
from django.utils import translation

from newsletter.services.lists import edit_list
from social.digest import content_of
from social.previews import previews
from social.services.content_rows import VariantPlan
from tests.newsletter.mailing import Mailing
from tests.servers.smtp import MailServer, _mail_server, mail_server
from tests.world import World

__all__ = ["_mail_server", "mail_server"]
pytestmark = pytest.mark.django_db
LINK = "https://cantina.example/visite"


def drawn(mailing: Mailing, **fields: str) -> str:
    world, plan = mailing.world, VariantPlan(channel=mailing.channel, fields=fields)
    draft = world.draft(text="## Sabato\n\nSi vendemmia.", link=LINK, channels=[mailing.channel], variants=[plan])
    (preview,) = previews(world.winery.pk, content_of(draft))
    with translation.override("it"):
        return render_to_string("social/preview.html", {"preview": preview})


def test_who_it_is_from_and_what_it_says_first(world: World, mail_server: MailServer) -> None:
    page = drawn(Mailing(world, mail_server), subject="Vendemmia <b>", preheader="Alle 9", button="Prenota")
    assert '<p class="preview-sender" dir="auto">Cantina Roero</p>' in page
    assert "<b>Vendemmia &lt;b&gt;</b>" in page
    assert '<span class="preview-preheader">Alle 9</span>' in page
    assert f'href="{LINK}" target="_blank" rel="noopener noreferrer nofollow">Prenota</a>' in page
    assert 'preview-level-2" role="heading"' in page
    assert mail_server.password not in page


def test_what_is_missing_says_so(world: World, mail_server: MailServer) -> None:
    page = drawn(Mailing(world, mail_server))
    assert "Ancora senza oggetto" in page
    assert "Per saperne di più</a>" in page
    assert "Newsletter chiede ancora una cosa: Oggetto." in page


def test_a_list_without_an_imprint_is_known_before_anybody_approves(world: World, mail_server: MailServer) -> None:
    mailing = Mailing(world, mail_server)
    for imprint, shown in [("", True), ("Cantina Roero", False)]:
        edit_list(user=world.marta, mailing_list=mailing.mailing_list, imprint=imprint)
        mailing.channel.refresh_from_db()
        assert ("La lista non ha ancora i dati del mittente" in drawn(mailing, subject="Vendemmia")) == shown


def test_other_networks_have_no_inbox(world: World) -> None:
    (preview,) = previews(world.winery.pk, content_of(world.draft()))
    assert preview.inbox is None
