"""The sandbox keeps what of the contract needs no wire."""

import itertools

import pytest

from social.networks.base import Account, Content
from social.networks.sandbox import Sandbox
from tests.social.networks.case import Case
from tests.social.networks.conftest import picture
from tests.social.networks.contract import Contract
from tests.social.networks.test_sandbox import Page


class SandboxCase(Case):
    """A page in memory."""

    def __init__(self) -> None:
        self.network: Sandbox = Sandbox()
        self.page = Page()
        self.network.use(self.page)

    def account(self) -> Account:
        return Account("roero")

    def live(self) -> list[str]:
        return [entry["text"] for entry in self.page.entries]

    def uploads(self) -> int:
        return sum(len(entry["media"]) for entry in self.page.entries)

    def content(self, kind: str, number: int) -> Content:
        return Content(f"Novità {number}", media=(picture((number, 1)),) if kind == "pictures" else ())

    def edges(self) -> list[tuple[Content, bool]]:
        pictures = [picture((size, 1)) for size in range(1, 6)]
        return [(Content("x", media=tuple(itertools.islice(pictures, count))), count <= 4) for count in (4, 5)]


class TestSandbox(Contract):
    kinds = ("words", "pictures")

    @pytest.fixture
    def case(self) -> Case:
        return SandboxCase()
