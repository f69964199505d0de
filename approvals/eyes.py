"""Where a step asks for other eyes: who may not speak on it, nor be spoken for. The only place that says so in SQL.

It says the same as ``services.table.Table.barred``, of which the lock of the subject makes sure: whoever ``decide`` would
refuse with ``four_eyes`` is not asked, reminded or shown a button. The seat itself stays.
"""

from string import Formatter
from typing import Any

from django.db.models import BooleanField, F, Func, Q, Value
from django.db.models.sql.compiler import SQLCompiler

from accounts.models import User

# ``asks`` are the steps with four eyes that concern this one: itself, and the later ones, which may have been decided before
# it, after an approval was taken back. Of a chain without any, the partial index answers at once.
BARRED = """EXISTS (
    SELECT FROM approvals_reviewstep asks JOIN approvals_review thing ON thing.id = asks.review_id
    WHERE asks.review_id = {review} AND asks.four_eyes AND asks.position >= {position} AND (
        asks.position = {position} AND ({person} = thing.author_id OR {person} = ANY (thing.writers))
        OR EXISTS (
            SELECT FROM approvals_reviewstep other
            JOIN approvals_seat said ON said.step_id = COALESCE(other.carried_from_id, other.id) AND said.ended_at IS NULL
            JOIN approvals_decision word ON word.seat_id = said.id
            WHERE other.review_id = {review} AND {person} IN (said.user_id, word.actor_id)
                AND CASE asks.position WHEN {position} THEN other.position < {position} ELSE other.id = asks.id END
        )
    )
)"""


class Barred(Func):
    """Of a review, the position of a step in it and a person: whether four eyes bar this person there, as it stands."""

    arity = 3
    output_field = BooleanField()

    def as_sql(self, compiler: SQLCompiler, *_args: Any, **_context: Any) -> tuple[str, list[Any]]:  # type: ignore[override]
        """``BARRED`` with its three places filled, each as often as it is named."""
        names = ("review", "position", "person")
        compiled = dict(zip(names, map(compiler.compile, self.get_source_expressions()), strict=True))
        sql, params = "", list[Any]()
        for text, name, _spec, _conversion in Formatter().parse(BARRED):
            sql += text
            if name:
                sql += compiled[name][0]
                params += compiled[name][1]
        return sql, params


def barred(person: Any = "user") -> Barred:
    """On seats: whether this person (by a path, or an id as a ``Value``) is barred from the seat's step."""
    return Barred(F("step__review"), F("step__position"), F(person) if isinstance(person, str) else person)


def open_to(user: User) -> Q:
    """A filter on the seats on which four eyes let this person speak: neither they nor who sits there are barred."""
    return ~Q(barred()) & (Q(user=user) | ~Q(barred(Value(user.pk))))
