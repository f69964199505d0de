from django.db import migrations, models

KINDS = ['morning', 'deadline', 'day_before', 'hour_before', 'nudge', 'unanswered', 'blocked']


class Migration(migrations.Migration):

    dependencies = [
        ('approvals', '0007_frozen_numbers'),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='reminder',
            name='ck_reminder_kind',
        ),
        migrations.AlterField(
            model_name='reminder',
            name='kind',
            field=models.CharField(choices=[('morning', 'Morning mail'), ('deadline', 'Its time is up'), ('day_before', 'One working day before it goes out'), ('hour_before', 'One hour before it goes out'), ('nudge', 'By hand'), ('unanswered', 'Others were told that nobody answers'), ('blocked', 'Others were told that nobody can decide')], max_length=12),
        ),
        migrations.AddConstraint(
            model_name='reminder',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', KINDS)), name='ck_reminder_kind'),
        ),
    ]
