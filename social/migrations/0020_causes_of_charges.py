"""A charge says what it is for: publishing, looking at what is out, taking down."""

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies: ClassVar = [("social", "0019_stopped_tries")]

    operations: ClassVar = [
        migrations.AddField(
            "charge",
            "cause",
            models.CharField(
                choices=[
                    ("publishing", "Publishing"),
                    ("reading", "Looking at what is out"),
                    ("deleting", "Taking down"),
                ],
                db_default="publishing",
                default="publishing",
                max_length=10,
            ),
        ),
        migrations.RunSQL(
            "UPDATE social_charge SET cause = 'reading' WHERE reading",
            "UPDATE social_charge SET reading = cause <> 'publishing'",
        ),
        migrations.RemoveConstraint("charge", "uq_charge"),
        migrations.RemoveField("charge", "reading"),
        migrations.AddConstraint(
            "charge",
            models.UniqueConstraint(
                condition=models.Q(cause="publishing"), fields=("publication", "number"), name="uq_charge"
            ),
        ),
        migrations.AddConstraint(
            "charge",
            models.CheckConstraint(
                condition=models.Q(cause__in=["publishing", "reading", "deleting"]), name="ck_charge_cause"
            ),
        ),
    ]
