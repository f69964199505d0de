"""The list of publications by time without reading all of them."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("social", "0001_initial")]

    operations = [
        migrations.AddIndex(
            model_name="publication", index=models.Index(fields=["due_at", "id"], name="ix_publication_due")
        ),
    ]
