"""Where the approval of a carried step was given: it may have been carried over many rounds."""

from django.db import connection

STEMS = """
WITH RECURSIVE stem AS (
    SELECT id AS step, carried_from_id AS earlier FROM approvals_reviewstep
        WHERE review_id = %s AND carried_from_id IS NOT NULL
    UNION ALL
    SELECT stem.step, before.carried_from_id FROM stem JOIN approvals_reviewstep before ON before.id = stem.earlier
        WHERE before.carried_from_id IS NOT NULL
)
SELECT stem.step, stem.earlier FROM stem JOIN approvals_reviewstep root ON root.id = stem.earlier
    WHERE root.carried_from_id IS NULL
"""


def stems(review_id: int) -> dict[int, int]:
    """For each carried step of the review, the step of an earlier round in which people decided. One query."""
    with connection.cursor() as cursor:
        cursor.execute(STEMS, [review_id])
        return dict(cursor.fetchall())
