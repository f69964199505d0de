"""Installs the servers that the tests publish to: `python -m tests.servers`, or some: `python -m tests.servers bluesky`."""

import sys
from collections.abc import Callable

from tests.servers import emulators, install, openid, wordpress

PARTS: dict[str, Callable[[], object]] = {
    "bluesky": install.install,
    "emulators": emulators.install,
    "openid": openid.install,
    "wordpress": wordpress.install,
}

if __name__ == "__main__":
    for name in sys.argv[1:] or PARTS:
        try:
            PARTS[name]()
        except install.InstallError as error:
            sys.exit(f"The servers of the networks can't be installed ({name}): {error}")
    print(f"The servers are in {install.home()}.")  # noqa: T201 - a command
