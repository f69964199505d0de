import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("social", "0009_threads_comments_fields")]

    operations = [
        migrations.AlterField(
            model_name="use",
            name="publication",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="social.publication"
            ),
        ),
    ]
