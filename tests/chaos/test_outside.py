"""What the networks of a run write down of themselves, which the judge then believes."""

from contextlib import suppress

import httpx
import pytest

from tests.chaos.outside import LinkedIn, Pinterest, X
from tests.chaos.renewing import Renews
from tests.servers.bad_days import Answer, AnswerLost, Cut, Fault, Slow


@pytest.mark.parametrize(
    ("kind", "came"), [(X, ["3", "4", "5", "6"]), (Pinterest, ["3", "4", "5", "6"]), (LinkedIn, [])]
)
def test_a_refresh_token_counts_wherever_it_may_be_used_up(kind: type[Renews], came: list[str]) -> None:
    with kind() as network:
        meets: list[Fault | None] = [Answer(503), Answer(429), Cut(unread=True), Cut(), AnswerLost(), Slow(0.01), None]
        for number, fault in enumerate(meets):
            network.on(network.renewal, fault)
            form = {"grant_type": "refresh_token", "refresh_token": f"{number}"}
            with suppress(httpx.HTTPError):
                httpx.post(network.url + network.renewal.removeprefix("POST "), data=form, trust_env=False)
        assert network.came == came


def test_a_thread_a_change_and_its_end_are_written_down() -> None:
    with X() as x:

        def send(**body: object) -> str:
            answer = httpx.post(f"{x.url}/2/tweets", json=body, headers=known, trust_env=False)
            return str(answer.json()["data"]["id"])

        known = {"Authorization": f"Bearer {x.token}"}
        first = send(text="One")
        send(text="Two", reply={"in_reply_to_tweet_id": first})
        edited = send(text="Uno", edit_options={"previous_post_id": first})
        httpx.delete(f"{x.url}/2/tweets/{edited}", headers=known, trust_env=False)
        assert [(one.text, one.below) for one in x.seen] == [("One", ""), ("Two", "One")]
        assert [(one.before, one.after) for one in x.changes] == [("One", "Uno"), ("Uno", "")]
