"""What the agency begins a strategy from."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Language
from strategy.models.strategies import TITLE_LENGTH, StrategyKind


class Template(models.Model):
    """A beginning of the agency's own library, of no client: sections with questions in the place of answers.

    ``sections`` are, in their order, objects with ``kind``, ``title``, ``body``, ``why``, ``source`` and ``horizon``. A strategy
    takes a copy: later changes touch no strategy that was begun from it.
    """

    name = models.CharField(_("name"), max_length=TITLE_LENGTH)
    language = models.CharField(_("language"), max_length=10, choices=Language.choices, default=Language.ITALIAN)
    kind = models.CharField(_("kind"), max_length=10, choices=StrategyKind.choices, default=StrategyKind.YEAR)
    about = models.TextField(_("for whom"), blank=True)
    sections = models.JSONField(default=list)
    edited_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    retired_at = models.DateTimeField(_("retired"), null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("template")
        verbose_name_plural = _("templates")
        ordering: ClassVar = ["language", "name", "id"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["language", "name"], name="uq_template_name")]

    def __str__(self) -> str:
        return self.name

    @property
    def retired(self) -> bool:
        """Whether nothing is begun from it any more."""
        return self.retired_at is not None
