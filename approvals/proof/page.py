"""What stands on the pages of the PDF: the evidence in words, in the reader's language, on the client's clock.

All of it is strings and lists for ``evidence.typ``; the words of people go through ``Legible``.
"""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from babel.dates import format_date, format_datetime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from approvals.models import Audience, Fate, ReviewState, Rule, SeatSource, StepState, Verdict, Via
from approvals.proof.record import (
    CommentRecord,
    DecisionRecord,
    End,
    Evidence,
    PartPicture,
    PartRecord,
    SeatRecord,
    StepRecord,
    Way,
)
from approvals.proof.verify_evidence import in_groups
from approvals.rule_words import of_how_many
from approvals.typefaces import Legible, right_to_left
from clients.colours import foreground
from clients.moments import locale

GOOD, WRONG, WAITING, STOPPED = "good", "wrong", "waiting", "stopped"
REVIEW_SIGNS = {
    ReviewState.OPEN: ("◷", WAITING),
    ReviewState.APPROVED: ("✓", GOOD),
    ReviewState.CHANGES_REQUESTED: ("✎", WRONG),
    ReviewState.WITHDRAWN: ("⊘", STOPPED),
    ReviewState.SUPERSEDED: ("⊘", STOPPED),
}
STEP_SIGNS = {
    StepState.WAITING: ("○", STOPPED),
    StepState.ACTIVE: ("◷", WAITING),
    StepState.PASSED: ("✓", GOOD),
    StepState.REFUSED: ("✎", WRONG),
    StepState.SKIPPED: ("⇥", STOPPED),
}
Words = dict[str, Any]


class Page:
    """The pages of one proof. ``files``: which picture (by its SHA-256) is drawn from which file."""

    def __init__(self, evidence: Evidence, *, fingerprint: str, files: Mapping[str, str]) -> None:
        self.evidence = evidence
        self.fingerprint = fingerprint
        self.files = files
        self.legible = Legible(_texts(evidence))

    def layout(self) -> Words:
        """Everything, for the template."""
        said, line = self.evidence, self.legible
        client, subject, review = said["client"], said["subject"], said["review"]
        heading = _("Proof of approval")
        made = datetime.fromisoformat(said["made_at"])
        kind = _("For the agency") if said["for"] == "agency" else _("For the client")
        title = line(subject["title"])
        content: Words = {
            "language": locale(),
            "title": f"{heading}: {title}",
            "author": line(said["agency"]["name"]),
            "description": _("Version %(version)d, SHA-256 %(digest)s") % subject,
            "keywords": [subject["digest"], said["for"]],
            "colour": client["colour"],
            "ink": foreground(client["colour"]),
            "client": line(client["name"]),
            "agency": line(said["agency"]["name"]),
            "heading": f"{heading}: {title}",
            "header": [f"{line(client['name'])}  ·  {title}", kind],
            "footer": f"SHA-256 {subject['digest']}",
            "page": _split(_("Page {page} of {pages}")),
            "outcome": _sign(REVIEW_SIGNS[ReviewState(review["state"])], ReviewState(review["state"]).label),
            "facts": self._facts(kind, made),
            "titles": _titles(),
            "parts": [self._part(part) for part in said["parts"]],
            "steps": [self._step(step) for step in said["steps"]],
            "comments": [self._comment(comment) for comment in said["comments"]],
            "check": self._check(),
        }
        content["notes"] = self._notes()  # last: only now is it known what could not be shown
        return content

    def _facts(self, kind: str, made: datetime) -> list[list[str]]:
        said, line = self.evidence, self.legible
        review, subject = said["review"], said["subject"]
        facts = [
            (_("Version"), _("%(version)d, round %(round)d") % {**subject, **review}),
            (_("Approval chain"), line(review["chain"])),
            (_("Written by"), self._person(review["author"])),
            *((_("With words by"), self._person(person)) for person in review["words_by"]),
            (_("Approval asked by"), self._person(review["asked_by"])),
            (_("Asked on"), _moment(review["opened_at"])),
        ]
        if review["closed_at"]:
            facts.append((_("Closed on"), _moment(review["closed_at"])))
        facts += [
            (_("Times"), _("as on the clocks of %(zone)s") % {"zone": said["client"]["zone"]}),
            (_("This document"), f"{kind}, {_moment(made.isoformat())}"),
        ]
        return [list(fact) for fact in facts]

    def _notes(self) -> list[str]:
        notes = []
        if self.evidence["review"]["state"] == ReviewState.OPEN:
            notes.append(_("This review is still open: what is here is how it stood when this document was made."))
        if self.legible.replaced:
            notes.append(
                _(
                    "Signs for which there was no typeface stand in brackets, by their Unicode names. The attached file has them as they are."
                )
            )
        copies = {picture["copy"] for picture in self.evidence["pictures"].values()}
        if "reduced" in copies:
            notes.append(
                _("The pictures together are too heavy to be attached whole: of some there is a smaller copy.")
            )
        if "missing" in copies:
            notes.append(_("Of some pictures the bytes that were put to approval are no longer there."))
        return notes

    def _person(self, person: Mapping[str, Any]) -> str:
        return self.legible(f"{person['name']}, {person['email']}" if person["email"] else person["name"])

    def _words(self, text: str) -> list[Words]:
        """The text in runs of lines that read in one direction; a line without letters reads as the one before it."""
        chunks: list[Words] = []
        for line in self.legible(text).split("\n") if text else []:
            rtl = right_to_left(line)
            if chunks and (rtl is None or chunks[-1]["rtl"] == rtl):
                chunks[-1]["text"] += "\n" + line
            else:
                chunks.append({"text": line, "rtl": bool(rtl)})
        return chunks

    def _part(self, part: PartRecord) -> Words:
        return {
            "where": self.legible(part["where"]),
            "network": self.legible(part["network"]),
            **self._drawn(part),
            "link": self.legible(part["link"]),
            "asked": [self.legible(f"{one['label']}: {one['words']}") for one in part.get("asked", [])],
            "pictures": [self._picture(picture) for picture in part["pictures"]],
        }

    def _drawn(self, part: PartRecord) -> Words:
        """The text as it is seen there: at once, behind “more”, and what does not go out; whole where that is not known."""
        text, drawn = part["text"], part.get("drawn")
        if not drawn:
            return {"text": self._words(text), "folded": [], "cut": [], "counted": "", "card": ""}
        at_once, goes_out = drawn["at_once"], drawn["goes_out"]
        return {
            "text": self._words(text[:at_once]),
            "folded": self._words(text[at_once:goes_out]),
            "cut": self._words(text[goes_out:]),
            "counted": drawn["counted"],
            "card": self.legible(drawn["card"]),
        }

    def _picture(self, picture: PartPicture) -> Words:
        alt = picture["alt_text"]
        return {
            "file": self.files.get(picture["sha256"], ""),
            "alt": self.legible(alt) or _("A picture without a description"),
            "caption": self._words(alt or _("Without a description")),
            "note": _("This picture can't be drawn here."),
            "sha256": picture["sha256"],
        }

    def _step(self, step: StepRecord) -> Words:
        seats = step["carried_from"]["seats"] if step["carried_from"] else step["seats"]
        return {
            "name": f"{step['position']}. {self.legible(step['name'])}",
            "state": _sign(STEP_SIGNS[StepState(step["state"])], StepState(step["state"]).label),
            "rule": _rule(step),
            "notes": self._step_notes(step),
            "rows": [self._row(seat, step) for seat in seats],
        }

    def _step_notes(self, step: StepRecord) -> list[str]:
        notes = []
        if step["skipped"]:
            notes.append(self.legible(step["skipped"]["words"]))
        if step["carried_from"]:
            said = _("Its part did not change: the approval of version %(version)d, round %(round)d, stands here too.")
            notes.append(said % step["carried_from"])
        if step["tacit"]:
            said = _(
                "Nobody objected in time: it passed by tacit consent on %(when)s. The client agreed to that in writing on %(date)s."
            )
            notes.append(said % {"when": _moment(step["tacit"]["at"]), "date": _day(step["tacit"]["agreed_on"])})
            if step["tacit"]["document"]:
                notes.append(_("The document that says so has this SHA-256: %(document)s.") % step["tacit"])
        if step["four_eyes"]:
            notes.append(_("Four eyes: nobody who decided before or wrote a version."))
        if step["due_at"]:
            notes.append(_("Due by %(when)s.") % {"when": _moment(step["due_at"])})
        return notes

    def _row(self, seat: SeatRecord, step: StepRecord) -> Words:
        decision = seat["decision"]
        return {
            "person": self.legible(seat["person"]["name"]),
            "about": self._about(seat),
            "said": _said(seat, step),
            "comment": self._words(decision["comment"] if decision else ""),
            "how": self._how(decision) if decision else [],
        }

    def _about(self, seat: SeatRecord) -> list[str]:
        lines = [self.legible(seat["person"]["email"])] if seat["person"]["email"] else []
        if seat["source"] != SeatSource.CHAIN:
            lines.append(str(SeatSource(seat["source"]).label))
        if seat["instead_of"] and seat["instead_of"]["id"] != seat["person"]["id"]:
            lines.append(_("In place of %(name)s") % {"name": self.legible(seat["instead_of"]["name"])})
        end = seat["ended"]
        if end:
            lines.append(self._end(end))
            if end["reason"]:
                lines.append(_("Reason: %(reason)s") % {"reason": self.legible(end["reason"])})
        return lines

    def _end(self, end: End) -> str:
        when = _moment(end["at"])
        if end["by"] is None:
            said = {
                "replaced": _("Replaced on %(when)s: counts no more"),
                "taken_back": _("Taken back on %(when)s: counts no more"),
            }
            return said[end["why"]] % {"when": when}
        said = {
            "replaced": _("Replaced by %(who)s on %(when)s: counts no more"),
            "taken_back": _("Taken back by %(who)s on %(when)s: counts no more"),
        }
        return said[end["why"]] % {"when": when, "who": self.legible(end["by"]["name"])}

    def _how(self, decision: DecisionRecord) -> list[str]:
        lines = [_moment(decision["at"]), self._way(decision["way"])]
        if decision["deputy"]:
            lines.insert(0, _("By %(name)s, as deputy") % {"name": self._person(decision["by"])})
        if decision["digest"] != self.evidence["subject"]["digest"]:
            lines.append(_("Of the version with the digest %(digest)s…") % {"digest": decision["digest"][:16]})
        return lines

    def _way(self, way: Way) -> str:
        label = str(Via(way["kind"]).label)
        if way["mailed_to"]:
            return _("%(way)s, sent to %(address)s") % {"way": label, "address": self.legible(way["mailed_to"])}
        if way["token"]:
            token = {"name": self.legible(way["token"]["name"]), "prefix": way["token"]["prefix"]}
            return f"{label}, " + _("key “%(name)s” (%(prefix)s…)") % token
        return label

    def _comment(self, comment: CommentRecord) -> Words:
        about = [f"{comment['number']}", _moment(comment["at"])]
        if self.evidence["for"] == "agency":
            about.append(str(Audience(comment["audience"]).label))
        lines = []
        if comment["answers"]:
            lines.append(_("Answers number %(number)d") % {"number": comment["answers"]})
        anchor = comment["anchor"]
        if anchor:
            of = _("Of “%(quote)s”, %(part)s") if anchor["quote"] else _("Of a point of a picture, %(part)s")
            lines.append(of % {"quote": self.legible(anchor["quote"]), "part": self.legible(anchor["part"])})
        if comment["fate"] and comment["fate"] != Fate.OPEN:
            lines.append(str(Fate(comment["fate"]).label))
        if comment["resolved"]:
            lines.append(_("Settled"))
        return {
            "by": self.legible(comment["by"]["name"]),
            "about": "  ·  ".join(about),
            "lines": lines,
            "text": self._words(comment["text"]),
            "suggestion": self._words(comment["suggestion"] or ""),
        }

    def _check(self) -> list[Words]:
        said = self.evidence
        address = said["installation"]["address"] + "/evidence-key/"
        texts = [
            (_("What was approved has this digest, its SHA-256:"), False),
            (said["subject"]["digest"], True),
            (said["subject"]["recipe"], False),
            (
                _(
                    "The file evidence.json, attached to this PDF, holds all that stands here and the exact content of the digest. Both are signed with the Ed25519 key of this installation, whose fingerprint is:"
                ),
                False,
            ),
            (in_groups(self.fingerprint), True),
            (
                _(
                    "Compare the fingerprint with what the agency tells you, or with what stands at %(address)s. There is also a small program that checks this file without any of the agency's machines:"
                )
                % {"address": address},
                False,
            ),
            (f"python verify_evidence.py FILE --key {self.fingerprint}", True),
            (
                _(
                    "Change one byte, and it says so. The last event of this review in the chain of events is number %(seq)d, with this hash:"
                )
                % said["audit"],
                False,
            ),
            (said["audit"]["hash"], True),
        ]
        return [{"text": text if code else self.legible(text), "code": code} for text, code in texts]


def _titles() -> Words:
    return {
        "what": _("What was put to approval"),
        "who": _("Who decided"),
        "said": _("What was said"),
        "check": _("How to check it"),
        "no_text": _("Without a text"),
        "more": _("… more"),
        "cut": _("cut here"),
        "columns": [_("Person"), _("Decision"), _("When and how")],
        "suggestion": _("Suggested wording"),
        "attachment": _("The proof itself, for programs"),
    }


def _said(seat: SeatRecord, step: StepRecord) -> Words:
    decision = seat["decision"]
    if decision is None:
        if seat["ended"]:
            return _sign(("⊘", STOPPED), _("Asked no more"))
        waiting = step["state"] == StepState.WAITING
        return _sign(("○", STOPPED), _("Not yet asked") if waiting else _("No decision"))
    label = str(Verdict(decision["verdict"]).label)
    if seat["ended"]:
        return _sign(("⊘", STOPPED), label)
    return _sign(("✓", GOOD) if decision["verdict"] == Verdict.APPROVE else ("✎", WRONG), label)


def _sign(sign: tuple[str, str], word: object) -> Words:
    icon, hue = sign
    return {"icon": icon, "hue": hue, "word": str(word)}


def _rule(step: StepRecord) -> str:
    seats = step["carried_from"]["seats"] if step["carried_from"] else step["seats"]
    if more := of_how_many(step["needed"], sum(seat["ended"] is None for seat in seats)):
        return more
    if step["rule"] == Rule.ALL:
        return _("All of them must approve")
    said = ngettext("%(needed)d of them must approve", "At least %(needed)d of them must approve", step["needed"])
    return said % {"needed": step["needed"]}


def _moment(iso: str) -> str:
    when = datetime.fromisoformat(iso)
    language = locale()
    offset = when.strftime("%z")
    return f"{format_date(when, 'd MMMM y', locale=language)}, {format_datetime(when, 'HH:mm:ss', locale=language)} ({offset[:3]}:{offset[3:]})"


def _day(iso: str) -> str:
    return str(format_date(date.fromisoformat(iso), "d MMMM y", locale=locale()))


def _split(pattern: str) -> list[str]:
    """“Page {page} of {pages}” in the three pieces around its numbers."""
    before, rest = pattern.split("{page}")
    between, after = rest.split("{pages}")
    return [before, between, after]


def _texts(content: Any) -> list[str]:
    """Every text to be set: all but the pictures' bytes and the exact content."""
    if isinstance(content, str):
        return [content]
    if isinstance(content, Mapping):
        return [
            text
            for key, inner in content.items()
            if key not in {"pictures", "content"} or isinstance(inner, list)
            for text in _texts(inner)
        ]
    return [text for inner in content for text in _texts(inner)] if isinstance(content, list) else []
