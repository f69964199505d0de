"""The same form sent by two clicks at the same moment, on real threads."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection
from django.test import Client as Browser
from django.urls import reverse

from approvals.models import Review
from social.models import Post, PostState, PostVersion
from tests.browsing import Staff
from tests.world import World

TIMES = 5


@pytest.mark.django_db(transaction=True)
def test_two_clicks_at_once_make_one_post_one_version_one_review() -> None:
    world = World()
    cookies = Staff(world.vito).browser.cookies
    for number in range(TIMES):
        start = Barrier(2)
        data = {
            "token": f"clic-{number}",
            "title": f"{number}",
            "text": "Oggi si vendemmia.",
            "channels": world.page.pk,
            "do": "submit",
        }

        def click(start: Barrier = start, data: dict[str, object] = data) -> int:
            browser = Browser()
            browser.cookies = cookies
            start.wait()
            try:
                return browser.post(reverse("admin:social_post_add"), data, follow=True).status_code
            finally:
                connection.close()

        with ThreadPoolExecutor(2) as pool:
            answers = [pool.submit(click), pool.submit(click)]
            assert [answer.result() for answer in answers] == [200, 200]
        post = Post.objects.get(title=f"{number}")
        assert post.state == PostState.IN_REVIEW
    assert (Post.objects.count(), PostVersion.objects.count(), Review.objects.count()) == (TIMES, TIMES, TIMES)
