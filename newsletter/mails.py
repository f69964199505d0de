"""What the sign-up form has mailed: the question whether the address is theirs, or that they are on the list."""

from django.utils import translation
from django.utils.translation import gettext as _

from newsletter.models import Confirmation, MailingList
from newsletter.speaking import catalogue
from notifications.letters import Letter


def ask(mail: Confirmation, address: str) -> Letter:
    """Whether they want it. ``address`` is where they say yes."""
    mailing_list = mail.reader.mailing_list
    words = {"name": mailing_list.channel.name, "client": mail.client.name}
    with translation.override(language := catalogue(mail.language, mail.client)):
        return Letter(
            language=language,
            subject=_("Do you want “%(name)s”?") % words,
            client_name=mail.client.name,
            client_colour=mail.client.colour,
            paragraphs=(
                _("Somebody has asked for the newsletter “%(name)s” at this address. If it was you, say so here:")
                % words,
            ),
            quotes=((_("What you agree to"), mail.consent),),
            button=(_("Yes, I want it"), address),
            footer=_footer(
                mailing_list,
                _(
                    "The link works for seven days. If it was not you, do nothing: you get no more, and we forget the address."
                ),
            ),
        )


def known(mail: Confirmation, off: str) -> Letter:
    """They get it already. ``off`` is where they sign off."""
    mailing_list = mail.reader.mailing_list
    words = {"name": mailing_list.channel.name}
    with translation.override(language := catalogue(mail.language, mail.client)):
        return Letter(
            language=language,
            subject=_("You get “%(name)s” already") % words,
            client_name=mail.client.name,
            client_colour=mail.client.colour,
            paragraphs=(
                _(
                    "Somebody has asked for the newsletter “%(name)s” at this address. It goes there already: nothing is to be done."
                )
                % words,
            ),
            footer=_footer(mailing_list, ""),
            off=(_("I don’t want it any more"), off),
        )


def _footer(mailing_list: MailingList, words: str) -> str:
    return " ".join(filter(None, [words, " · ".join(mailing_list.imprint.splitlines())]))
