"""What is said of a review: conversations, who is called and told, what is dealt with, and what a comment is about."""

import json
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from accounts.errors import Conflict
from accounts.models import User
from approvals.models import Comment, Review
from approvals.services import add_comment, reopen_comment, resolve_comment
from audit.models import Event
from notifications.models import Notification
from tests.social.test_previews import picture
from tests.world import World, approve, review_of

TEXT = "Oggi si vendemmia 🍇 al Roero."


def say(review: Review, user: User, text: str = "Bene.", audience: str = "internal", **fields: Any) -> Comment:
    return add_comment(review=review, user=user, text=text, audience=audience, **fields)


def refusal(error: pytest.ExceptionInfo[ValidationError]) -> list[tuple[str, str]]:
    """Which field is wrong, and how."""
    return [(field, found.code or "") for field, errors in error.value.error_dict.items() for found in errors]


def told() -> list[tuple[str, str]]:
    """Who is told what of comments, in order."""
    kinds = ["mentioned", "answered", "commented", "suggestion_settled"]
    rows = Notification.objects.filter(kind__in=kinds).order_by("pk")
    return [(row.kind, row.user.email.partition("@")[0]) for row in rows.select_related("user")]


@pytest.fixture
def asked(world: World) -> Review:
    """A review in which it is Piero's turn."""
    post = world.submitted(text=TEXT)
    approve(post, world.elena)
    approve(post, world.marta)
    return review_of(post)


def words(world: World, quote: str) -> dict[str, Any]:
    """The anchor of these words."""
    start = TEXT.index(quote)
    return {"part": str(world.page.pk), "start": start, "end": start + len(quote), "quote": quote}


# Conversations


def test_an_answer_goes_to_whom_its_conversation_goes(world: World, asked: Review) -> None:
    ours = say(asked, world.elena, "Tra noi.")
    theirs = say(asked, world.cliente, "Da noi.", "internal")
    assert say(asked, world.vito, "Sì.", "", parent=ours).audience == "internal"
    assert say(asked, world.vito, "Sì.", "", parent=theirs).audience == "client"
    assert say(asked, world.vito, "Zitti.", "internal", parent=theirs).audience == "internal"
    with pytest.raises(ValidationError) as refused:
        say(asked, world.vito, "Per tutti.", "client", parent=ours)
    assert refusal(refused) == [("audience", "internal")]


def test_a_clients_person_can_not_answer_what_they_can_not_read(world: World, asked: Review) -> None:
    ours = say(asked, world.elena, "Tra noi.")
    with pytest.raises(ValidationError) as refused:
        say(asked, world.cliente, "Vi sento!", parent=ours)
    assert refusal(refused) == [("parent", "does_not_exist")]
    elsewhere = say(review_of(world.town_post()), world.bruno)
    with pytest.raises(ValidationError) as refused:
        say(asked, world.elena, "Sì.", parent=elsewhere)
    assert refusal(refused) == [("parent", "does_not_exist")]


def test_answers_have_one_level_and_no_place_of_their_own(world: World, asked: Review) -> None:
    first = say(asked, world.elena)
    answer = say(asked, world.vito, parent=first)
    wrong: list[tuple[dict[str, Any], tuple[str, str]]] = [
        ({"parent": answer}, ("parent", "answer")),
        ({"parent": first, "anchor": words(world, "Oggi")}, ("anchor", "answer")),
        ({"parent": first, "suggestion": "Ieri"}, ("suggestion", "answer")),
    ]
    for fields, expected in wrong:
        with pytest.raises(ValidationError) as refused:
            say(asked, world.elena, **fields)
        assert refusal(refused) == [expected]
    assert Comment.objects.count() == 2


def test_dealt_with_and_open_again(world: World, asked: Review) -> None:
    theirs = say(asked, world.cliente, "Più grande la foto.")
    for other in (world.nonna, world.carlo):
        with pytest.raises((PermissionDenied, type(world.winery).DoesNotExist)):
            resolve_comment(comment=theirs, user=other)
    resolve_comment(comment=theirs, user=world.vito, word="Fatto.")
    assert (theirs.resolved_by, theirs.answers.get().text, theirs.answers.get().audience) == (
        world.vito,
        "Fatto.",
        "client",
    )
    with pytest.raises(Conflict, match="already_resolved"):
        raise_code(lambda: resolve_comment(comment=theirs, user=world.cliente))
    reopen_comment(comment=theirs, user=world.cliente)
    assert theirs.resolved_at is None
    with pytest.raises(Conflict, match="not_resolved"):
        raise_code(lambda: reopen_comment(comment=theirs, user=world.elena))
    ours = say(asked, world.elena, "Vi piace?", "client")
    with pytest.raises(PermissionDenied):
        resolve_comment(comment=ours, user=world.cliente)
    verbs = list(Event.objects.filter(verb__startswith="review.comment").order_by("seq").values_list("verb", flat=True))
    assert verbs == [
        "review.commented",
        "review.commented",
        "review.comment_resolved",
        "review.comment_reopened",
        "review.commented",
    ]


def raise_code(act: Any) -> None:
    """Let a conflict speak its code."""
    try:
        act()
    except Conflict as conflict:
        raise Conflict(conflict.code, conflict.code) from conflict


# Calling people


@pytest.mark.parametrize(
    ("text", "called"),
    [
        ("@Elena Riva, che ne dici?", ["elena"]),
        ("(@elena riva)", ["elena"]),
        ("Chiedi a @elena@filo.example.", ["elena"]),
        ("@Elena  Riva @Marta Gallo @Elena Riva", ["elena", "marta"]),
        ("posta@Elena Riva", []),
        ("@Elena Rivalta", []),
        ("@elena@filo.example.org", []),
        ("@Bruno Neri e @Nessuno", []),  # who is not of this client is nobody here
        ("@Vito Serra", []),  # oneself
    ],
)
def test_who_is_called(world: World, asked: Review, text: str, called: list[str]) -> None:
    comment = say(asked, world.vito, text)
    assert comment.mentions == sorted(getattr(world, name).pk for name in called)
    assert sorted(told()) == [("mentioned", name) for name in called]


def test_two_of_one_name_are_both_called(world: World, asked: Review) -> None:
    User.objects.filter(pk=world.marta.pk).update(name="Elena Riva")
    assert say(asked, world.vito, "@Elena Riva").mentions == sorted([world.elena.pk, world.marta.pk])


def test_who_can_not_read_it_is_not_called(world: World, asked: Review) -> None:
    for text, audience in [("@Piero Roero brontolerà", "internal"), ("@Nonna Roero che dice?", "client")]:
        with pytest.raises(ValidationError) as refused:
            say(asked, world.vito, text, audience)
        assert refusal(refused) == [("text", "mention")]
    assert not Comment.objects.exists()
    assert say(asked, world.vito, "@Piero Roero, va bene?", "client").mentions == [world.cliente.pk]
    # A client's people call their own side and whom they have met; they find out about nobody else.
    assert say(asked, world.cliente, "@Vito Serra e @Elena Riva").mentions == [world.vito.pk]


# Who is told


def test_each_person_gets_one_mail_of_a_comment(world: World, asked: Review) -> None:
    first = say(asked, world.elena, "Guarda.", "client")
    say(asked, world.marta, "@Elena Riva sì", "", parent=first)
    say(asked, world.marta, "Anzi no", "", parent=first)
    mine = say(asked, world.vito, "Cambio io.", "client")
    say(asked, world.cliente, "Grazie.", parent=mine)
    assert told() == [
        ("commented", "vito"),
        ("mentioned", "elena"),
        ("commented", "vito"),
        ("answered", "elena"),
        ("commented", "vito"),
        ("answered", "vito"),
    ]


def test_an_internal_answer_to_the_client_is_not_told_to_the_client(world: World, asked: Review) -> None:
    theirs = say(asked, world.cliente, "Perché questa foto?")
    say(asked, world.elena, "Che pazienza.", "internal", parent=theirs)
    assert told() == [("commented", "vito")] * 2
    say(asked, world.elena, "Ne prendiamo un'altra.", "client", parent=theirs)
    assert told()[-2:] == [("answered", "cliente"), ("commented", "vito")]


# What it is about


def test_a_passage_is_counted_in_code_points(world: World, asked: Review) -> None:
    anchor = words(world, "al Roero")
    assert anchor["start"] == 20
    assert say(asked, world.elena, anchor=anchor).anchor == anchor
    assert json.loads(json.dumps(say(asked, world.elena, anchor={**anchor, "part": world.page.pk}).anchor)) == anchor


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"start": -1}, "outside"),
        ({"end": len(TEXT) + 1}, "outside"),
        ({"start": 5, "end": 5, "quote": ""}, "outside"),
        ({"start": 9, "end": 5}, "outside"),
        ({"start": 10**30, "end": 10**31}, "outside"),
        ({"quote": "oggi"}, "quote"),
        ({"start": 1, "end": 5}, "quote"),
        ({"part": "999999"}, "unknown_part"),
        ({"part": None}, "unknown_part"),
        ({"start": True}, "invalid"),
        ({"start": "0"}, "invalid"),
        ({"quote": 5}, "invalid"),
        ({"note": "x"}, "invalid"),
    ],
)
def test_no_such_passage(world: World, asked: Review, change: dict[str, Any], code: str) -> None:
    with pytest.raises(ValidationError) as refused:
        say(asked, world.elena, anchor={**words(world, "Oggi"), **change})
    assert refusal(refused) == [("anchor", code)]
    assert not Comment.objects.exists()


def test_another_clients_channel_is_no_part(world: World, asked: Review) -> None:
    with pytest.raises(ValidationError) as refused:
        say(asked, world.elena, anchor={**words(world, "Oggi"), "part": str(world.town_page.pk)})
    assert refusal(refused) == [("anchor", "unknown_part")]


@pytest.mark.parametrize("anchor", [{}, [], "0", 5, {"part": "1"}, {"part": "1", "start": 0, "end": 1}])
def test_no_shape_of_an_anchor(world: World, asked: Review, anchor: Any) -> None:
    with pytest.raises(ValidationError) as refused:
        say(asked, world.elena, anchor=anchor)
    assert refusal(refused) == [("anchor", "invalid")]


def test_a_point_of_a_picture(world: World, settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path
    media = picture(world)
    review = review_of(world.submitted(media=[media]))
    point = {"part": str(world.page.pk), "picture": media.sha256, "x": 0.123456, "y": 1}
    assert say(review, world.elena, anchor=point).anchor == {**point, "x": 0.1235}
    wrong: list[tuple[dict[str, Any], str]] = [
        ({"x": -0.1}, "outside"),
        ({"y": 1.01}, "outside"),
        ({"x": float("nan")}, "outside"),
        ({"y": float("inf")}, "outside"),
        ({"x": "0.5"}, "outside"),
        ({"picture": "0" * 64}, "unknown_picture"),
        ({"picture": ["x"]}, "unknown_picture"),
    ]
    for change, code in wrong:
        with pytest.raises(ValidationError) as refused:
            say(review, world.elena, anchor={**point, **change})
        assert refusal(refused) == [("anchor", code)]
    with pytest.raises(ValidationError) as refused:
        say(review, world.elena, anchor=point, suggestion="Altro")
    assert refusal(refused) == [("suggestion", "no_passage")]


# Bad input


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"text": " \n "}, ("text", "required")),
        ({"text": "x" * 20_000}, ("text", "max_length")),
        ({"text": "x\x00"}, ("text", "character")),
        ({"text": "x\ud800"}, ("text", "character")),
        ({"audience": "world"}, ("audience", "invalid")),
        ({"audience": ""}, ("audience", "invalid")),
        ({"suggestion": "Ieri"}, ("suggestion", "no_passage")),
    ],
)
def test_no_comment(world: World, asked: Review, fields: dict[str, Any], expected: tuple[str, str]) -> None:
    with pytest.raises(ValidationError) as refused:
        say(asked, world.elena, **fields)
    assert refusal(refused) == [expected]
    assert not Comment.objects.exists()
    assert told() == []


@pytest.mark.parametrize(
    ("suggestion", "code"), [("Oggi", "unchanged"), ("x" * 20_000, "max_length"), ("\x00", "character")]
)
def test_no_suggestion(world: World, asked: Review, suggestion: str, code: str) -> None:
    with pytest.raises(ValidationError) as refused:
        say(asked, world.elena, anchor=words(world, "Oggi"), suggestion=suggestion)
    assert refusal(refused) == [("suggestion", code)]


def test_words_suggested_speak_for_themselves(world: World, asked: Review) -> None:
    comment = say(asked, world.cliente, "", anchor=words(world, "Oggi"), suggestion="")
    assert (comment.text, comment.suggestion, comment.fate, comment.audience) == ("", "", "open", "client")
    assert told() == [("commented", "vito")]
