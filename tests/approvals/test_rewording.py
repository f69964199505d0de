"""What is new between two texts, word by word."""

import random
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from approvals.rewording import MOST_BY_RUNS, MOST_WORDS, Piece, pieces


def test_words_that_came_and_went() -> None:
    assert pieces("Oggi si vendemmia.", "Domani si vendemmia, se non piove.") == (
        Piece("removed", "Oggi"),
        Piece("added", "Domani"),
        Piece("same", " si vendemmia"),
        Piece("added", ", se non piove"),
        Piece("same", "."),
    )


def test_lines_that_have_little_in_common_stand_whole() -> None:
    """Words that both happen to have are no confetti between the two; what is near is still told word by word."""
    old = "Il vino è per chi ama la terra.\n\nDiamo del tu, e non gridiamo."
    new = "La nostra cantina racconta il lavoro per le famiglie.\n\nDiamo del Lei, e mai gridiamo. Sempre."
    assert pieces(old, new) == (
        Piece("removed", "Il vino è per chi ama la terra."),
        Piece("added", "La nostra cantina racconta il lavoro per le famiglie."),
        Piece("same", "\n\nDiamo del "),
        Piece("removed", "tu, e non"),
        Piece("added", "Lei, e mai"),
        Piece("same", " gridiamo."),
        Piece("added", " Sempre."),
    )


@given(st.text(max_size=60), st.text(max_size=60))
def test_pieces_hold_both_texts_whole(old: str, new: str) -> None:
    found = pieces(old, new)
    assert "".join(piece.text for piece in found if piece.kind != "removed") == new
    assert "".join(piece.text for piece in found if piece.kind != "added") == old


@given(st.randoms(use_true_random=False), st.integers(0, 40))
def test_so_do_those_of_long_texts(chance: random.Random, changes: int) -> None:
    words = [chance.choice(["vigna", "vino", "e", "il", "Roero", "."]) for _ in range(MOST_BY_RUNS)]
    old = " ".join(words)
    for _ in range(changes):
        at = chance.randrange(len(words))
        words[at : at + chance.randrange(3)] = [chance.choice(["nebbia", "il", "1921"])] * chance.randrange(3)
    new = " ".join(words)
    found = pieces(old, new)
    assert "".join(piece.text for piece in found if piece.kind != "removed") == new
    assert "".join(piece.text for piece in found if piece.kind != "added") == old
    kinds = [piece.kind for piece in found]
    assert all(one != other for one, other in pairwise(kinds))  # no two of a kind in a row
    assert all(piece.text for piece in found)


def test_words_of_a_long_text_are_found_too() -> None:
    words = [f"parola{number}" for number in range(MOST_BY_RUNS)]
    old, new = " ".join(words), " ".join([*words[:-1], "ultima"])
    assert pieces(old, new) == (
        Piece("same", " ".join(words[:-1]) + " "),
        Piece("removed", words[-1]),
        Piece("added", "ultima"),
    )


def test_a_very_long_text_is_compared_by_lines() -> None:
    lines = [f"riga {number} di parole\n" for number in range(MOST_WORDS // 8 + 1)]
    old, new = "".join(lines), "".join(["Una riga nuova\n", *lines[1:]])
    assert pieces(old, new) == (
        Piece("removed", lines[0]),
        Piece("added", "Una riga nuova\n"),
        Piece("same", "".join(lines[1:])),
    )
