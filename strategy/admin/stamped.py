"""A form that knows what stood in it when it was opened: what somebody else has changed since is said, not overwritten."""

import hashlib
from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext as _

from accounts.staff_admin import RecordForm


class StampedForm(RecordForm):
    """Fields over one record. ``before`` gives what stands there now, by field."""

    data: Any
    was = forms.CharField(required=False, max_length=64, widget=forms.HiddenInput())

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        now = self.before(kwargs.get("record"))
        kwargs["initial"] = {**now, **kwargs.get("initial", {}), "was": stamp(now)}
        super().__init__(*args, **kwargs)

    def before(self, record: Any) -> dict[str, Any]:
        """What stands there; nothing of a new one."""
        raise NotImplementedError

    @property
    def typed(self) -> dict[str, Any]:
        """What was typed, by field, once it is clean."""
        return {name: value for name, value in self.cleaned_data.items() if name != "was"}

    def clean(self) -> dict[str, Any]:
        """Sent again, it is meant."""
        typed: dict[str, Any] = self.cleaned_data
        if self.record is None or typed.get("was") in {"", self.initial["was"]}:
            return typed
        self.add_error(
            None,
            _("Somebody else has changed this since you opened it. It is said where. Save again if yours is to stand."),
        )
        for name in set(self.fields) - {"was"}:
            there = self.initial.get(name)
            if name in typed and _plain(typed[name]) != _plain(there):
                shown = self._shown(name, there)
                self.add_error(name, _("Now there stands: %(value)s") % {"value": shown})
        self.data = {**self.data.dict(), "was": self.initial["was"]}
        return typed

    def _shown(self, name: str, value: Any) -> str:
        choices = {
            str(getattr(key, "value", key)): str(label) for key, label in getattr(self.fields[name], "choices", ())
        }
        if isinstance(value, bool):
            return _("yes") if value else _("no")
        return choices.get(str(value)) or str(value or "—")


def stamp(values: Mapping[str, Any]) -> str:
    """A short sign for these values."""
    told = sorted((name, str(_plain(value))) for name, value in values.items())
    return hashlib.sha256(repr(told).encode()).hexdigest()[:16]


def _plain(value: Any) -> Any:
    """A record is its number, and nothing is nothing."""
    value = getattr(value, "pk", value)
    return None if value in ("", None) else value
