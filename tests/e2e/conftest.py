"""One running agency for all of these tests: starting it takes longer than most of what they do with it."""

from collections.abc import Iterator

import pytest

from tests.e2e.agency import Agency, sample_agency


@pytest.fixture(scope="session")
def agency(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Agency]:
    """Studio Filo, on its first day."""
    with sample_agency(tmp_path_factory.mktemp("studio") / "filo home") as started:
        yield started
