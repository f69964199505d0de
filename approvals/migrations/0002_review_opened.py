"""The list of reviews, the newest first, without reading all of them."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("approvals", "0001_initial")]

    operations = [
        migrations.AddIndex(
            model_name="review", index=models.Index(fields=["opened_at", "id"], name="ix_review_opened")
        ),
    ]
