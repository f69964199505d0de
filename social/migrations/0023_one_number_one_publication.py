from django.db import migrations, models

# Where a question took another publication of ours for this one, the number is the first one's. The evidence keeps what was said.
FORGET = """
UPDATE social_publication SET remote_id = '' WHERE id IN (
    SELECT id FROM (
        SELECT id, row_number() OVER (PARTITION BY channel_id, remote_id ORDER BY published_at, id) AS place
        FROM social_publication WHERE act IN ('publish', 'new_post') AND remote_id <> ''
    ) numbered WHERE place > 1
)
"""


class Migration(migrations.Migration):
    dependencies = [
        ('social', '0022_conversions'),
    ]

    operations = [
        migrations.RunSQL(FORGET, migrations.RunSQL.noop),
        migrations.AddConstraint(
            model_name='publication',
            constraint=models.UniqueConstraint(
                condition=models.Q(('act__in', ['publish', 'new_post']), models.Q(('remote_id', ''), _negated=True)),
                fields=('channel', 'remote_id'),
                name='uq_publication_remote',
            ),
        ),
    ]
