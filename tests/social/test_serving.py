"""What a post is for: named by who writes, read by who approves, kept by what is taken out since, and no part of what goes out."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError, transaction
from django.test import Client as Browser
from django.utils import timezone, translation

from audit.models import Event
from clients.months import month_at
from social.models import Post, PostState
from social.serves import serves
from social.services import create_recurrence, duplicate_post, edit_post
from social.services.recurring import make
from strategy.models import Objective
from strategy.services import (
    add_objective,
    close_strategy,
    create_strategy,
    edit_objective,
    edit_pillar,
    edit_strategy,
    remove_objective,
    remove_occasion,
    share_strategy,
    submit_strategy,
)
from tests.browsing import Staff, words
from tests.rest.caller import Caller, fields
from tests.social.pictures import stored
from tests.strategy import documents
from tests.strategy.plans import Plan, planned
from tests.world import World, review_of


@pytest.fixture
def plan(world: World) -> Plan:
    return planned(world)


def serving(post: Post) -> tuple[int | None, int | None, int | None]:
    post.refresh_from_db()
    return post.pillar_id, post.objective_id, post.occasion_id


def all_of(plan: Plan) -> dict[str, Any]:
    return {"pillar": plan.vines, "objective": plan.bookings, "occasion": plan.harvest}


def refused(world: World, **given: Any) -> tuple[str, str]:
    with pytest.raises(ValidationError) as error:
        world.draft(**given)
    [(name, [found])] = error.value.error_dict.items()
    return name, str(found.code)


def test_a_post_names_what_it_serves_and_the_evidence_says_so(world: World, plan: Plan) -> None:
    post = world.draft(**all_of(plan))
    assert serving(post) == (plan.vines.pk, plan.bookings.pk, plan.harvest.pk)
    told = Event.objects.get(verb="post.created").data
    assert (told["pillar"], told["objective"], told["occasion"]) == ("Vigna", "Visite", "Vendemmia")
    edit_post(user=world.vito, post=post, objective=None)
    assert serving(post) == (plan.vines.pk, None, plan.harvest.pk)
    told = Event.objects.filter(verb="post.edited").latest("pk").data
    assert (told["objective"], told["occasion"], "pillar" in told) == (None, "Vendemmia", False)


def test_only_what_stands_in_a_strategy_of_its_own_client_that_is_not_over(world: World, plan: Plan) -> None:
    foreign = create_strategy(user=world.bruno, client=world.town, title="Il borgo")
    soon = documents.today() + timedelta(days=9)
    aim: dict[str, Any] = {"name": "Turisti", "measure": "Notti", "target": Decimal(9), "due_on": soon}
    theirs = add_objective(user=world.bruno, strategy=foreign, **aim)
    assert refused(world, objective=theirs) == ("objective", "does_not_exist")
    with pytest.raises(DatabaseError, match="nothing of another client"), transaction.atomic():
        Post.objects.filter(pk=world.draft().pk).update(objective=theirs)
    remove_occasion(user=world.vito, occasion=plan.harvest)
    plan.harvest.refresh_from_db()
    assert refused(world, occasion=plan.harvest) == ("occasion", "retired")
    close_strategy(user=world.marta, strategy=plan.strategy)
    over = Objective.objects.get(pk=plan.bookings.pk)
    assert refused(world, objective=over) == ("objective", "over")


def test_what_is_taken_out_stays_named_where_it_is_served(world: World, plan: Plan) -> None:
    post = world.draft(**all_of(plan))
    remove_objective(user=world.vito, objective=plan.bookings)
    remove_occasion(user=world.vito, occasion=plan.harvest)
    edit_pillar(user=world.marta, pillar=plan.vines, retired=True)
    post.refresh_from_db()
    edit_post(user=world.vito, post=post, text="Altro.", **{name: getattr(post, name) for name in all_of(plan)})
    assert serving(post) == (plan.vines.pk, plan.bookings.pk, plan.harvest.pk)
    page = words(Staff(world.vito).open("social_post_page", post.pk))
    assert "filone Vigna (dismesso) · obiettivo Visite (non più in strategia) (traguardo 120 visite entro il" in page
    # A copy begins with what can still be served; of the pillar it depends who is asked.
    copy = duplicate_post(user=world.vito, post=post)
    assert serving(copy) == (plan.vines.pk, None, None)


def test_a_series_goes_on_serving(world: World, plan: Plan) -> None:
    pattern = world.draft(**all_of(plan))
    begins = (timezone.now() + timedelta(days=1)).replace(second=0, microsecond=0)
    series = create_recurrence(user=world.vito, pattern=pattern, rule="FREQ=DAILY;COUNT=2", starts_at=begins)
    assert make(recurrence_id=series.pk) == 2
    made = Post.objects.filter(occurrence__recurrence=series)
    assert [serving(post) for post in made] == [(plan.vines.pk, plan.bookings.pk, plan.harvest.pk)] * 2


def test_it_does_not_go_out_so_an_approval_stands_but_for_the_pillar(world: World, plan: Plan) -> None:
    post = world.approved(publish_at=timezone.now() + timedelta(days=1))
    digest = review_of(post).digest
    edit_post(user=world.vito, post=post, objective=plan.bookings, occasion=plan.harvest)
    post.refresh_from_db()
    assert (post.state, review_of(post).digest) == (PostState.SCHEDULED, digest)
    edit_post(user=world.vito, post=post, pillar=plan.vines)  # by it chains know whom to ask
    post.refresh_from_db()
    assert post.state == PostState.DRAFT


def test_programs_write_read_and_filter_it(world: World, plan: Plan) -> None:
    vito = Caller(world.vito)
    body = {"client": world.winery.pk, "text": "Vino.", "channels": [world.page.pk]}
    aims = {"objective": plan.bookings.pk, "occasion": plan.harvest.pk}
    made = vito.post("posts/", {**body, **aims})
    world.draft()
    assert {name: made[name] for name in aims} == aims
    for name, pk in aims.items():
        assert [row["id"] for row in vito.get("posts/", **{name: pk})["results"]] == [made["id"]]
    assert fields(vito.post("posts/", {**body, "objective": 10**6}, 400))[0][0] == "objective"
    # The client's people read what it serves only of a strategy that they know.
    hidden = planned_beside(world)
    post = world.approved(objective=hidden)
    assert Caller(world.nonna).get(f"posts/{post.pk}/")["objective"] is None
    assert vito.get(f"posts/{post.pk}/")["objective"] == hidden.pk
    Caller(world.nonna).get("posts/", 400, objective=hidden.pk)
    share_strategy(user=world.vito, strategy=hidden.strategy)
    assert Caller(world.nonna).get(f"posts/{post.pk}/")["objective"] == hidden.pk


def planned_beside(world: World) -> Any:
    """An objective of a strategy that the client knows nothing of."""
    secret = documents.draft(world, shared=False, title="Sottovoce")
    soon = documents.today() + timedelta(days=30)
    aim: dict[str, Any] = {"name": "Zitti", "measure": "Clic", "target": Decimal("7.5"), "due_on": soon}
    return add_objective(user=world.vito, strategy=secret, **aim)


def test_whoever_approves_reads_one_line_of_it(world: World, plan: Plan) -> None:
    post = world.approved(**all_of(plan))
    review = review_of(post)
    line = "Serve: filone Vigna · obiettivo Visite (proposto: traguardo 120 visite entro il"
    assert line in words(Staff(world.elena).open("approvals_review_page", review.pk))
    portal = Browser()
    portal.force_login(world.cliente)
    assert line in words(portal.get(f"/reviews/{review.pk}/"))
    # What stands in no strategy that they know is the agency's own.
    edit_post(user=world.vito, post=post, objective=planned_beside(world))
    page = words(portal.get(f"/reviews/{review.pk}/"))
    assert "Zitti" not in page
    assert "Serve: filone Vigna · ricorrenza Vendemmia (proposta: " in page
    assert "Zitti" in words(Staff(world.elena).open("approvals_review_page", review.pk))


def test_the_line_tells_what_was_agreed_and_not_what_a_draft_says_since(world: World, plan: Plan) -> None:
    documents.chain(world)
    submit_strategy(user=world.vito, strategy=plan.strategy)
    documents.say(plan.strategy, world.elena)
    documents.say(plan.strategy, world.cliente)
    edit_objective(user=world.vito, objective=plan.bookings, name="Ospiti", target=Decimal(999))
    remove_occasion(user=world.vito, occasion=plan.harvest)
    later = plan.bookings.due_on + timedelta(days=1)
    aim: dict[str, Any] = {"measure": "Clic", "target": Decimal(5), "due_on": later}
    added = add_objective(user=world.vito, strategy=plan.strategy, name="Vendite", **aim)
    post = world.draft(pillar=plan.vines, objective=plan.bookings)
    Post.objects.filter(pk=post.pk).update(occasion=plan.harvest)  # it was given before
    with translation.override("it"):
        line = str(serves(world.vito, Post.objects.get(pk=post.pk), inside=True))
        assert line.startswith("Serve: filone Vigna · obiettivo Visite (traguardo 120 visite entro il")
        assert "· ricorrenza Vendemmia (" in line
        edit_post(user=world.vito, post=post, objective=added, occasion=None)
        post.refresh_from_db()
        assert "obiettivo Vendite (proposto: traguardo 5 entro il" in str(serves(world.vito, post, inside=True))


def test_the_composer_says_why_and_how_it_is_to_sound(world: World, settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path
    plan = planned(world)
    tone, photo = plan.strategy.sections.get(kind="tone"), stored(world.vito, world.winery)
    documents.save(world.vito, tone, body=f"{documents.TONE}\n\n![Vigne](media:{photo.pk})")
    documents.chain(world)
    assert "Parliamo piano" not in words(Staff(world.vito).open("social_post_add", query=f"?client={world.winery.pk}"))
    submit_strategy(user=world.vito, strategy=plan.strategy)
    documents.say(plan.strategy, world.elena)
    documents.say(plan.strategy, world.cliente)
    # What was agreed holds, whatever a draft says since of when it ends.
    edit_strategy(user=world.vito, strategy=plan.strategy, starts_on=date(2020, 1, 1), ends_on=date(2020, 12, 31))
    vito = Staff(world.vito)
    answer = vito.open("social_post_add", query=f"?client={world.winery.pk}")
    assert f'<img src="/media/{photo.pk}/" alt="Vigne"' in answer.content.decode()
    page = words(answer)
    assert "Tono · La cantina nel 2027 Chi compra vino compra fiducia. Parliamo piano." in page
    assert "Il vino comincia lì." not in page
    chosen = {"pillar": plan.vines.pk, "objective": plan.bookings.pk, "occasion": plan.harvest.pk}
    typed = {"client": world.winery.pk, "text": "Vino.", "channels": [world.page.pk], **chosen}
    told = words(vito.send("social_post_preview", world.winery.pk, data=typed))
    assert "Perché Vigna Il vino comincia lì." in told
    assert "Visite: si misura con Prenotazioni dal sito" in told
    assert "Vendemmia Tutti in vigna." in told
    edit_objective(user=world.vito, objective=plan.bookings, measure="A occhio")
    told = words(vito.send("social_post_preview", world.winery.pk, data=typed))
    assert "Visite: si misura con Prenotazioni dal sito" in told
    vito.send("social_post_add", query=f"?client={world.winery.pk}", data={**typed, "do": "save", "token": "uno"})
    post = Post.objects.get()
    assert serving(post) == tuple(chosen.values())
    page = vito.open("social_post_change", post.pk)
    assert f'<option value="{plan.bookings.pk}" selected>Visite · La cantina nel 2027</option>' in page.content.decode()


def test_lists_and_the_month_are_narrowed_to_it(world: World, plan: Plan) -> None:
    at = month_at(world.winery, timezone.now()).next.begins + timedelta(days=3)
    world.draft(title="Serve", publish_at=at, **all_of(plan))
    world.draft(title="Gira", publish_at=at)
    vito, month = Staff(world.vito), f"{at:%Y-%m}"
    for name, row in all_of(plan).items():
        listed = words(vito.open("social_post_changelist", query=f"?{name}={row.pk}"))
        shown = words(vito.open("social_calendar", world.winery.pk, query=f"?month={month}&{name}={row.pk}"))
        told = Caller(world.vito).get(f"clients/{world.winery.pk}/calendar/", month=month, **{name: row.pk})
        assert ("Serve" in listed, "Gira" in listed) == (True, False)
        assert ("Serve" in shown, "Gira" in shown) == (True, False)
        assert [entry["title"] for entry in told["entries"]] == ["Serve"]
    assert vito.open("social_calendar", world.winery.pk, query="?pillar=9999").status_code == 404
    wrong = Caller(world.vito).get(f"clients/{world.winery.pk}/calendar/", 400, objective="x")
    assert fields(wrong)[0][0] == "objective"
