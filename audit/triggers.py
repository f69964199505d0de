"""Rules that PostgreSQL itself holds, whoever asks."""

import pgtrigger


def kept_whole(name: str) -> pgtrigger.Trigger:
    """A trigger that refuses to empty the table."""
    return pgtrigger.Trigger(
        name=name,
        operation=pgtrigger.Truncate,
        when=pgtrigger.Before,
        level=pgtrigger.Statement,
        func="RAISE EXCEPTION 'this table is evidence: it is never emptied';",
    )


class States(pgtrigger.FSM):
    """The allowed transitions of ``state``. Asked only by updates that name it: a sweep that moves times pays nothing."""

    field = "state"
    operation = pgtrigger.UpdateOf("state")  # type: ignore[no-untyped-call]
