"""One thing that could go out on a channel that is going to be silent."""

from dataclasses import dataclass, field
from datetime import datetime

from django.db import models
from django.utils.translation import gettext_lazy as _

from social.models import Post
from strategy.models import Occasion, Pillar


class ProposalKind(models.TextChoices):
    """Where a proposal comes from, in the order in which they are shown: what is nearly done comes first."""

    DRAFT = "draft", _("A draft that lies around")
    OCCASION = "occasion", _("An occasion near by")
    EVERGREEN = "evergreen", _("Worth repeating")
    PILLAR = "pillar", _("A pillar behind its share")
    RETURN = "return", _("Coming back after the silence")


@dataclass(frozen=True, kw_only=True)
class Proposal:
    """``key`` names it, for as long as it can be made. ``title`` and ``text`` are the draft's; ``reason`` is for staff.

    ``post`` is the draft itself, or the post that comes again.
    """

    kind: ProposalKind
    number: int = 0
    title: str
    text: str = ""
    reason: str = ""
    publish_at: datetime
    post: Post | None = field(default=None, repr=False)
    pillar: Pillar | None = None
    occasion: Occasion | None = None

    @property
    def key(self) -> str:
        """Such as ``evergreen:12``."""
        return f"{self.kind}:{self.number}"
