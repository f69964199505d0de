from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('approvals', '0004_open_kinds_and_frozen_columns'),
    ]

    operations = [
        migrations.AddField(
            model_name='review',
            name='moved_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.RemoveConstraint(
            model_name='reminder',
            name='ck_reminder_kind',
        ),
        migrations.AlterField(
            model_name='reminder',
            name='kind',
            field=models.CharField(choices=[('morning', 'Morning mail'), ('deadline', 'Its time is up'), ('day_before', 'One working day before it goes out'), ('hour_before', 'One hour before it goes out'), ('nudge', 'By hand'), ('unanswered', 'Somebody else was told')], max_length=12),
        ),
        migrations.AddConstraint(
            model_name='reminder',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['morning', 'deadline', 'day_before', 'hour_before', 'nudge', 'unanswered'])), name='ck_reminder_kind'),
        ),
    ]
