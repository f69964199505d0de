"""The people of the sample agency before a browser: each at a desk of their own, or with a phone and the link in a mail."""

import datetime as dt
import re
from collections.abc import Sequence

from playwright.sync_api import Browser, Page, ViewportSize, expect

from tests.browser import take
from tests.e2e.agency import Agency
from tests.e2e.pictures import picture

PHONE: ViewportSize = {"width": 360, "height": 740}
DESK: ViewportSize = {"width": 1280, "height": 900}
APPROVE = "button[name=do][value=approve]"
CHANGES = "button[name=do][value=request_changes]"


class Cast:
    """Whoever takes part; ``pictures`` says what their screenshots are called."""

    def __init__(self, agency: Agency, browser: Browser, pictures: str) -> None:
        self.agency, self.browser, self.pictures = agency, browser, pictures
        self.desks: dict[str, Page] = {}

    def take(self, page: Page, name: str) -> None:
        """A picture, for whoever looks at the run afterwards."""
        take(page, f"{self.pictures}, {name}")

    def desk(self, who: str) -> Page:
        """This colleague's, signed in with the password that the first start printed."""
        if who not in self.desks:
            page = self.browser.new_context(viewport=DESK, locale="it-IT").new_page()
            page.goto(f"{self.agency.url}/accounts/login/")
            page.fill("[name=login]", f"{who}@filo.example")
            page.fill("[name=password]", self.agency.password)
            page.press("[name=password]", "Enter")
            page.wait_for_url(f"{self.agency.url}/admin/**")
            self.desks[who] = page
        return self.desks[who]

    def write(self, who: str, client: int, title: str, text: str, channels: Sequence[int], label: str = "") -> int:
        """Somebody writes a post for next week and asks for its approval; the post's number."""
        page, day = self.desk(who), dt.datetime.now(dt.UTC).date() + dt.timedelta(days=9)
        page.goto(f"{self.agency.url}/admin/social/post/add/?client={client}")
        page.fill("[name=title]", title)
        page.fill("[name=text]", text)
        for channel in channels:
            page.check(f"[name=channels][value='{channel}']")
        if label:
            page.get_by_label(label, exact=True).check()
        page.fill("[name=day]", f"{day:%Y-%m-%d}")
        page.fill("[name=time]", "10:00")
        page.click("button[name=do][value=submit]:visible")
        page.wait_for_url("**/admin/social/post/*/")
        return int(page.url.rstrip("/").split("/")[-1])

    def at_the_desk(self, who: str, review: int) -> Page:
        """The page of the review, at this colleague's desk."""
        page = self.desk(who)
        page.goto(f"{self.agency.url}/admin/approvals/review/{review}/")
        return page

    def approves(self, who: str, review: int) -> None:
        """A colleague approves at their desk."""
        page = self.at_the_desk(who, review)
        page.click(APPROVE)
        expect(page.locator(APPROVE)).to_have_count(0)

    def opens(self, who: str, title: str) -> Page:
        """One of the client's people opens the link in their mail on a phone, without an account, without JavaScript."""
        context = self.browser.new_context(viewport=PHONE, java_script_enabled=False, locale="it-IT")
        page = context.new_page()
        page.goto(self.agency.url + self.agency.link_in_mail(who, title))
        expect(page.get_by_text(title).first).to_be_visible()
        expect(page.locator(APPROVE)).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
        return page

    def says_yes(self, who: str, title: str, *, code: bool = False) -> None:
        """They look at it and approve; where the client wants that, with the code that comes by mail."""
        page = self.opens(who, title)
        self.take(page, f"asked of {who.partition('@')[0]}")
        page.click(APPROVE)
        if code:
            expect(page.locator("[name=code]")).to_be_visible()
            self.take(page, f"code of {who.partition('@')[0]}")
            page.fill("[name=code]", self.agency.code_in_mail(who, title))
            page.click(APPROVE)
        expect(page.locator(APPROVE)).to_have_count(0)
        self.take(page, f"approved by {who.partition('@')[0]}")
        page.context.close()

    def many(self, who: str, titles: Sequence[str]) -> None:
        """They sign in and approve all of these on one page."""
        page = self.browser.new_context(viewport=PHONE, java_script_enabled=False, locale="it-IT").new_page()
        page.goto(self.agency.login_link(who))
        page.goto(f"{self.agency.url}/approve/")
        for title in titles:
            card = page.locator("section.card").filter(has_text=title)
            card.locator("[name=seen]").check()
        self.take(page, f"several at once, {who.partition('@')[0]}")
        if len(titles) > 1:
            page.set_viewport_size({"width": PHONE["width"], "height": 1200})
            picture(page, "several-at-once")
        page.click("button[form=many]")
        for title in titles:
            expect(page.locator("li").filter(has_text=title).locator(".tone-good")).to_have_count(1)
        self.take(page, f"several at once, how it ended for {who.partition('@')[0]}")
        page.context.close()


def step(page: Page, position: int, name: str) -> str:
    """What the staff's page of a review says of this step."""
    found = page.locator(".filo-steps > li").nth(position - 1)
    expect(found).to_contain_text(re.compile(rf"{position}\. {re.escape(name)}"))
    return str(found.inner_text())
