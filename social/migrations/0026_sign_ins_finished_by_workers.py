from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ('social', '0025_silences'),
    ]

    operations = [
        migrations.AddField(
            model_name='signin',
            name='wake_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AlterField(
            model_name='signin',
            name='state',
            field=models.CharField(choices=[('sent', 'On the way'), ('back', 'Being connected'), ('asking', 'Its network is being asked'), ('choosing', 'Which account?'), ('done', 'Connected'), ('ended', 'Not connected')], default='sent', max_length=10),
        ),
        migrations.RemoveConstraint(
            model_name='signin',
            name='ck_sign_in_state',
        ),
        migrations.AddConstraint(
            model_name='signin',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['sent', 'back', 'asking', 'choosing', 'done', 'ended'])), name='ck_sign_in_state'),
        ),
        migrations.AddIndex(
            model_name='signin',
            index=models.Index(condition=models.Q(('state', 'back')), fields=['wake_at'], name='ix_sign_in_wake'),
        ),
    ]
