"""A client's person names who decides while they are away, and ends it."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.test import Client as Browser
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from approvals.models import Deputy, Verdict, Via
from approvals.services import decide, end_deputy, name_deputy
from audit.models import Event
from clients.models import Client, Membership, Role
from notifications.models import Notification
from tests.browsing import words
from tests.portal.reaching import asked, row_counts
from tests.world import World, person, review_of

LIST = "/deputies/"


@pytest.fixture
def rosa(world: World) -> User:
    """Piero's colleague, who decides for the winery too."""
    for user in (world.cliente, world.marta, world.elena):
        User.objects.filter(pk=user.pk).update(language="en")
        user.refresh_from_db()
    rosa = person("rosa", "Rosa Roero", language="en")
    Membership.objects.create(client=world.winery, user=rosa, role=Role.APPROVER)
    return rosa


def new(client: Client) -> str:
    return f"{LIST}new/{client.pk}/"


def today(user: User) -> date:
    return timezone.now().astimezone(ZoneInfo(user.timezone)).date()


def typed(principal: User, deputy: User, start: int = 0, days: int = 3) -> dict[str, object]:
    first = today(principal) + timedelta(days=start)
    return {"deputy": deputy.pk, "from_at": first.isoformat(), "until": (first + timedelta(days=days)).isoformat()}


def named(world: World, principal: User, deputy: User, start: int = 0) -> Deputy:
    now = timezone.now() + timedelta(days=start)
    away = {"from_at": now, "until": now + timedelta(days=2)}
    return name_deputy(user=principal, client=world.winery, principal=principal, deputy=deputy, **away)


def signed(user: User) -> Browser:
    browser = Browser()
    browser.force_login(user)
    return browser


def test_from_ones_own_page_to_a_deputy_who_decides(world: World, rosa: User) -> None:
    User.objects.filter(pk=world.cliente.pk).update(timezone="America/New_York")
    world.cliente.refresh_from_db()
    piero = signed(world.cliente)
    assert f'href="{LIST}"' in piero.get("/settings/").content.decode()
    assert f'href="{new(world.winery)}"' in piero.get(LIST).content.decode()
    page = piero.get(new(world.winery))
    assert "Both days count whole, on your clock: New York time." in words(page)
    assert 'class="band-name"><span>Cantina Roero<' in page.content.decode()
    answer = piero.post(new(world.winery), typed(world.cliente, rosa))
    assert (answer.status_code, answer["Location"]) == (302, LIST + "?named")

    deputy = Deputy.objects.get()
    zone = ZoneInfo("America/New_York")
    first, until = deputy.from_at.astimezone(zone), deputy.until.astimezone(zone)
    assert (deputy.client, deputy.principal, deputy.deputy) == (world.winery, world.cliente, rosa)
    assert deputy.named_by == world.cliente
    assert (first.date(), first.time(), until.date() - first.date(), until.time()) == (
        today(world.cliente),
        datetime.min.time(),
        timedelta(days=4),
        datetime.min.time(),
    )
    assert Notification.objects.get(kind="deputy").user == rosa
    assert Event.objects.get(verb="deputy.named").actor == world.cliente

    post = asked(world)
    review = review_of(post)
    assert f"/reviews/{review.pk}/" in signed(rosa).get("/").content.decode()
    decide(review=review, user=rosa, digest=review.digest, verdict=Verdict.APPROVE, via=Via.PORTAL)


def test_the_list_says_who_from_when_and_what_is_over_is_gone(world: World, rosa: User) -> None:
    zone = ZoneInfo(world.cliente.timezone)
    midnight = datetime.combine(today(world.cliente), datetime.min.time(), zone)
    far = {"from_at": midnight + timedelta(days=400), "until": midnight + timedelta(days=401)}
    name_deputy(user=world.cliente, client=world.winery, principal=world.cliente, deputy=rosa, **far)
    named(world, rosa, world.cliente)
    over = named(world, rosa, world.cliente, start=30)
    end_deputy(user=rosa, deputy=over)

    page = signed(world.cliente).get(LIST)
    assert page.content.decode().count("/end/") == 2
    said = words(page)
    assert "You stand in for Rosa Roero. From" in said  # to the minute, since no whole days were meant
    assert said.index("✓ Stands in now") < said.index("◷ To come")
    day = midnight + timedelta(days=400)
    assert f"Rosa Roero stands in for you. On {day:%A} {day.day} {day:%B %Y}." in said
    assert "Rosa Roero stands in for you." not in words(signed(rosa).get(LIST))
    assert "You stand in for Piero Roero." in words(signed(rosa).get(LIST))


def test_only_ones_own_side_is_offered(world: World, rosa: User) -> None:
    def offered(user: User) -> list[str]:
        page = signed(user).get(new(world.winery))
        return [str(found) for found in page.context["form"].fields["deputy"].queryset]

    assert offered(world.cliente) == ["Rosa Roero"]
    assert sorted(offered(world.elena)) == ["Ada Conti", "Marta Gallo", "Vito Serra"]
    assert sorted(offered(world.ada)) == ["Elena Riva", "Marta Gallo", "Vito Serra"]
    Membership.objects.create(client=world.winery, user=world.ada, role=Role.APPROVER)  # staff all the same
    assert offered(world.cliente) == ["Rosa Roero"]
    for stranger in (world.elena, world.nonna, world.sindaco, world.cliente):
        answer = signed(world.cliente).post(new(world.winery), typed(world.cliente, stranger))
        assert (answer.status_code, list(answer.context["form"].errors)) == (400, ["deputy"])
    assert not Deputy.objects.exists()


def test_who_has_nobody_beside_them_is_told_what_to_do(world: World) -> None:
    User.objects.filter(pk=world.cliente.pk).update(language="en")
    page = signed(world.cliente).get(new(world.winery))
    assert "Nobody else of your side decides for Cantina Roero. Ask the agency" in words(page)
    assert "<form" not in page.content.decode()


@pytest.mark.parametrize(
    ("changed", "field", "said"),
    [
        ({"from_at": ""}, "from_at", "This field is required."),
        ({"deputy": ""}, "deputy", "This field is required."),
        ({"until": "2001-01-01"}, "until", "It ends before it begins."),
        ({"from_at": "2001-01-01", "until": "2001-01-02"}, "until", "This time has passed."),
        ({"until": "8999-12-31"}, "until", "A year at most. Whoever is away for longer is better replaced."),
        ({"until": "9999-12-31"}, "until", "Look at the year: this day can’t be meant."),
        ({"from_at": "0001-01-01"}, "from_at", "Look at the year: this day can’t be meant."),
        ({"from_at": "domani"}, "from_at", "Enter a valid date."),
    ],
)
def test_what_cannot_be_stands_beside_its_field_and_nothing_typed_is_lost(
    world: World, rosa: User, changed: dict[str, str], field: str, said: str
) -> None:
    sent = {**typed(world.cliente, rosa), **changed}
    before = row_counts()
    answer = signed(world.cliente).post(new(world.winery), sent)
    form = answer.context["form"]
    assert answer.status_code == 400
    assert {name: list(errors) for name, errors in form.errors.items()} == {field: [said]}
    html = answer.content.decode()
    for name in ("from_at", "until"):
        assert not sent[name] or f'name="{name}" value="{sent[name]}"' in html
    assert not sent["deputy"] or f'<option value="{rosa.pk}" selected>' in html
    assert 'aria-invalid="true"' in html
    assert row_counts() == {**before, "sessions.Session": before["sessions.Session"] + 1}


def test_one_at_a_time_and_a_deputy_has_no_deputy(world: World, rosa: User) -> None:
    named(world, world.cliente, rosa)
    answer = signed(world.cliente).post(new(world.winery), typed(world.cliente, rosa, start=1))
    assert dict(answer.context["form"].errors) == {"from_at": ["Piero Roero has a deputy in this time already."]}
    gino = person("gino", "Gino Roero", language="en")
    Membership.objects.create(client=world.winery, user=gino, role=Role.APPROVER)
    answer = signed(gino).post(new(world.winery), typed(gino, world.cliente))
    assert list(answer.context["form"].errors) == ["deputy"]
    answer = signed(rosa).post(new(world.winery), typed(rosa, gino))  # of nothing on the page: above the form
    assert "Rosa Roero stands in for somebody else in this time" in words(answer)
    assert Deputy.objects.count() == 1


@pytest.mark.parametrize("ender", ["cliente", "rosa"])
def test_either_of_the_two_ends_it_after_asking_once_more(world: World, rosa: User, ender: str) -> None:
    deputy = named(world, world.cliente, rosa)
    browser = signed(rosa if ender == "rosa" else world.cliente)
    path = f"{LIST}{deputy.pk}/end/"
    assert f'href="{path}"' in browser.get(LIST).content.decode()
    before = row_counts()
    page = browser.get(path)
    assert browser.head(path).status_code == 200
    assert row_counts() == before
    assert 'class="band-name"><span>Cantina Roero<' in page.content.decode()
    assert "From this moment on that is over." in words(page)
    for _tap in range(2):  # a thumb that trembles ends it once, and hears no complaint
        answer = browser.post(path)
        assert (answer.status_code, answer["Location"]) == (302, LIST + "?ended")
    deputy.refresh_from_db()
    assert deputy.cancelled_by_id == (rosa if ender == "rosa" else world.cliente).pk
    assert Event.objects.filter(verb="deputy.ended").count() == 1
    assert "Nobody stands in for you, and you stand in for nobody." in words(browser.get(LIST))
    assert browser.get(path)["Location"] == LIST


def test_what_another_has_ended_says_so(world: World, rosa: User) -> None:
    deputy = named(world, world.cliente, rosa)
    end_deputy(user=rosa, deputy=deputy)
    answer = signed(world.cliente).post(f"{LIST}{deputy.pk}/end/")
    assert answer.status_code == 409
    assert "! This is over already." in words(answer)


def test_others_deputies_and_clients_do_not_exist(world: World, rosa: User) -> None:
    deputy = named(world, world.cliente, rosa)
    for stranger in (world.sindaco, world.bruno, world.carlo, world.nonna, world.elena, world.marta):
        browser = signed(stranger)
        before = row_counts()
        assert "Rosa Roero" not in browser.get(LIST).content.decode()
        assert browser.get(f"{LIST}{deputy.pk}/end/").status_code == 404
        assert browser.post(f"{LIST}{deputy.pk}/end/").status_code == 404
        assert row_counts() == before
    for stranger in (world.sindaco, world.bruno, world.carlo):
        for method in ("get", "post"):
            assert getattr(signed(stranger), method)(new(world.winery)).status_code == 404
    assert signed(world.cliente).get(new(world.town)).status_code == 404
    assert signed(world.cliente).get(f"{LIST}99999999999999999999/end/").status_code == 404
    assert Browser().get(LIST)["Location"] == f"/accounts/login/?next={LIST}"


def test_who_only_looks_on_names_nobody(world: World, rosa: User) -> None:
    nonna = signed(world.nonna)
    assert LIST not in nonna.get("/settings/").content.decode()
    assert "/new/" not in nonna.get(LIST).content.decode()
    assert nonna.get(new(world.winery)).status_code == 403
    assert nonna.post(new(world.winery), typed(world.nonna, rosa)).status_code == 403
    assert not Deputy.objects.exists()


def test_staff_do_it_here_too(world: World) -> None:
    answer = signed(world.elena).post(new(world.winery), typed(world.elena, world.marta))
    assert answer["Location"] == LIST + "?named"
    assert Deputy.objects.get().deputy == world.marta
    assert "/end/" not in signed(world.ada).get(LIST).content.decode()  # others' are on the agency's desk


@pytest.mark.parametrize("rows", [1, 3])
def test_the_list_asks_a_fixed_number_of_times(
    world: World, rosa: User, rows: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(rows):
        named(world, world.cliente, rosa, start=5 * number)
        client = Client.objects.create(name=f"Cliente {number}", slug=f"cliente-{number}", colour="#335577")
        Membership.objects.create(client=client, user=world.cliente, role=Role.APPROVER)
    piero = signed(world.cliente)
    piero.get(LIST)
    with django_assert_num_queries(5):
        html = piero.get(LIST).content.decode()
    assert (html.count("/end/"), html.count("/new/")) == (rows, rows + 1)


@pytest.mark.parametrize(("formal", "language"), [(True, "it-formal"), (False, "it")])
def test_it_is_formal_where_the_client_wants_it(world: World, *, formal: bool, language: str) -> None:
    world.winery.formal = formal
    world.winery.save(update_fields=["formal"])
    for path in (LIST, new(world.winery)):
        assert language == signed(world.cliente).get(path).wsgi_request.LANGUAGE_CODE
