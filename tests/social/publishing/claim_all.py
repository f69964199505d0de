"""Another process: four threads that claim all that they are handed, as a worker's would.

python -m tests.social.publishing.claim_all LIMIT NOW SHIFT < NUMBERS
"""

import sys
import threading
from collections.abc import Sequence
from datetime import datetime, timedelta

THREADS = 4


def claim_all(numbers: Sequence[int], now: datetime) -> int:
    """Claim each, from four threads that begin at different ends; how many were ours."""
    from django.db import connections

    from social.services import claiming

    ours: list[bool] = []

    def run(first: int) -> None:
        try:
            ordered = [*numbers[first:], *numbers[:first]]
            ours.extend(claiming.claim(publication_id=number, now=now) is not None for number in ordered)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(len(numbers) * turn // THREADS,)) for turn in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(ours)


def main() -> None:
    """Say "ready", wait for the numbers, say how many were ours."""
    import django

    django.setup()

    from social import networks
    from social.networks.base import Limit
    from tests.social.publishing.stepwise import Stepwise

    network = Stepwise()
    networks.NETWORKS[network.slug] = network
    limit = Limit("uploads", "Stepwise", int(sys.argv[1]), timedelta(days=1), "app", "America/Los_Angeles")
    network.allowed = (limit,)
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    numbers = [int(word) for word in sys.stdin.readline().split()]
    shift = len(numbers) * int(sys.argv[3]) // 8
    ours = claim_all([*numbers[shift:], *numbers[:shift]], datetime.fromisoformat(sys.argv[2]))
    sys.stdout.write(f"{ours}\n")


if __name__ == "__main__":
    main()
