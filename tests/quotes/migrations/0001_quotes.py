# A quote.

import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('approvals', '0005_reminders'),
        ('clients', '0002_working_time_consent_managers'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Quote',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('title', models.CharField(max_length=200)),
                ('amount', models.TextField()),
                ('terms', models.TextField(blank=True)),
                ('writers', django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), default=list, size=None)),
                ('goes_out_at', models.DateTimeField(null=True)),
                ('digest', models.CharField(max_length=64)),
                ('version', models.PositiveIntegerField(default=0)),
                ('versions', models.JSONField(default=dict)),
                ('state', models.CharField(choices=[('draft', 'Draft'), ('in_review', 'In Review'), ('changes_requested', 'Changes Requested'), ('approved', 'Approved'), ('sent', 'Sent')], default='draft', max_length=20)),
                ('author', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('client', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clients.client')),
                ('review', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='approvals.review')),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('state__in', ['draft', 'in_review', 'changes_requested', 'approved', 'sent'])), name='ck_quote_state')],
            },
        ),
    ]
