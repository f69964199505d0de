"""`make chaos`: ten minutes of storm, then the table, which also goes into docs/chaos.md. `--small`: one minute, no file."""

import argparse
import logging
import os
import secrets
import sys
from pathlib import Path

BASE = Path(__file__).resolve().parent.parent.parent


def main() -> int:
    """Run once; 1 where something was wrong."""
    parser = argparse.ArgumentParser(prog="make chaos", description=__doc__)
    parser.add_argument("--seed", type=int, default=secrets.randbelow(10**6), help="the same storm again")
    parser.add_argument("--small", action="store_true", help="a minute of it")
    parser.add_argument(
        "--real", action="store_true", help="with Bluesky's own server and an emulator of Mastodon's, too"
    )
    parser.add_argument("--seconds", type=float, help="how long the storm lasts")
    parser.add_argument("--posts", type=int, help="how many posts are written meanwhile")
    parser.add_argument("--into", type=Path, help="where the table goes, beside the terminal")
    parser.add_argument("--home", type=Path, default=BASE / "var" / "chaos", help="where it lives meanwhile: emptied")
    asked = parser.parse_args()
    # Never the installation's own: it is emptied.
    os.environ.update(
        FILO_HOME=str(asked.home), DJANGO_SETTINGS_MODULE="agency.settings", FILO_INSIDE_ADDRESSES="127.0.0.1"
    )
    for name in ("DATABASE_URL", "CELERY_BROKER_URL", "SECRET_KEY", "FILO_KEYS", "FILO_EVIDENCE_KEY", "FILO_BASE_URL"):
        os.environ.pop(name, None)
    from agency.home import Home
    from agency.supervisor import listening_socket
    from tests.chaos import plan, report
    from tests.chaos.run import Run
    from tests.chaos.town import NAME, known_here

    listener = listening_socket("127.0.0.1", 0)
    os.environ["PORT"] = str(listener.getsockname()[1])
    os.environ["FILO_BASE_URL"] = f"http://{NAME}:{listener.getsockname()[1]}"
    known_here()
    size = report.sized(plan.SMALL if asked.small else plan.FULL, asked.seconds, asked.posts, real=asked.real)
    _say(f"seed {asked.seed}")
    logging.getLogger("httpx").setLevel(logging.WARNING)
    logging.getLogger("mail.log").setLevel(logging.ERROR)  # aiosmtpd's, of each mail
    outcome = Run(size, asked.seed, _say).go(Home(asked.home), listener)
    print(report.told(outcome, size))
    into = asked.into or (None if asked.small else BASE / "docs" / "chaos.md")
    if into is not None:
        document = BASE / "docs" / "chaos.md"
        into.write_text(report.document(document.read_text(), outcome, size))
    return 0 if outcome.well else 1


def _say(line: str) -> None:
    print(f"chaos: {line}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
