"""A section is saved: every revision stays, and what two people did at once stands side by side."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from accounts.errors import Conflict
from accounts.models import User
from audit.models import Event
from strategy import selectors
from strategy.markdown.checking import LONGEST
from strategy.models import Strategy, StrategyWriter
from strategy.services import (
    confirm_section,
    edit_strategy,
    merge_section,
    remove_section,
    restore_section,
    save_section,
)
from tests.strategy.documents import TONE, draft, save, section, today
from tests.world import World


def test_each_saving_is_a_revision_with_its_author(world: World) -> None:
    found = section(world, draft(world))
    saved = save(world.elena, found, body=TONE + "\r\nMai.")
    assert (saved.beside, saved.revision.number, saved.current) == (False, 2, saved.revision)
    found.refresh_from_db()
    assert (found.body, found.why) == (TONE + "\nMai.", "Chi compra vino compra fiducia.")
    rows = selectors.revisions(found).values_list("number", "author__name", "begun_from", "beside", "body")
    assert list(rows) == [(2, "Elena Riva", 1, False, TONE + "\nMai."), (1, "Vito Serra", None, False, TONE)]
    told = Event.objects.filter(subject_type="strategy", verb="strategy.section_saved").get()
    assert told.data == {"section": found.pk, "revision": 2}
    # The same said twice is said once.
    assert save(world.elena, found, body=TONE + "\nMai.").revision.number == 2


def test_who_saves_over_somebody_is_kept_beside_and_merged_by_hand(world: World) -> None:
    found = section(world, draft(world))
    save(world.elena, found, body="Di Elena.")
    late = save_section(user=world.marta, section=found, begun_from=1, body="Di Marta.")
    assert (late.beside, late.revision.number, late.revision.beside, late.current.body) == (True, 3, True, "Di Elena.")
    again = save_section(user=world.marta, section=found, begun_from=1, body="Di Marta.")
    assert again.revision == late.revision
    found.refresh_from_db()
    assert (found.body, found.revision) == ("Di Elena.", 2)
    # Going on from there, what counts is the last.
    later = save_section(user=world.marta, section=found, begun_from=3, body="Di Marta, due volte.")
    assert later.beside
    assert [row.number for row in selectors.open_beside(found)] == [4]
    with pytest.raises(ValidationError) as refused:
        merge_section(user=world.vito, section=found, begun_from=2, merges=[3], body="Di tutte e due.")
    assert list(refused.value.error_dict) == ["merges"]
    merged = merge_section(user=world.vito, section=found, begun_from=2, merges=[4], body="Di tutte e due.")
    assert (merged.beside, merged.revision.begun_from, merged.revision.merges) == (False, 2, [4])
    assert list(selectors.open_beside(found)) == []
    found.refresh_from_db()
    assert found.body == "Di tutte e due."


def test_who_typed_nothing_new_meets_nobody(world: World) -> None:
    found = section(world, draft(world))
    save(world.elena, found, body="Di Elena.")
    same = save_section(user=world.marta, section=found, begun_from=1, body=TONE)
    assert (same.beside, same.current.body, found.revisions.count()) == (False, "Di Elena.", 2)
    as_now = save_section(user=world.marta, section=found, begun_from=1, body="Di Elena.")
    assert (as_now.beside, found.revisions.count()) == (False, 2)
    kept = save_section(user=world.marta, section=found, begun_from=1, body="Di Marta.")
    again = save_section(user=world.marta, section=found, begun_from=kept.revision.number, body="Di Marta.")
    assert (again.beside, again.revision, found.revisions.count()) == (True, kept.revision, 3)  # it reads not so yet


def test_whose_answer_was_lost_never_stands_beside_their_own_words(world: World) -> None:
    found = section(world, draft(world))

    def typed(user: User, body: str, begun_from: int = 1) -> tuple[bool, int]:
        saved = save_section(user=user, section=found, begun_from=begun_from, body=body)
        return saved.beside, saved.revision.number

    assert typed(world.vito, f"{TONE} Ma") == (False, 2)
    # The answer never came: sent again, typed on, sent again.
    assert typed(world.vito, f"{TONE} Ma") == (False, 2)
    assert typed(world.vito, f"{TONE} Mai in rima.") == (False, 3)
    assert [row.begun_from for row in found.revisions.order_by("number")] == [None, 1, 2]
    # Where a word of theirs is missing, it may be another window: they look at both.
    assert typed(world.vito, f"{TONE} In rima.") == (True, 4)
    merging: Any = {"user": world.vito, "section": found, "begun_from": 3, "merges": [4], "body": "Sempre in rima."}
    assert [merge_section(**merging).revision.number for _time in range(2)] == [5, 5]
    assert list(selectors.open_beside(found)) == []
    # Somebody else has gone on from it: what arrived has arrived, but what is typed on stands beside theirs.
    assert typed(world.vito, "Mai.", 5) == (False, 6)
    assert typed(world.elena, "Mai, dice Elena.", 6) == (False, 7)
    assert typed(world.vito, "Mai.", 5) == (False, 6)
    assert typed(world.vito, "Mai, dice Elena. E Vito.", 5) == (True, 8)
    found.refresh_from_db()
    assert found.body == "Mai, dice Elena."


def test_what_is_typed_into_a_removed_section_is_kept(world: World) -> None:
    strategy = draft(world)
    found = section(world, strategy)
    remove_section(user=world.marta, section=found)
    assert list(selectors.sections(world.vito)) == []
    assert save_section(user=world.vito, section=found, begun_from=1, body="Ancora.").beside
    restore_section(user=world.marta, section=found)
    assert [row.body for row in selectors.waiting_in(strategy.pk)] == ["Ancora."]


def refusals() -> list[tuple[dict[str, Any], str, str]]:
    return [
        ({"body": "x" * (LONGEST + 1)}, "body", "max_length"),
        ({"body": "x" * 2_000_000}, "body", "max_length"),
        ({"body": "mezzo \ud83d"}, "body", "not_a_character"),
        ({"body": "![Vigna](media:999999999)"}, "body", "picture"),
        ({"body": "<script>alert(1)</script>"}, "body", "html"),
        ({"body": "[Qui](javascript:alert(1))"}, "body", "link"),
        ({"body": "|a|\n|-|\n" + "|1|\n" * 5000}, "body", "rows"),
        ({"title": "  "}, "title", "required"),
        ({"horizon": "forever"}, "horizon", "invalid_choice"),
        ({"review_by": date(2020, 1, 1)}, "review_by", "past"),
    ]


@pytest.mark.parametrize(("texts", "field", "code"), refusals())
def test_what_can_not_be(world: World, texts: dict[str, Any], field: str, code: str) -> None:
    found = section(world, draft(world))
    with pytest.raises(ValidationError) as refused:
        save(world.vito, found, **texts)
    assert [(name, errors[0].code) for name, errors in refused.value.error_dict.items()] == [(field, code)]
    assert found.revisions.count() == 1


def test_an_owner_has_to_do_with_the_client(world: World) -> None:
    found = section(world, draft(world))
    with pytest.raises(ValidationError) as refused:
        save(world.vito, found, owner=world.bruno)
    assert list(refused.value.error_dict) == ["owner"]
    save(world.vito, found, owner=world.cliente)
    found.refresh_from_db()
    assert found.owner == world.cliente


def test_who_may_write(world: World) -> None:
    strategy = draft(world, shared=False)
    found = section(world, strategy)
    for stranger in (world.cliente, world.bruno, world.carlo):
        with pytest.raises((Strategy.DoesNotExist, world.winery.DoesNotExist)):
            save(stranger, found, body="Mio.")
    strategy = draft(world, title="Insieme")
    found = section(world, strategy)
    for reader in (world.cliente, world.nonna):
        with pytest.raises(PermissionDenied):
            save(reader, found, body="Mio.")
    edit_strategy(user=world.vito, strategy=strategy, contacts_write=True)
    with pytest.raises(PermissionDenied):
        save(world.nonna, found, body="Mio.")
    assert save(world.cliente, found, body="Nostro.").revision.author == world.cliente
    strategy.refresh_from_db()
    assert strategy.written_by == world.vito
    writers = StrategyWriter.objects.filter(strategy=strategy).order_by("user__name")
    assert [row.user.name for row in writers.select_related("user")] == ["Piero Roero", "Vito Serra"]


def test_a_review_date_follows_from_the_horizon_unless_it_is_given(world: World) -> None:
    found = section(world, draft(world), horizon="volatile")
    assert (found.review_by, found.due_on) == (None, today() + timedelta(days=30))
    given = today() + timedelta(days=5)
    save(world.vito, found, review_by=given)
    found.refresh_from_db()
    assert (found.review_by, found.due_on) == (given, given)
    assert confirm_section(user=world.elena, section=found).due_on == today() + timedelta(days=30)
    assert found.revisions.count() == 2


def test_what_is_over_stays_as_it_is(world: World) -> None:
    from strategy.services import close_strategy

    strategy = draft(world)
    found = section(world, strategy)
    close_strategy(user=world.elena, strategy=strategy)
    with pytest.raises(Conflict) as refused:
        save(world.vito, found, body="Ancora.")
    assert refused.value.code == "over"
