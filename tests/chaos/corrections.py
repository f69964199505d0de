"""People correct what is live, or have it taken down; some of that nobody ever says yes to."""

import random
import threading
from dataclasses import dataclass, field

from tests.chaos.evidence import Asked
from tests.chaos.people import People
from tests.chaos.words import CHANGED, REPLY, text_of

# What each network lets be done.
ACTS = {
    "x": ("edit", "edit", "reply", "take_down"),
    "facebook": ("edit", "edit", "reply", "take_down"),
    "linkedin": ("edit", "reply", "take_down"),
    "pinterest": ("edit", "take_down"),
    "mastodon": ("edit", "reply", "take_down"),
    "bluesky": ("reply", "take_down"),
    "threads": ("reply", "take_down"),
    "instagram": ("reply", "take_down"),
}
NEVER = 0.25  # of them nobody says yes to

# What is live and nobody has begun to correct.
LIVE = """
SELECT publication.id, publication.network, post.title, publication.channel_id
FROM social_publication publication JOIN social_post post ON post.id = publication.post_id
WHERE publication.state = 'published' AND publication.act = 'publish' AND publication.network = ANY(%s)
    AND publication.remote_id <> '' AND NOT publication.id = ANY(%s)
ORDER BY publication.id DESC LIMIT 20
"""


@dataclass
class Corrections:
    """All of a run: at most one of each publication."""

    people: People
    chance: random.Random
    asked: dict[int, Asked] = field(default_factory=dict)
    touched: list[int] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def one(self) -> None:
        """Something that is live, as it comes."""
        with self.lock:
            found = self.people.rows.all(LIVE, list(ACTS), self.touched)
            if not found:
                return
            publication, network, title, _channel = self.chance.choice(found)
            self.touched.append(publication)
            act, yes = self.chance.choice(ACTS[network]), self.chance.random() >= NEVER
        number = int(title.removeprefix("Chaos "))
        text = "" if act == "take_down" else text_of(number, CHANGED, REPLY if act == "reply" else "")
        post = self.people.ask_for(act, publication, text)
        if not post:
            return
        self.asked[post] = Asked(post, act, number, text)

        def said() -> None:
            self.asked[post] = Asked(post, act, number, text, yes=True)

        if yes:
            self.people.approve(post, said)
