"""A link in a mail is a key: the log of a refused request does not hold it."""

import io
import logging
import logging.config
from collections.abc import Iterator

import pytest
from django.test import Client as Browser

from agency.logs import logging_config
from tests.portal.reaching import asked, link_to
from tests.world import World


@pytest.fixture(params=[True, False], ids=["json", "lines"])
def logged(request: pytest.FixtureRequest) -> Iterator[io.StringIO]:
    """What the installation's own handler writes of Django's complaints."""
    written = io.StringIO()
    made = logging.config.DictConfigurator(logging_config(as_json=request.param, level="INFO"))
    made.config["handlers"]["stderr"]["stream"] = written
    root, django = logging.getLogger(), logging.getLogger("django")
    before = (list(root.handlers), root.level, list(django.handlers), django.level)
    made.configure()
    yield written
    root.handlers, django.handlers = before[0], before[2]
    root.setLevel(before[1])
    django.setLevel(before[3])


def test_no_secret_of_a_link_in_the_log(world: World, logged: io.StringIO) -> None:
    path = link_to(asked(world), world.cliente)
    secret = path.split("/")[2]
    browser = Browser(enforce_csrf_checks=True)
    assert browser.post(path, {"do": "approve"}).status_code == 403
    assert browser.put(path).status_code == 403
    browser = Browser()
    assert browser.post(path, {"do": "approve", "digest": ""}).status_code == 409
    assert browser.post(path, {}).status_code == 400
    assert browser.get(f"/in/{secret}/").status_code == 410
    assert "/r/…/" in logged.getvalue() or "/r/\\u2026/" in logged.getvalue()
    assert secret not in logged.getvalue()


def test_other_addresses_are_said(world: World, logged: io.StringIO) -> None:
    Browser().get("/nothing/of/this/")
    assert "/nothing/of/this/" in logged.getvalue()
