from django.db import migrations, models


def name_all(apps, schema_editor):
    """Of a thread that is out on Bluesky or Threads, `remote_id` named the first post only."""
    rows = apps.get_model("social", "Publication").objects.filter(
        network__in=["bluesky", "threads"], state="published", act__in=["publish", "new_post"]
    ).exclude(remote_id="").exclude(remote_id__contains=",")
    for publication in rows.only("network", "keys", "progress", "remote_id").iterator():
        if publication.network == "bluesky":
            below = [str(one["rkey"]) for one in publication.keys.get("below", [])]
        else:
            steps = publication.progress.get("steps", {})
            parts = sorted((name for name in steps if name.startswith("part:")), key=lambda name: int(name[5:]))
            below = [str(steps[name]["given"]["id"]) for name in [*parts, "comment"] if name in steps]
        remote_id = ",".join([publication.remote_id, *below])
        if len(remote_id) <= 700:
            rows.model.objects.filter(pk=publication.pk).update(remote_id=remote_id)


class Migration(migrations.Migration):

    dependencies = [("social", "0014_after_publishing")]

    operations = [
        migrations.AlterField(
            model_name="publication", name="remote_id", field=models.CharField(blank=True, max_length=700)
        ),
        migrations.RunPython(name_all, migrations.RunPython.noop),
    ]
