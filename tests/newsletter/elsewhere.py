"""The settings of a process beside the tests: their database, where it is in this run."""

import os

from tests.settings import *  # noqa: F403
from tests.settings import DATABASES

for name in ("HOST", "PORT", "NAME"):
    DATABASES["default"][name] = os.environ[f"FILO_TEST_DATABASE_{name}"]
