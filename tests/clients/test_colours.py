"""What stands on a client's colour can be read."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clients.colours import contrast, foreground, luminance


@pytest.mark.parametrize(
    ("colour", "ink"),
    [
        ("#7A1F3D", "#ffffff"),
        ("#1F5A7A", "#ffffff"),
        ("#FFD400", "#000000"),
        ("#000000", "#ffffff"),
        ("#ffffff", "#000000"),
    ],
)
def test_the_ink_that_reads_better(colour: str, ink: str) -> None:
    assert foreground(colour) == ink


def test_contrast_as_wcag_counts_it() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.478, abs=0.001)


@given(st.integers(0, 0xFFFFFF))
def test_every_colour_has_an_ink_of_at_least_4_5(number: int) -> None:
    colour = f"#{number:06X}"
    assert contrast(foreground(colour), colour) >= 4.5


@pytest.mark.parametrize("junk", ["red", "#12345", "#1234567", "1234567"])
def test_what_is_no_colour_is_said(junk: str) -> None:
    with pytest.raises(ValueError, match=junk):
        luminance(junk)
