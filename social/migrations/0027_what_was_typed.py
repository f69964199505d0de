from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ('social', '0026_sign_ins_finished_by_workers'),
    ]

    operations = [
        migrations.AddField(
            model_name='signin',
            name='typed',
            field=models.JSONField(blank=True, default=dict),
        ),
    ]
