from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('approvals', '0005_reminders'),
    ]

    operations = [
        migrations.AddIndex(
            model_name='reviewstep',
            index=models.Index(condition=models.Q(('state', 'active')), fields=['activated_at'], name='ix_reviewstep_turn'),
        ),
        migrations.AddIndex(
            model_name='reviewstep',
            index=models.Index(condition=models.Q(('four_eyes', True)), fields=['review'], name='ix_reviewstep_eyes'),
        ),
    ]
