"""Posts by the API: what is written, what changes, what is refused and why."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from approvals.services import save_chain
from approvals.services.chains import StepPlan
from social.models import Label, Post
from social.services import add_media, create_label, retire_channel
from strategy.services import create_pillar
from tests.rest.caller import BASE, Caller, fields
from tests.rest.test_the_way import picture
from tests.world import World, approve, review_of, sandbox

WINTER, SUMMER = "+01:00", "+02:00"


def sent(world: World, **fields_: Any) -> dict[str, Any]:
    return {"client": world.winery.pk, "text": "Oggi si vendemmia.", "channels": [world.page.pk], **fields_}


def test_a_post_reads_as_it_was_written(world: World) -> None:
    other = sandbox(world.marta, world.winery, "altra")
    one = add_media(user=world.vito, client=world.winery, file=picture(), alt_text="Una")
    two = add_media(user=world.vito, client=world.winery, file=picture((30, 30)), alt_text="Due")
    own = {"parts": [{"text": "Poi", "media": [one.pk]}], "comment": "Ciao a tutti", "fields": {}}
    variants = [{"channel": other.pk, "text": " Ciao\n", "media": [two.pk, one.pk], **own}]
    channels = [world.page.pk, other.pk]
    written = {
        "title": "Titolo",
        "channels": channels,
        "variants": variants,
        "media": [one.pk],
        "link": "https://example.org/x",
        "parts": [{"text": "Secondo\n", "media": [two.pk]}, {"text": "Terzo", "media": []}],
        "comment": "Il vino si prenota qui.",
    }
    made = Caller(world.vito).post("posts/", sent(world, **written))
    assert {name: made[name] for name in written} == written
    assert (made["client"], made["text"]) == (world.winery.pk, "Oggi si vendemmia.")
    nothing = ("pillar", "chain", "publish_at", "version", "review")
    assert {made[name] for name in nothing} == {None}
    assert (made["state"], made["author"], len(made["digest"])) == ("draft", "vito@filo.example", 64)
    # A variant that says nothing differs in nothing.
    same = Caller(world.vito).patch(f"posts/{made['id']}/", {"variants": [{"channel": other.pk}]})
    assert same["variants"] == []


def test_a_change_changes_only_what_it_names(world: World) -> None:
    vito = Caller(world.vito)
    made = vito.post("posts/", sent(world, title="Uno", link="https://example.org/"))
    changed = vito.patch(f"posts/{made['id']}/", {"text": "Due"})
    assert changed["text"] == "Due"
    assert changed["digest"] != made["digest"]
    moved = {"text", "digest", "updated_at"}
    assert {k: v for k, v in changed.items() if k not in moved} == {k: v for k, v in made.items() if k not in moved}
    missing = vito.patch(f"posts/{made['id']}/", {"variants": [{"text": "Senza"}]}, 400)
    assert fields(missing) == [("variants.0.channel", "required")]
    # What was read may be sent back whole: nothing is changed by it.
    again = vito.patch(f"posts/{made['id']}/", changed)
    assert again["digest"] == changed["digest"]


def test_an_edit_after_the_last_approval_takes_it_back(world: World) -> None:
    post = world.approved(publish_at=timezone.now() + timedelta(hours=1))
    vito = Caller(world.vito)
    edited = vito.patch(f"posts/{post.pk}/", {"text": "Altro."})
    assert (edited["state"], edited["version"], edited["review"]) == ("draft", None, None)
    assert vito.get(f"reviews/{post.review_id}/")["state"] == "superseded"
    [gone] = vito.get("publications/", post=post.pk)["results"]
    assert gone["state"] == "cancelled"


def test_a_new_time_alone_keeps_the_approval(world: World) -> None:
    post = world.approved(publish_at=timezone.now() + timedelta(hours=1))
    later = timezone.now().replace(microsecond=0) + timedelta(hours=2)
    vito = Caller(world.vito)
    moved = vito.patch(f"posts/{post.pk}/", {"publish_at": later.isoformat()})
    assert (moved["state"], moved["version"], moved["review"]) == ("scheduled", 1, post.review_id)
    [waiting] = vito.get("publications/", post=post.pk)["results"]
    assert waiting["due_at"] == moved["publish_at"]
    # One without a time waits until it gets one.
    waits = vito.patch(f"posts/{post.pk}/", {"publish_at": None})
    assert (waits["state"], waits["publish_at"]) == ("approved", None)


def test_labels_by_name_and_a_pillar_by_number(world: World) -> None:
    for name in ("Prezzi", "Legale"):
        create_label(user=world.elena, client=world.winery, name=name)
    vines = create_pillar(user=world.elena, client=world.winery, name="Vigna")
    vito = Caller(world.vito)
    made = vito.post("posts/", sent(world, labels=["prezzi", "LEGALE", "Prezzi"], pillar=vines.pk))
    assert (made["labels"], made["pillar"]) == (["Legale", "Prezzi"], vines.pk)
    changed = vito.patch(f"posts/{made['id']}/", {"labels": ["Prezzi"], "pillar": None})
    assert (changed["labels"], changed["pillar"], changed["digest"]) == (["Prezzi"], None, made["digest"])
    copy = vito.call("post", f"posts/{made['id']}/duplicate/", None, 201)
    assert (copy["labels"], copy["pillar"]) == (["Prezzi"], None)
    assert [row["id"] for row in vito.get("posts/", label="PREZZI")["results"]] == [made["id"], copy["id"]]


def test_an_unknown_label_is_refused_and_not_made(world: World) -> None:
    create_label(user=world.bruno, client=world.town, name="Fiera")
    vito = Caller(world.vito)
    problems = [vito.post("posts/", sent(world, labels=[name]), 400) for name in ("Fiera", "Mai vista")]
    assert [fields(problem) for problem in problems] == [[("labels", "does_not_exist")]] * 2
    told = {problem["errors"][0]["detail"].replace("Mai vista", "Fiera") for problem in problems}
    assert len(told) == 1  # another client's label is as unknown as one that there is nowhere
    assert not Label.objects.filter(client=world.winery).exists()
    assert not Post.objects.exists()
    assert vito.get("posts/", label="Fiera")["results"] == []


def test_labels_are_the_agency_s_own(world: World) -> None:
    label = create_label(user=world.elena, client=world.winery, name="Kanarienvogel")
    post = world.approved(labels=[label])
    seen = Caller(world.cliente).get(f"posts/{post.pk}/")
    assert (seen["id"], seen["labels"]) == (post.pk, [])
    assert Caller(world.cliente).get("posts/", label="Kanarienvogel")["results"] == []
    assert Caller(world.vito).get(f"posts/{post.pk}/")["labels"] == ["Kanarienvogel"]


def test_new_labels_take_the_approval_back(world: World) -> None:
    create_label(user=world.elena, client=world.winery, name="Legale")
    post = world.approved(publish_at=timezone.now() + timedelta(hours=1))
    vito = Caller(world.vito)
    edited = vito.patch(f"posts/{post.pk}/", {"labels": ["Legale"]})
    assert (edited["state"], edited["version"], edited["review"]) == ("draft", None, None)
    assert vito.get(f"reviews/{post.review_id}/")["state"] == "superseded"


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ("2027-07-01T09:00", "2027-07-01T09:00:00" + SUMMER),
        ("2027-12-01T09:00:00", "2027-12-01T09:00:00" + WINTER),
        ("2027-07-01T09:00:00Z", "2027-07-01T11:00:00" + SUMMER),
        ("2027-07-01T09:00:00-04:00", "2027-07-01T15:00:00" + SUMMER),
        ("2027-07-01T23:00:00+20:00", "2027-07-01T05:00:00" + SUMMER),
    ],
)
def test_times_are_on_the_clients_clock(world: World, given: str, told: str) -> None:
    assert Caller(world.vito).post("posts/", sent(world, publish_at=given))["publish_at"] == told


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ("2020-01-01T09:00:00Z", "past"),
        ("2027-03-28T02:30", "skipped_time"),
        ("2027-10-31T02:30", "ambiguous_time"),
        ("2027-02-30T09:00", "invalid"),
        ("2027-07-01", "invalid"),
        ("9999-12-31T23:59:59-23:59", "invalid"),
        ("0001-01-01T00:00:00+23:59", "invalid"),
        ("domani", "invalid"),
        (1767225600, "invalid"),
        ("", "invalid"),
    ],
)
def test_times_that_cannot_be(world: World, given: Any, code: str) -> None:
    problem = Caller(world.vito).post("posts/", sent(world, publish_at=given), 400)
    assert fields(problem) == [("publish_at", code)]
    # The same night with its offset is one moment.
    Caller(world.vito).post("posts/", sent(world, publish_at="2027-10-31T02:30:00+01:00"))


@pytest.mark.parametrize(
    ("given", "field", "code"),
    [
        ({"text": "a\x00b"}, "text", "null_characters_not_allowed"),
        ({"text": "\ud83d"}, "text", "surrogate_characters_not_allowed"),
        ({"text": 5}, "text", "invalid"),
        ({"text": "x" * 100_001}, "text", "max_length"),
        ({"title": "x" * 201}, "title", "max_length"),
        ({"link": "javascript:alert(1)"}, "link", "invalid"),
        ({"link": "http://[a"}, "link", "invalid"),
        ({"pillar": 999999999}, "pillar", "does_not_exist"),
        ({"pillar": "Vigna"}, "pillar", "invalid"),
        ({"labels": "Vigna"}, "labels", "not_a_list"),
        ({"labels": [5]}, "labels.0", "invalid"),
        ({"labels": [""]}, "labels.0", "blank"),
        ({"labels": ["x" * 61]}, "labels.0", "max_length"),
        ({"labels": ["x"] * 101}, "labels", "max_length"),
        ({"labels": ["a\x00b"]}, "labels.0", "null_characters_not_allowed"),
        ({"channels": "1"}, "channels", "invalid"),
        ({"channels": [1.5]}, "channels", "invalid"),
        ({"channels": [True]}, "channels", "invalid"),
        ({"channels": [10**30]}, "channels", "invalid"),
        ({"channels": [999999999]}, "channels", "does_not_exist"),
        ({"channels": list(range(101))}, "channels", "too_many"),
        ({"media": [999999999]}, "media", "does_not_exist"),
        ({"chain": "default"}, "chain", "invalid"),
        ({"chain": 1e300}, "chain", "invalid"),
        ({"chain": 999999999}, "chain", "does_not_exist"),
        ({"client": None}, "client", "null"),
        ({"variants": [{"channel": 999999999}]}, "variants.0.channel", "does_not_exist"),
        ({"variants": [{"text": "Senza"}]}, "variants.0.channel", "required"),
        ({"variants": {"channel": 1}}, "variants", "not_a_list"),
    ],
)
def test_what_a_post_cannot_be_names_its_field(world: World, given: dict[str, Any], field: str, code: str) -> None:
    assert fields(Caller(world.vito).post("posts/", {**sent(world), **given}, 400)) == [(field, code)]
    assert not Post.objects.exists()


def test_another_clients_things_do_not_exist(world: World) -> None:
    foreign = add_media(user=world.bruno, client=world.town, file=picture(), alt_text="Fiera")
    for given in (
        {"channels": [world.town_page.pk]},
        {"media": [foreign.pk]},
        {"chain": world.town_chain.pk},
    ):
        [name] = given
        assert fields(Caller(world.vito).post("posts/", {**sent(world), **given}, 400)) == [(name, "does_not_exist")]
        # Ada sees both, and may mix them no more than anybody.
        [(field, _code)] = fields(Caller(world.ada).post("posts/", {**sent(world), **given}, 400))
        assert field == name
    assert not Post.objects.exists()


def test_a_text_too_long_for_one_of_three_channels_says_which_and_where(world: World) -> None:
    others = [sandbox(world.marta, world.winery, f"pagina-{number}") for number in (2, 3)]
    family = "\N{WOMAN}\u200d\N{MAN}\u200d\N{GIRL}"
    text = "x" * 499 + family + family + "e\u0301"
    vito = Caller(world.vito)
    post = vito.post(
        "posts/",
        sent(
            world,
            text="Corto.",
            channels=[world.page.pk, *(channel.pk for channel in others)],
            variants=[{"channel": others[0].pk, "text": text}],
        ),
    )
    checks = vito.get(f"posts/{post['id']}/preflight/")
    assert [(check["channel"], check["ok"], check["used"], check["limit"], check["cut_at"]) for check in checks] == [
        (world.page.pk, True, 6, 500, None),
        (others[0].pk, False, 502, 500, 499 + len(family)),
        (others[1].pk, True, 6, 500, None),
    ]
    assert [(problem["code"], problem["level"]) for problem in checks[1]["problems"]] == [("text_too_long", "error")]
    problem = vito.post(f"posts/{post['id']}/submit/", expect=400)
    assert fields(problem) == [("text", "text_too_long")]
    assert "502" in problem["detail"]
    assert vito.get(f"posts/{post['id']}/")["state"] == "draft"


def test_right_to_left_and_emoji_go_through_unchanged(world: World) -> None:
    text = "  שלום \u202eabc\u202c 🍷🍇 e\u0301 \n\n fine  "
    assert Caller(world.vito).post("posts/", sent(world, text=text))["text"] == text


def test_what_cannot_be_asked(world: World) -> None:
    vito = Caller(world.vito)
    empty = vito.post("posts/", sent(world, channels=[]))
    assert fields(vito.post(f"posts/{empty['id']}/submit/", expect=400)) == [("channels", "required")]
    alone = save_chain(
        user=world.marta, client=world.winery, name="Solo Elena", steps=[StepPlan(name="1", users=[world.elena])]
    )
    mine = Caller(world.elena).post("posts/", sent(world, chain=alone.pk))
    problem = Caller(world.elena).post(f"posts/{mine['id']}/submit/", expect=400)
    assert fields(problem) == [("chain", "no_eligible_approver")]
    gone = sandbox(world.marta, world.winery, "vecchia")
    retire_channel(user=world.marta, channel=gone)
    assert fields(vito.post("posts/", sent(world, channels=[gone.pk]), 400)) == [("channels", "retired")]


def test_the_state_of_things_is_a_conflict(world: World) -> None:
    vito, post = Caller(world.vito), world.submitted()
    here = f"posts/{post.pk}/"
    assert vito.post(here + "submit/", expect=409)["code"] == "not_a_draft"
    assert vito.post(here + "withdraw/", expect=200)["state"] == "draft"
    assert vito.post(here + "withdraw/", expect=409)["code"] == "nothing_to_withdraw"
    assert vito.post(here + "cancel/", expect=200)["state"] == "cancelled"
    assert vito.patch(here, {"text": "x"}, 409)["code"] == "cancelled"
    copy = vito.post(here + "duplicate/")
    assert (copy["state"], copy["text"], copy["channels"]) == ("draft", "Oggi si vendemmia.", [world.page.pk])


def test_a_clients_people_see_what_they_were_asked_never_drafts(world: World) -> None:
    draft, asked = world.draft(text="Bozza segreta"), world.submitted(text="In corso")
    agreed = world.approved(text="Concordato")
    cliente = Caller(world.cliente)
    assert [post["id"] for post in cliente.get("posts/")["results"]] == [agreed.pk]
    cliente.get(f"posts/{draft.pk}/", expect=404)
    cliente.get(f"posts/{asked.pk}/versions/", expect=404)
    [version] = cliente.get(f"posts/{agreed.pk}/versions/")["results"]
    assert version["content"]["channels"][0]["text"] == "Concordato"


def test_a_lost_update_of_a_post_is_no_update(world: World) -> None:
    vito, marta = Caller(world.vito), Caller(world.marta)
    world.draft()
    post = Post.objects.get()
    path = f"{BASE}posts/{post.pk}/"

    def tag() -> str:
        return str(vito.http.get(path)["ETag"])

    def ask(method: str, action: str, given: str) -> Any:
        body: Any = {"title": "Di Vito"} if method == "patch" else {}
        answer = getattr(vito.http, method)(path + action, body, format="json", headers={"If-Match": given})
        if answer.status_code == 412:
            assert answer.json()["code"] == "changed_meanwhile"
        return answer

    assert "ETag" not in vito.http.get(f"{BASE}posts/")
    seen = [tag()]
    for change in (
        lambda: marta.patch(f"posts/{post.pk}/", {"title": "Di Marta"}),
        lambda: marta.post(f"posts/{post.pk}/submit/", expect=200),
        lambda: [approve(post, who) for who in (world.elena, world.marta, world.cliente)],
        lambda: marta.post(f"posts/{post.pk}/withdraw/", expect=200),
        lambda: marta.post(f"posts/{post.pk}/submit/", expect=200),
    ):
        change()
        stale = [("patch", ""), ("post", "submit/"), ("post", "withdraw/"), ("post", "cancel/"), ("post", "queue/")]
        assert {ask(method, action, seen[-1]).status_code for method, action in stale} == {412}
        assert tag() not in seen
        seen.append(tag())
    post.refresh_from_db()
    assert (post.title, post.state, review_of(post).state) == ("Di Marta", "in_review", "open")
    fresh = ask("patch", "", f'"nobody\'s", W/{tag()}')
    assert (fresh.status_code, fresh.json()["title"], fresh["ETag"]) == (200, "Di Vito", tag())
    assert ask("patch", "", "*").status_code == 200
    assert [ask("post", f"{act}/", tag())["ETag"] == tag() for act in ("withdraw", "submit", "cancel")] == [True] * 3
