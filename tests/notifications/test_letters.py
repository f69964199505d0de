"""A letter says the same as text and as HTML, in the light and in the dark, of one client or of several."""

import html
import re

import pytest

from clients.colours import contrast
from notifications.letters import NEUTRAL, Group, Item, Letter

WINERY, TOWN = ("Cantina Roero", "#7A1F3D"), ("Comune di Alba", "#F2D04B")


def item(client: tuple[str, str], title: str, number: int) -> Item:
    return Item(
        client_name=client[0],
        client_colour=client[1],
        title=title,
        words="Serve il tuo sì.\nEsce giovedì 26 novembre, ore 9:00.",
        since="Da lunedì 23 novembre, ore 10:20",
        address=f"https://filo.example/r/{number}/?a=1&b=2",
        button="Guardalo e decidi",
    )


MORNING = Letter(
    language="it",
    subject="Buongiorno: 3 cose aspettano te",
    client_name="",
    client_colour="",
    paragraphs=("Buongiorno Piero.", "Tre cose aspettano il tuo sì."),
    groups=(
        Group(heading="Oggi", items=(item(WINERY, "Vendemmia <2026> & vino", 1),)),
        Group(heading="Questa settimana", items=(item(WINERY, "Il cappello", 2), item(TOWN, "Fiera del tartufo", 3))),
    ),
    button=("Tutto quello che aspetta te", "https://filo.example/"),
    footer="Una mail al giorno, alle 8:30.",
    urgent="Non può aspettare.",
    off=("Niente più mail così", "https://filo.example/mail/off/x:y/"),
)
TURN = Letter(
    language="en",
    subject="To approve",
    client_name="Cantina Roero",
    client_colour="#7A1F3D",
    paragraphs=("Vito asks for your approval.",),
    code="ABC-123",
    quotes=(("On Bluesky", "Oggi si vendemmia.\nVenite."),),
    button=("Look at it and decide", "https://filo.example/r/1/"),
    footer="This link is for you alone.",
)


def seen(page: str) -> list[str]:
    """The words on the page, in their order."""
    body = re.sub(r"(?s)<head>.*?</head>|<!--.*?-->|<[^>]+>", " ", page)
    return re.findall(r"\w+", html.unescape(body))


def written(text: str) -> list[str]:
    """The words in the text, in their order, without the addresses (they stand behind the words of a page)."""
    return re.findall(r"\w+", re.sub(r"https?://\S+", " ", text))


@pytest.mark.parametrize("letter", [MORNING, TURN], ids=["several clients", "one client"])
def test_text_and_html_say_the_same(letter: Letter) -> None:
    assert written(letter.text()) == seen(letter.html())
    links = [html.unescape(link) for link in re.findall(r'href="([^"]+)"', letter.html())]
    assert links == re.findall(r"https?://\S+", letter.text())


def test_several_clients_have_no_band_of_one_of_them() -> None:
    text, page = MORNING.text(), MORNING.html()
    assert text.startswith("Filo\n")
    assert f'<td height="8" bgcolor="{NEUTRAL}"' in page
    assert re.findall(r'width="8" bgcolor="(#\w+)"', page) == ["#7A1F3D", "#7A1F3D", "#F2D04B"]
    assert "Vendemmia &lt;2026&gt; &amp; vino" in page
    assert "* Cantina Roero: Vendemmia <2026> & vino\nServe il tuo sì.\n" in text


def test_an_item_of_no_client_in_particular() -> None:
    alone = Item(client_name="", client_colour="", title="Un invito", address="https://filo.example/", button="Apri")
    letter = Letter(
        language="it",
        subject="x",
        client_name="",
        client_colour="",
        paragraphs=(),
        groups=(Group(heading="Altro", items=(alone,)),),
    )
    assert "* Un invito\nApri:\nhttps://filo.example/\n" in letter.text()
    assert f'width="8" bgcolor="{NEUTRAL}"' in letter.html()


def test_nothing_said_leaves_nothing_behind() -> None:
    bare = Letter(language="en", subject="x", client_name="Roero", client_colour="#7A1F3D", paragraphs=("One.",))
    assert bare.text() == "Roero\n\nOne.\n\n"
    assert seen(bare.html()) == ["Roero", "One"]


@pytest.mark.parametrize("letter", [MORNING, TURN], ids=["several clients", "one client"])
def test_old_mail_programs_find_tables_and_colours_where_they_look(letter: Letter) -> None:
    page = letter.html()
    assert page.count("<table") == page.count('<table role="presentation"')
    assert "<div" not in page
    assert "<img" not in page  # nothing to load, nobody is followed
    body = page.partition("<body")[2]
    for tag in re.findall(r"<(?:p|h2|a|td)\b[^>]*>", body):
        assert "style=" in tag or tag in {"<td>", '<td align="center">'}, tag


LIGHT = [
    ("#1d1d1b", "#ffffff"),
    ("#555555", "#ffffff"),
    ("#a3161f", "#ffffff"),
    ("#1d1d1b", "#f4f4f2"),
    ("#ffffff", "#1d1d1b"),
]
DARK = [
    ("#eceff2", "#16191d"),
    ("#a9b2bc", "#16191d"),
    ("#ff9a9a", "#16191d"),
    ("#eceff2", "#23282e"),
    ("#16191d", "#eceff2"),
]


@pytest.mark.parametrize(("ink", "ground"), [*LIGHT, *DARK])
def test_words_can_be_read(ink: str, ground: str) -> None:
    assert contrast(ink, ground) >= 4.5
    used = set(re.findall(r"#[0-9a-f]{6}\b", MORNING.html() + TURN.html()))
    assert {ink, ground} <= used


def test_no_colours_but_those_that_were_measured() -> None:
    used = set(re.findall(r"#[0-9A-Fa-f]{6}\b", MORNING.html() + TURN.html()))
    measured = {colour for pair in [*LIGHT, *DARK] for colour in pair}
    lines = {"#80878f", "#6b747e", "#0e1013", NEUTRAL}
    assert used == measured | lines | {"#7A1F3D", "#F2D04B"}
    assert contrast("#80878f", "#ffffff") >= 3
    assert contrast("#6b747e", "#16191d") >= 3
