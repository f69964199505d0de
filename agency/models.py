"""What the installation knows of itself."""

from django.db import models


class Heartbeat(models.Model):
    """When one of the processes last showed that it does its work, not only that it exists."""

    name = models.CharField(max_length=20, primary_key=True)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.name} {self.at:%Y-%m-%d %H:%M:%S}"
