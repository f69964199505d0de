"""Who has written anything of each post so far: as posts, versions and events tell."""

from django.db import migrations

FILL = """
INSERT INTO social_postwriter (post_id, client_id, user_id)
SELECT wrote.post_id, post.client_id, wrote.user_id
FROM (
    SELECT id AS post_id, author_id AS user_id FROM social_post
    UNION SELECT id, written_by_id FROM social_post
    UNION SELECT post_id, author_id FROM social_postversion
    UNION SELECT subject_id, actor_id FROM audit_event
          WHERE subject_type = 'post' AND actor_id IS NOT NULL AND verb = 'post.edited'
            AND (data ->> 'content_changed')::boolean
) AS wrote
JOIN social_post AS post ON post.id = wrote.post_id
ON CONFLICT DO NOTHING
"""


class Migration(migrations.Migration):

    dependencies = [
        ('audit', '0001_initial'),
        ('social', '0002_labels_pillars_writers'),
    ]

    operations = [migrations.RunSQL(FILL, migrations.RunSQL.noop)]
