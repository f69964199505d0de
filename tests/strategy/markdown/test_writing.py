"""What is written as Markdown is read as what it was."""

from hypothesis import example, given, settings
from hypothesis import strategies as st

from strategy.markdown.blocks import Break, Heading, Paragraph, Picture, Points, Quote, Rule, Run, Side, Table
from strategy.markdown.parsing import parsed
from strategy.markdown.writing import escaped, joined, written

LINES = st.text(alphabet="*_[]()<>!#|-+.:\\`&;=~\"' amx1é", min_size=1, max_size=30).map(str.strip).filter(bool)
PLAIN = LINES.map(Run)
MANNERED = st.builds(
    Run,
    st.text(alphabet="amx1é ", min_size=1, max_size=12).map(str.strip).filter(bool),
    st.booleans(),
    st.booleans(),
    st.sampled_from(["", "https://filo.example/?a=1&b=(2)", "mailto:ada@filo.example"]),
)
ALTS = LINES.map(lambda line: " ".join(line.split()))  # more than one space says nothing to who is read it aloud
PICTURES = st.builds(Picture, st.integers(1, 99).map(str), ALTS)
WORDS = st.lists(MANNERED | PICTURES, min_size=1, max_size=5).map(
    lambda found: joined([part for inline in found for part in (inline, Run(" · "))][:-1])
)
INLINES = (
    PLAIN.map(lambda run: (run,))
    | WORDS
    | st.lists(PLAIN, min_size=2, max_size=3).map(
        lambda runs: tuple(part for run in runs for part in (run, Break()))[:-1]
    )
)
CELLS = PLAIN.map(lambda run: (run,)) | WORDS


@st.composite
def tables(draw: st.DrawFn) -> Table:
    every: list[Side] = ["", "left", "center", "right"]
    sides = draw(st.lists(st.sampled_from(every), min_size=1, max_size=3))
    rows = st.tuples(*[CELLS for _ in sides])
    return Table(tuple(sides), draw(rows), tuple(draw(st.lists(rows, max_size=2))))


TIGHT = st.builds(Paragraph, INLINES, st.just(True))
POINTS = st.builds(
    Points, st.none() | st.integers(0, 999), st.lists(st.tuples(TIGHT), min_size=1, max_size=3).map(tuple)
)
INNER = POINTS.filter(lambda points: points.start in {None, 1})  # others don't stand right below words
NESTED = st.builds(Points, st.none() | st.just(1), st.lists(st.tuples(TIGHT, INNER), min_size=1, max_size=2).map(tuple))
PARAGRAPHS = st.builds(Paragraph, INLINES)
QUOTES = st.builds(Quote, st.lists(PARAGRAPHS | POINTS, min_size=1, max_size=2).map(tuple))
LISTS = POINTS | NESTED
BLOCKS = st.lists(
    PARAGRAPHS | LISTS | QUOTES | tables() | st.just(Rule()) | st.builds(Heading, st.just(1), CELLS), max_size=4
)


@settings(max_examples=300)
@given(BLOCKS.map(tuple))
@example(
    (Points(None, ((Paragraph((Run("a"),), tight=True),),)), Points(None, ((Paragraph((Run("b"),), tight=True),),)))
)
def test_it_is_read_again_as_it_was(blocks: tuple[object, ...]) -> None:
    text = written(blocks)  # type: ignore[arg-type]  # hypothesis builds them
    assert parsed(text) == blocks
    assert written(parsed(text)) == text


@settings(max_examples=300)
@given(LINES)
def test_words_stay_words(line: str) -> None:
    assert parsed(escaped(line)) == (Paragraph((Run(line),)),)


def test_a_plain_form() -> None:
    text = "## Chi\n\nCantina **Roero**\nriga [due](https://filo.example)\n\n- uno\n- due\n  1. tre\n\n> detto\n\n| a | b |\n| :-- | --: |\n| 1 | 2 |\n\n***"
    assert written(parsed(text)) == text.replace("## ", "# ")


def test_manner_that_cannot_be_said_is_let_go_and_no_word_with_it() -> None:
    inlines = (Run("a"), Run("(b)", strong=True), Run("c"), Run("d", emphasised=True))
    assert written([Paragraph(inlines)]) == "a(b)cd"
    assert written([Paragraph((Run("Il "), Run("vino ", strong=True), Run("buono")))]) == "Il **vino** buono"
