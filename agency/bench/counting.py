"""How long a text is, as X and Bluesky count it: what a composer asks at each key."""

import time
from collections.abc import Callable

from agency.bench.figures import Figure, Part, Progress
from social.networks.text import count_graphemes
from social.networks.x.weight import weigh

TITLE = "Counting a text"
ABOUT = (
    "Posts as people write them, in turns: plain Italian, with emoji, with an address, with accents and hashtags, in Japanese, "
    "each between 70 and 280 characters. One thread, by the time that its processor takes."
)
ROUNDS = 4000
TEXTS = (
    "Oggi si vendemmia: i primi grappoli di nebbiolo entrano in cantina, e il profumo arriva fino in piazza.",
    "Sabato e domenica cantine aperte 🍇🍷 dalle 10 alle 18! Degustazione, visita e una sorpresa per i più piccoli 👨‍👩‍👧‍👦 🎈",
    "Il racconto della vendemmia 2026, con le fotografie di Elena: https://www.cantinaroero.example/vendemmia/2026?da=social #vendemmia",
    "Perché la qualità è così: più lavoro, più attesa, più silenzio. #Roero #Langhe #nebbiolo #barbera " * 2,
    "今年の収穫が始まりました。ネッビオーロのぶどうは去年より甘く、色も濃いです。ぜひ土曜日にお越しください。" * 2,
)


def measure(progress: Progress, rounds: int = ROUNDS) -> Part:
    """Both networks, all texts."""
    return Part(
        "count",
        TITLE,
        ABOUT,
        [
            Figure(
                what=f"texts a second, as {name} counts",
                value=_a_second(count, rounds, progress),
                target=20_000,
                bound="at least",
            )
            for name, count in (("X", weigh), ("Bluesky", count_graphemes))
        ],
    )


def _a_second(count: Callable[[str], int], rounds: int, progress: Progress) -> float:
    for text in TEXTS:
        count(text)
    began = time.process_time()
    for _round in range(rounds):
        for text in TEXTS:
            count(text)
    took = time.process_time() - began
    progress(1)
    return rounds * len(TEXTS) / took
