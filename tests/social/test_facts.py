"""What approval chains are told of a post: of real versions, and of drafts as they would be submitted now."""

import hashlib
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone, translation

from approvals.subjects import Choices, Facts, of_kind
from social.digest import canonical
from social.models import Channel, Post
from social.networks import NETWORKS
from social.services import (
    cancel_post,
    create_label,
    create_post,
    edit_label,
    edit_post,
    retire_channel,
    submit_post,
    withdraw_post,
)
from social.services.content_rows import VariantPlan
from social.services.facts import facts_of, has_link
from social.services.subject import PostSubject, PostSubjectType
from strategy.services import create_pillar
from tests.social.pictures import stored
from tests.world import World, sandbox


def sorting(world: World) -> dict[str, Any]:
    """Two labels and a pillar for a new post."""
    labels = [create_label(user=world.elena, client=world.winery, name=name) for name in ("Prezzi", "Legale")]
    return {"labels": labels, "pillar": create_pillar(user=world.elena, client=world.winery, name="Vigna")}


def locked(post: Post) -> PostSubject:
    return PostSubjectType().lock(post.pk)


def sha(entry: dict[str, Any]) -> str:
    return hashlib.sha256(canonical(entry)).hexdigest()


def test_the_facts_of_a_version(world: World) -> None:
    at = timezone.now() + timedelta(days=2)
    other, third = sandbox(world.marta, world.winery, "due"), sandbox(world.marta, world.winery, "tre")
    post = world.draft(
        channels=[world.page, other, third],
        variants=[VariantPlan(channel=other, text="Tre euro al calice.")],
        publish_at=at,
        **sorting(world),
    )
    edit_post(user=world.elena, post=post, text="Oggi si vendemmia, al fresco.")
    edit_post(user=world.vito, post=post, text="Oggi si vendemmia al fresco.")
    post = submit_post(user=world.vito, post=post)
    assert post.version is not None
    entries = {entry["channel"]: entry for entry in post.version.content["channels"]}
    assert locked(post).facts() == Facts(
        networks=frozenset({"sandbox"}),
        channels=frozenset({world.page.pk, other.pk, third.pk}),
        labels=frozenset({"Prezzi", "Legale"}),
        pillars=frozenset({"Vigna"}),
        texts=("Oggi si vendemmia al fresco.", "Tre euro al calice."),
        links=False,
        goes_out_at=at,
        time_field="publish_at",
        parts={pk: sha(entry) for pk, entry in entries.items()},
        part_networks=dict.fromkeys(entries, "sandbox"),
        writers=frozenset({world.vito.pk, world.elena.pk}),
    )


def test_a_post_of_nothing_but_words(world: World) -> None:
    facts = locked(world.submitted()).facts()
    assert (facts.labels, facts.pillars, facts.goes_out_at) == (frozenset(), frozenset(), None)
    assert facts.writers == {world.vito.pk}


@pytest.mark.parametrize(
    ("fields", "links"),
    [
        ({"text": "Si prenota su cantinaroero.it, come sempre."}, True),
        ({"text": "https://cantinaroero.it/?a=1"}, True),
        ({"link": "https://cantinaroero.it/"}, True),
        ({"text": "Si vendemmia.Finalmente"}, False),
        ({"text": "Dieci.cinque gradi, e @roero.bsky.social lo sa. #vigna.it"}, False),
        ({"text": "scrivici a ciao@cantinaroero.it"}, False),
    ],
)
def test_a_link_is_what_readers_could_tap(world: World, fields: dict[str, Any], links: bool) -> None:  # noqa: FBT001
    assert locked(world.submitted(**fields)).facts().links is links


def test_a_link_in_one_channel_s_own_text_is_one(world: World) -> None:
    other = sandbox(world.marta, world.winery, "due")
    plan = VariantPlan(channel=other, text="Vai su example.org")
    assert locked(world.submitted(channels=[world.page, other], variants=[plan])).facts().links
    assert has_link("(example.org)")
    assert not has_link("")


def test_a_part_changes_with_its_own_channel_alone(world: World) -> None:
    other = sandbox(world.marta, world.winery, "due")
    post = world.submitted(channels=[world.page, other])
    before = locked(post).facts().parts
    edit_post(user=world.vito, post=post, variants=[VariantPlan(channel=other, text="Altro.")])
    after = locked(submit_post(user=world.vito, post=post)).facts().parts
    assert before.keys() == after.keys()
    assert {pk for pk in before if before[pk] != after[pk]} == {other.pk}
    edit_post(user=world.vito, post=post, media=[stored(world.vito, world.winery)])
    pictured = locked(submit_post(user=world.vito, post=post)).facts().parts
    assert {pk for pk in after if pictured[pk] != after[pk]} == {world.page.pk, other.pk}


def test_the_version_is_told_and_not_what_was_written_meanwhile(world: World) -> None:
    post = withdraw_post(user=world.vito, post=world.submitted(labels=sorting(world)["labels"][:1]))
    before = locked(post).facts()
    edit_post(user=world.marta, post=post, text="Altro.")
    after = locked(post).facts()
    assert (before.texts, after.texts) == (("Oggi si vendemmia.",), ("Altro.",))
    assert before.writers == {world.vito.pk}
    assert after.writers == {world.vito.pk, world.marta.pk}


@pytest.mark.parametrize("channels", [1, 3])
def test_facts_cost_two_queries(world: World, channels: int) -> None:
    more = [sandbox(world.marta, world.winery, f"pagina-{number}") for number in range(channels - 1)]
    post = world.submitted(channels=[world.page, *more], **(sorting(world) if channels > 1 else {}))
    found = Post.objects.select_related("client", "pillar", "version").get(pk=post.pk)
    with CaptureQueriesContext(connection) as asked:
        facts_of(found)
    assert len(asked) == 2


# What a condition may name


def test_the_agency_s_own_chains_name_networks_alone(world: World) -> None:
    sorting(world)
    assert of_kind("post").choices(None) == Choices(networks=[(slug, NETWORKS[slug].name) for slug in sorted(NETWORKS)])


def test_a_client_s_chains_name_its_own_things_the_retired_ones_last(world: World) -> None:
    labels = sorting(world)["labels"]
    create_label(user=world.bruno, client=world.town, name="Fiera")
    edit_label(user=world.elena, label=labels[1], retired=True)
    old = sandbox(world.marta, world.winery, "vecchia")
    Channel.objects.filter(pk=old.pk).update(name="A vecchia")
    retire_channel(user=world.marta, channel=old)
    with translation.override("en"):
        assert of_kind("post").choices(world.winery) == Choices(
            networks=[(slug, NETWORKS[slug].name) for slug in sorted(NETWORKS)],
            channels=[(world.page.pk, "Cantina Roero (prova)"), (old.pk, "A vecchia (retired)")],
            labels=[("Prezzi", "Prezzi"), ("Legale", "Legale (retired)")],
            pillars=[("Vigna", "Vigna")],
        )


# What would happen


def test_the_latest_posts_that_could_be_submitted(world: World) -> None:
    world.approved(title="Quarto")
    approved = world.approved(title="Terzo", text="Sul sito example.org", **sorting(world))
    world.draft(title="Senza canale", channels=[])
    cancel_post(user=world.vito, post=world.draft(title="Annullato"))
    draft = world.draft(title="Secondo", text="Bozza di Vito.")
    edit_post(user=world.elena, post=draft, text="Bozza di Elena.")
    world.submitted(title="Primo")
    create_post(user=world.bruno, client=world.town, title="Fiera", text="x", channels=[world.town_page])
    kind = of_kind("post")
    first, second, third = kind.recent(world.marta, world.winery)
    assert [each.title for each in (first, second, third)] == ["Primo", "Secondo", "Terzo"]
    assert [each.client for each in (first, second, third)] == [world.winery] * 3
    assert [each.author for each in (first, second, third)] == [world.vito, world.elena, world.vito]
    assert third.facts() == locked(approved).facts()
    assert third.facts().links
    assert third.facts().labels == {"Prezzi", "Legale"}
    assert second.facts().texts == ("Bozza di Elena.",)
    assert second.facts().channels == {world.page.pk}
    assert len(second.facts().parts[world.page.pk]) == 64
    assert len(kind.recent(world.marta, world.winery, 10)) == 4
    for stranger in (world.bruno, world.carlo):
        assert kind.recent(stranger, world.winery) == []


@pytest.mark.parametrize("rows", [1, 3])
def test_looking_at_them_costs_the_same_and_locks_nothing(world: World, rows: int) -> None:
    labels = sorting(world)
    for number in range(rows):
        world.draft(title=f"{number}", media=[stored(world.vito, world.winery)], **labels)
    with CaptureQueriesContext(connection) as asked:
        found = of_kind("post").recent(world.ada, world.winery)
        told = [(each.title, each.author.name, each.client.name, each.facts()) for each in found]
    assert (len(told), len(asked)) == (rows, 5)
    assert "FOR UPDATE" not in str(asked.captured_queries)
