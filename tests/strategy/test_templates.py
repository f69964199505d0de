"""The agency's library: beginnings that its people write, or take from a strategy; and nothing of a client comes along."""

import json
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from accounts.errors import Stale
from audit.models import Event
from clients.models import Client, Membership, Role
from clients.services import edit_client
from strategy import selectors
from strategy.models import Revision, Strategy, Template
from strategy.services import (
    create_strategy,
    create_template,
    edit_template,
    save_as_template,
    share_strategy,
    submit_strategy,
)
from tests.browsing import Staff, words
from tests.rest.caller import Caller, fields
from tests.strategy import documents
from tests.world import World

TONE = {"kind": "tone", "title": "", "body": "- Diamo del tu?", "why": "", "source": "", "horizon": "evergreen"}
# What would tell of the winery, its people, channels, pillars, and of people whom nobody has named to us.
TELLING = (
    "roero",
    "piero",
    "nonna",
    "elena",
    "vito",
    "marta",
    "vigna",
    "visite",
    "vendemmia",
    "sandro",
    "2019",
    "barolo",
)


@pytest.fixture(autouse=True)
def _own_storage(settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path


def of_the_winery(world: World) -> Strategy:
    """A strategy that tells of its client in every way."""
    edit_client(user=world.marta, client=world.winery, watched_names=["Assessora Bianchi"])
    strategy = documents.everything(world)
    documents.section(
        world,
        strategy,
        "audience",
        title="A chi parliamo",
        why="Chi parla a tutti non parla a nessuno. Piero Roero lo dice sempre. Sandro non vuole foto. Nel 2019 abbiamo sbagliato.",
        body="Vendiamo barolo a Torino.\n\n- A chi parliamo davvero?\n- Che cosa direbbe la Assessora Bianchi?\n- Sandro che cosa vuole?",
        source="Intervista a Nonna Roero",
    )
    documents.section(
        world,
        strategy,
        "free",
        title="Le idee di Sandro",
        body="Il Barolo del 2019.",
        why="Elena, Vito e Marta vanno in vigna.",
    )
    strategy.refresh_from_db()
    return strategy


def everything_said(strategy: Strategy) -> str:
    """All that is stored of it, in small letters."""
    rows = [
        list(model.values())
        for model in (
            strategy.sections.all(),
            Revision.objects.filter(section__strategy=strategy),
            strategy.objectives.all(),
            strategy.cadences.all(),
            strategy.occasions.all(),
            strategy.shares.all(),
        )
    ]
    return json.dumps(rows, default=str, ensure_ascii=False).lower()


def test_another_client_s_strategy_comes_without_one_of_its_facts(world: World) -> None:
    Membership.objects.create(client=world.town, user=world.marta, role=Role.EDITOR)
    like = of_the_winery(world)
    made = create_strategy(user=world.marta, client=world.town, like=like, title="Il Comune nel 2027")
    said = everything_said(made)
    assert [word for word in TELLING if word in said] == []
    assert [word for word in TELLING if word not in everything_said(like)] == []  # there was something to come along
    audience = made.sections.get(kind="audience")
    assert (audience.title, audience.why) == ("A chi parliamo", "Chi parla a tutti non parla a nessuno.")
    assert (audience.body, audience.source, audience.owner) == ("- A chi parliamo davvero?", "", None)
    assert made.sections.get(kind="free").title == "Sezione libera"
    for rows in (made.objectives, made.cadences, made.occasions, made.shares):
        assert not rows.exists()


def test_of_the_same_client_all_comes_along(world: World) -> None:
    like = of_the_winery(world)
    made = create_strategy(user=world.vito, client=world.winery, like=like, title="Il 2028")
    assert [row.body for row in made.sections.order_by("position")] == [
        row.body for row in like.sections.order_by("position")
    ]
    assert made.objectives.get().name == "Visite"


def test_one_has_to_see_both_clients_as_their_staff(world: World) -> None:
    like = share_strategy(user=world.vito, strategy=of_the_winery(world))
    new: dict[str, Any] = {"client": world.town, "like": like, "title": "Il Comune"}
    with pytest.raises(Strategy.DoesNotExist):
        create_strategy(user=world.bruno, **new)
    Membership.objects.create(client=world.town, user=world.cliente, role=Role.AUTHOR)
    with pytest.raises(Strategy.DoesNotExist):
        create_strategy(user=world.cliente, **new)
    with pytest.raises(Client.DoesNotExist):
        create_strategy(user=world.vito, **new)
    body = {"client": world.town.pk, "title": "Il Comune", "like": like.pk}
    assert fields(Caller(world.bruno).post("strategies/", body, 400)) == [("like", "does_not_exist")]
    Membership.objects.create(client=world.winery, user=world.bruno, role=Role.AUTHOR)
    made = Caller(world.bruno).post("strategies/", body, 201)
    assert "like" not in made
    assert [one["kind"] for one in made["sections"]] == [
        "tone",
        "objectives",
        "channels",
        "calendar",
        "audience",
        "free",
    ]


def test_a_template_of_a_strategy_is_read_by_everybody_and_tells_nothing(world: World) -> None:
    strategy = of_the_winery(world)
    with pytest.raises(PermissionDenied):
        save_as_template(user=world.vito, strategy=strategy, name="Cantine")
    with pytest.raises(Strategy.DoesNotExist):
        save_as_template(user=world.bruno, strategy=strategy, name="Cantine")
    template = save_as_template(user=world.elena, strategy=strategy, name="Cantine", about="Chi vende vino.")
    said = json.dumps(template.sections, ensure_ascii=False).lower()
    assert [word for word in TELLING if word in said] == []
    assert selectors.templates(world.bruno).get() == template
    assert not selectors.templates(world.cliente).exists()
    made = create_strategy(user=world.bruno, client=world.town, template=template, title="Il Comune nel 2027")
    before = [(row.kind, row.body) for row in made.sections.order_by("position")]
    edit_template(user=world.bruno, template=template, sections=[TONE])
    assert [(row.kind, row.body) for row in made.sections.order_by("position")] == before
    verbs = Event.objects.filter(subject_type="template").order_by("pk").values_list("client_id", "verb", "actor")
    assert list(verbs) == [(None, "template.created", world.elena.pk), (None, "template.edited", world.bruno.pk)]


def test_a_template_changes_no_digest(world: World) -> None:
    template = create_template(user=world.marta, name="Cantine", language="it", kind="year", sections=[TONE])
    documents.chain(world)
    strategy = create_strategy(user=world.vito, client=world.winery, template=template, title="Il 2027")
    version = submit_strategy(user=world.vito, strategy=strategy).version
    assert version is not None
    edit_template(user=world.marta, template=template, sections=[{**TONE, "body": "- Diamo del Lei?"}], retired=True)
    before = version.digest
    version.refresh_from_db()
    assert (version.digest, version.content["sections"][0]["body"]) == (before, "- Diamo del tu?")


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"name": " "}, "name"),
        ({"kind": "decade"}, "kind"),
        ({"language": "tlh"}, "language"),
        ({"sections": []}, "sections"),
        ({"sections": [{**TONE, "kind": "weather"}]}, "sections.0.kind"),
        ({"sections": [TONE, TONE]}, "sections.1.kind"),
        ({"sections": [TONE, {**TONE, "kind": "free", "body": "![Foto](media:1)"}]}, "sections.1.body"),
        ({"sections": [{**TONE, "body": "<script>1</script>"}]}, "sections.0.body"),
    ],
)
def test_what_a_template_can_t_be(world: World, wrong: dict[str, Any], field: str) -> None:
    good: dict[str, Any] = {"name": "Cantine", "language": "it", "kind": "year", "sections": [TONE]}
    with pytest.raises(ValidationError) as error:
        create_template(user=world.marta, **{**good, **wrong})
    assert list(error.value.error_dict) == [field]


def test_a_name_is_there_once_in_a_language_and_nobody_writes_over_another(world: World) -> None:
    good: dict[str, Any] = {"name": "Cantine", "language": "it", "kind": "year", "sections": [TONE]}
    template = create_template(user=world.marta, **good)
    with pytest.raises(ValidationError):
        create_template(user=world.elena, **good)
    create_template(user=world.elena, **{**good, "language": "en"})
    seen = template.updated_at
    edit_template(user=world.elena, template=template, seen=seen, about="Di Elena.")
    with pytest.raises(Stale):
        edit_template(user=world.marta, template=template, seen=seen, about="Di Marta.")
    template.refresh_from_db()
    assert template.about == "Di Elena."


def test_the_library_as_programs_have_it(world: World) -> None:
    body = {
        "name": "Cantine",
        "language": "it",
        "kind": "year",
        "sections": [{"kind": "tone", "body": "- Diamo del tu?"}],
    }
    for who, expect in ((world.cliente, 403), (world.carlo, 403), (world.vito, 403)):
        Caller(who).post("templates/", body, expect)
    Caller(None).get("templates/", expect=401)
    made = Caller(world.elena).post("templates/", body, 201)
    assert made["sections"] == [TONE]
    address = f"templates/{made['id']}/"
    assert Caller(world.bruno).get(address) == made
    for who in (world.cliente, world.carlo):
        assert Caller(who).get("templates/")["results"] == []
        Caller(who).get(address, expect=404)
    assert fields(Caller(world.elena).post("templates/", body, 400)) == [("name", "unique")]
    assert Caller(world.elena).patch(address, {"retired": True})["retired"] is True
    assert Caller(world.elena).get("templates/?retired=false")["results"] == []
    begun = {"client": world.winery.pk, "title": "Il 2027", "template": made["id"]}
    assert fields(Caller(world.vito).post("strategies/", begun, 400)) == [("template", "does_not_exist")]
    Caller(world.elena).patch(address, {"retired": False})
    assert [one["body"] for one in Caller(world.vito).post("strategies/", begun, 201)["sections"]] == [
        "- Diamo del tu?"
    ]


def sent(template: Template | None = None, **more: Any) -> dict[str, str]:
    """The form with one section."""
    typed = {"name": "Cantine", "language": "it", "kind": "year", "about": "Chi vende vino.", "do": "save"}
    typed |= {"sections-TOTAL_FORMS": "1", "sections-INITIAL_FORMS": "0"}
    typed |= {f"sections-0-{name}": value for name, value in TONE.items()}
    if template:
        typed["seen"] = template.updated_at.isoformat()
    return {**typed, **more}


def test_the_pages_of_the_library(world: World) -> None:
    world.elena.language = "en"
    world.elena.save(update_fields=["language"])
    elena = Staff(world.elena)
    assert "Begin with one that comes with Filo" in words(elena.open("strategy_template_add"))
    begun = elena.open("strategy_template_add", query="?start=shop.en")
    assert begun.content.decode().count("<fieldset") == 11
    assert elena.open("strategy_template_add", query="?start=bank.tlh").status_code == 404
    wrong = elena.send(
        "strategy_template_add", data={**sent(about="Di chi è?"), "sections-0-body": "<script>1</script>"}
    )
    assert "In a section below something has to change." in words(wrong)
    assert "Di chi è?" in words(wrong)
    longer = elena.send("strategy_template_add", data=sent(do="add"))
    assert (longer.content.decode().count("<fieldset"), Template.objects.count()) == (2, 0)
    assert "- Diamo del tu?" in words(longer)
    elena.send("strategy_template_add", data=sent())
    template = Template.objects.get()
    assert (template.name, template.sections) == ("Cantine", [TONE])
    edit_template(user=world.marta, template=template, about="Di Marta.")
    late = elena.send("strategy_template_change", template.pk, data=sent(template, about="Di Elena."))
    assert "Somebody else has changed this template since you read it." in words(late)
    template.refresh_from_db()
    assert template.about == "Di Marta."
    elena.send("strategy_template_retire", template.pk)
    assert "Nothing is begun from it any more." in words(elena.open("strategy_template_change", template.pk))
    elena.send("strategy_template_take_up", template.pk)
    vito = Staff(world.vito)
    assert "Cantine" in words(vito.open("strategy_template_changelist"))
    assert vito.open("strategy_template_add").status_code == 403
    assert vito.send("strategy_template_change", template.pk, data=sent(template)).status_code == 403
    assert vito.send("strategy_template_retire", template.pk).status_code == 403


def test_a_strategy_is_kept_as_a_template_once_somebody_has_looked(world: World) -> None:
    strategy = of_the_winery(world)
    page = Staff(world.elena).open("strategy_strategy_template", strategy.pk)
    shown = page.content.decode()
    shown = shown[shown.index('name="sections-0-body"') :].lower()
    assert "a chi parliamo davvero?" in shown
    assert [word for word in TELLING if word in shown.replace(strategy.title.lower(), "")] == []
    Staff(world.elena).send("strategy_strategy_template", strategy.pk, data=sent())
    assert Template.objects.get().sections == [TONE]
    assert Staff(world.vito).open("strategy_strategy_template", strategy.pk).status_code == 403
    assert Staff(world.bruno).open("strategy_strategy_template", strategy.pk).status_code == 404
