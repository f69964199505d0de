"""What is left of a run, gathered for the judge: from the networks, the people and the database."""

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from tests.chaos.evidence import Evidence, Stopped, Wanted
from tests.chaos.people import Said
from tests.chaos.post_office import PostOffice
from tests.chaos.record import Seen

if TYPE_CHECKING:
    from tests.chaos.run import Run


def seen(networks: Sequence[Any]) -> list[Seen]:
    """All that readers could see, anywhere."""
    from social.models import SandboxPost

    own = [
        Seen(row.handle, row.text, 0.0, below=row.below.text if row.below else "")
        for row in SandboxPost.objects.select_related("below").order_by("pk")
    ]
    for network in networks:
        network.settle()
    return own + [one for network in networks for one in list(network.seen)]


def evidence(run: "Run") -> Evidence:
    """All of it; what is only told is added to the run's counts."""
    from dataclasses import replace

    from tests.chaos import scene

    people, networks, asked = run.people, run.networks, run.corrections.asked
    there, copies = seen(networks), scene.copies()
    for state, many in Counter(copy.state for copy in copies).items():
        run.counts[f"copies of newsletters: {state}"] += many
    for status, many in people.answers.items():
        kind = "none, or 5xx" if status[0] in "n5" else f"{status[0]}xx"
        run.counts[f"answers of the web: {kind}"] += many
    for one in asked.values():
        run.counts[f"asked for: {one.act}{'' if one.yes else ', never approved'}"] += 1
    answers: dict[int, list[str]] = {}
    for one in asked.values():
        answers.setdefault(one.number, []).extend([one.text] if one.yes and one.text else [])
    return Evidence(
        seen=there,
        rows=scene.rows(people.clients, run.due),
        wanted={number: _wanted(run, said, answers.get(number, [])) for number, said in people.said.items()},
        stops=[Stopped(s.client, s.after, s.until, s.began, s.ended) for s in people.stops],
        jumps=run.town.jumps,
        timed=frozenset(network.account for network in networks),
        misfits=scene.misfits(),
        wrong_requests=[wrong for network in networks for wrong in network.wrong],
        letters=[letter for network in networks for letter in getattr(network, "letters", ())],
        copies=copies,
        readers={one.account: one.readers for one in networks if isinstance(one, PostOffice)},
        changes=[change for network in networks for change in list(network.changes)],
        asked={post: replace(one, approved_in_the_end=scene.is_approved(post)) for post, one in asked.items()},
        renewed_with=run.tokens.renewed_with(),
    )


def _wanted(run: "Run", said: Said, answers: Sequence[str]) -> Wanted:
    from tests.chaos import scene

    return Wanted(
        number=said.plan.number,
        client=said.plan.client,
        accounts=tuple(run.handles[said.plan.client][number] for number in said.plan.channels),
        approved=frozenset([*said.approved, *answers]),
        last=said.texts[-1],
        changed_after=said.changed_after,
        approved_in_the_end=scene.is_approved(said.post),
    )
