"""A person at the staff's pages: signs in, opens, types, and reads what is shown."""

import html
import re
from typing import Any

from django.test import Client as Browser
from django.urls import reverse

from accounts.models import User

ADMIN = "admin"


class Staff:
    """Somebody signed in to the staff's pages."""

    def __init__(self, person: User) -> None:
        self.person = person
        self.browser = Browser()
        self.browser.force_login(person)

    def open(self, name: str, *args: object, query: str = "", **headers: str) -> Any:
        """The page ``admin:NAME``."""
        return self.browser.get(reverse(f"admin:{name}", args=args) + query, headers=headers)

    def send(self, name: str, *args: object, query: str = "", data: dict[str, Any] | None = None) -> Any:
        """A form sent to it, and the page that follows."""
        return self.browser.post(reverse(f"admin:{name}", args=args) + query, data or {}, follow=True)


def words(answer: Any) -> str:
    """The words of a page, without tags, in single spaces."""
    body = re.sub(r"(?s)<(script|style|head)\b.*?</\1>", " ", answer.content.decode())
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", body)).split())
