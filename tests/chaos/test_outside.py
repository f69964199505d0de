"""What the networks of a run write down of themselves, which the judge then believes."""

from contextlib import suppress

import httpx

from tests.chaos.outside import X
from tests.servers.bad_days import Answer, AnswerLost, Cut, Fault, Slow


def test_a_refresh_token_counts_wherever_it_may_be_used_up() -> None:
    with X() as x:
        meets: list[Fault | None] = [Answer(503), Answer(429), Cut(unread=True), Cut(), AnswerLost(), Slow(0.01), None]
        for number, fault in enumerate(meets):
            x.on("POST /2/oauth2/token", fault)
            form = {"grant_type": "refresh_token", "refresh_token": f"{number}"}
            with suppress(httpx.HTTPError):
                httpx.post(f"{x.url}/2/oauth2/token", data=form, trust_env=False)
        assert x.came == ["3", "4", "5", "6"]


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
