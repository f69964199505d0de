import clients.models
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('clients', '0002_working_time_consent_managers'),
    ]

    operations = [
        migrations.AddField(
            model_name='client',
            name='logo',
            field=models.FileField(blank=True, max_length=200, upload_to=clients.models.logo_name, verbose_name='logo'),
        ),
    ]
