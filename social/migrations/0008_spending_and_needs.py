"""What publications take of limits and of money, a client's ceiling, whose each use is."""

import django.db.models.deletion
import django.utils.timezone
from decimal import Decimal
from django.conf import settings
from django.db import migrations, models


FILL = """
UPDATE social_use SET client_id = publication.client_id FROM social_publication publication
WHERE publication.id = social_use.publication_id
"""


class Migration(migrations.Migration):
    dependencies = [
        ("clients", "0002_working_time_consent_managers"),
        ("social", "0007_channel_allows"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Ceiling",
            fields=[
                (
                    "client",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="ceiling",
                        serialize=False,
                        to="clients.client",
                    ),
                ),
                ("dollars", models.DecimalField(decimal_places=2, max_digits=9, verbose_name="ceiling a month")),
                ("updated_at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
        ),
        migrations.CreateModel(
            name="Charge",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.PositiveSmallIntegerField(help_text="Of the try.")),
                ("at", models.DateTimeField(default=django.utils.timezone.now)),
                ("dollars", models.DecimalField(decimal_places=4, max_digits=9)),
            ],
        ),
        migrations.AddField(
            model_name="publication",
            name="beyond_by",
            field=models.ForeignKey(
                blank=True,
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="publication",
            name="dollars",
            field=models.DecimalField(decimal_places=4, default=Decimal("0"), max_digits=9, verbose_name="price"),
        ),
        migrations.AddField(
            model_name="publication",
            name="held",
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name="publication",
            name="uses",
            field=models.JSONField(default=dict),
        ),
        migrations.AddField(
            model_name="use",
            name="client",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="clients.client"
            ),
        ),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
        migrations.AlterField(
            model_name="use",
            name="client",
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="clients.client"),
        ),
        migrations.AddIndex(
            model_name="publication",
            index=models.Index(fields=["client", "due_at"], name="ix_publication_month"),
        ),
        migrations.AddIndex(
            model_name="publication",
            index=models.Index(
                condition=models.Q(("state", "scheduled")), fields=["network", "due_at"], name="ix_publication_planned"
            ),
        ),
        migrations.AddField(
            model_name="ceiling",
            name="set_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="charge",
            name="client",
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="clients.client"),
        ),
        migrations.AddField(
            model_name="charge",
            name="publication",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="charges", to="social.publication"
            ),
        ),
        migrations.AddConstraint(
            model_name="ceiling",
            constraint=models.CheckConstraint(condition=models.Q(("dollars__gte", 0)), name="ck_ceiling_dollars"),
        ),
        migrations.AddIndex(
            model_name="charge",
            index=models.Index(fields=["client", "at"], name="ix_charge_client"),
        ),
        migrations.AddConstraint(
            model_name="charge",
            constraint=models.UniqueConstraint(fields=("publication", "number"), name="uq_charge"),
        ),
        migrations.AddConstraint(
            model_name="charge",
            constraint=models.CheckConstraint(condition=models.Q(("dollars__gte", 0)), name="ck_charge_dollars"),
        ),
    ]
