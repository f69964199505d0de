import django.db.models.deletion
from django.db import migrations, models

# What was under way when this came may have been sent: it must not be taken for something that was not.
FILL = """
UPDATE social_publication SET network = channel.network FROM social_channel channel WHERE channel.id = channel_id;
UPDATE social_attempt SET sent_at = started_at WHERE ended_at IS NULL;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("clients", "0002_working_time_consent_managers"),
        ("social", "0004_approvals_taken_back"),
    ]

    operations = [
        migrations.CreateModel(
            name="Upload",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("network", models.SlugField(db_index=False, max_length=30)),
                ("scope", models.CharField(max_length=200)),
                ("step", models.CharField(max_length=200)),
                ("given", models.JSONField(null=True)),
                ("until", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="Use",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.CharField(max_length=200)),
                ("at", models.DateTimeField()),
                ("cost", models.PositiveIntegerField()),
            ],
        ),
        migrations.RemoveConstraint(
            model_name="attempt",
            name="ck_attempt_outcome",
        ),
        migrations.AddField(
            model_name="attempt",
            name="sent_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="publication",
            name="begun",
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name="publication",
            name="handed_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="publication",
            name="network",
            field=models.SlugField(db_index=False, default="", max_length=30, verbose_name="network"),
            preserve_default=False,
        ),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
        migrations.AddField(
            model_name="publication",
            name="progress",
            field=models.JSONField(default=dict),
        ),
        migrations.AlterField(
            model_name="attempt",
            name="outcome",
            field=models.CharField(
                blank=True,
                choices=[
                    ("published", "Published"),
                    ("refused", "The network says no"),
                    ("throttled", "The network asks to wait"),
                    ("not_sent", "Not sent"),
                    ("unknown", "Uncertain"),
                    ("waiting", "The network is still working on it"),
                ],
                max_length=12,
            ),
        ),
        migrations.AddIndex(
            model_name="publication",
            index=models.Index(
                condition=models.Q(("state__in", ["publishing", "unknown"])),
                fields=["wake_at"],
                name="ix_publication_underway",
            ),
        ),
        migrations.AddIndex(
            model_name="publication",
            index=models.Index(
                condition=models.Q(("state__in", ["scheduled", "publishing"])),
                fields=["network", "state", "wake_at"],
                name="ix_publication_turn",
            ),
        ),
        migrations.AddConstraint(
            model_name="attempt",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("outcome__in", ["", "published", "refused", "throttled", "not_sent", "unknown", "waiting"])
                ),
                name="ck_attempt_outcome",
            ),
        ),
        migrations.AddIndex(
            model_name="upload",
            index=models.Index(fields=["until"], name="ix_upload_until"),
        ),
        migrations.AddConstraint(
            model_name="upload",
            constraint=models.UniqueConstraint(fields=("network", "scope", "step"), name="uq_upload"),
        ),
        migrations.AddField(
            model_name="use",
            name="publication",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="social.publication"
            ),
        ),
        migrations.AddIndex(
            model_name="use",
            index=models.Index(fields=["key", "at"], name="ix_use_key"),
        ),
        migrations.AddIndex(
            model_name="use",
            index=models.Index(fields=["at"], name="ix_use_at"),
        ),
    ]
