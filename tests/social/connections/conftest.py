"""Every test begins with nobody having tried any address."""

import pytest
from django.core.cache import cache


@pytest.fixture(autouse=True)
def _nobody_guessed_yet() -> None:
    cache.clear()
