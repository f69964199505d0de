from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ('social', '0027_what_was_typed'),
    ]

    operations = [
        migrations.AddField(
            model_name='channel',
            name='session',
            field=models.TextField(blank=True, editable=False),
        ),
    ]
