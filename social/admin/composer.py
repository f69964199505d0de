"""The composer: writing, looking at it as readers will, saving, asking for approval. Nothing typed is lost."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.html import escape
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.errors import Conflict
from accounts.models import User
from accounts.once import once
from accounts.staff_admin import person
from clients.marks import band_of
from clients.models import STAFF_ROLES, Client
from clients.moments import spoken
from clients.selectors import clients
from social import selectors, services
from social.admin import threading
from social.admin.composing import ComposerForm, composer_form
from social.admin.slots import slots_beside
from social.digest import content_of, digest_of
from social.issue_views import ALONE, framed
from social.issues import issue_of
from social.models import Post, PostState
from social.outdated import warned, warnings
from social.previews import previews
from social.services.forecasts import both, waits_of
from social.services.posts import WRITABLE
from social.services.repeating import repeats
from social.services.serving import NAMES
from strategy.guidance import InForce, in_force, tones, whys

# Where the services' words for a field stand in the form.
BESIDE = {"publish_at": "day"}
# What is said above the form of what is no field of its own, and is told where it stands.
LOOK_AT = {
    "channels": gettext_lazy("Look at the channels."),
    "media": gettext_lazy("Look at the pictures."),
    "parts": gettext_lazy("Look at the thread."),
}


def writable_clients(user: User) -> QuerySet[Client]:
    """The clients this person writes for."""
    return clients(user, STAFF_ROLES)


class Composer:
    """One request to the composer of one post, new (None) or not."""

    def __init__(self, pages: Any, request: HttpRequest, client: Client, post: Post | None) -> None:
        self.pages, self.request, self.client, self.post = pages, request, client, post
        self.user = person(request)
        self.file_errors: list[str] = []
        self.stale: Post | None = None
        self._leaned_on: list[InForce] | None = None

    # Answers

    def answer(self) -> HttpResponseBase:
        """The form, or what became of it."""
        if self.post is not None and self.post.state not in WRITABLE:
            text = _(
                "This post is out, going out or cancelled: it can't be changed. Duplicate it to use its text again."
            )
            if self.request.method != "POST":
                messages.info(self.request, text)
                return redirect(self._page())
        if self.request.method != "POST":
            return self._show(composer_form(self.user, self.client, self.post))
        data = self._with_upload()
        do = self.request.POST.get("do", "save")
        rearranged = threading.rearrange(data, do)
        form = composer_form(self.user, self.client, self.post, data)
        if rearranged or do in {"check", "upload"} or self.file_errors:
            return self._show(form, checked=do == "check")
        if not form.is_valid():
            return self._show(form)
        return self._save(form, submits=do == "submit", queues=do == "queue")

    def previews_alone(self) -> HttpResponseBase:
        """The previews of what is being typed, without the page around them."""
        form = composer_form(self.user, self.client, self.post, self.request.POST)
        context = self._previews(form)
        beside = sorted(form.counted.items())
        context |= {"beside": beside, "swaps": True}
        return TemplateResponse(self.request, "admin/composer_previews.html", context)

    def issue_alone(self, channel: int) -> HttpResponseBase:
        """The whole mail of what is being typed, on its own; in a word why there is none yet."""
        content = composer_form(self.user, self.client, self.post, self.request.POST).content()
        entry = next((entry for entry in content["channels"] if entry["channel"] == channel), None)
        chosen = selectors.channels(self.user).filter(pk=channel, client=self.client).first()
        page = issue_of(chosen, entry) if chosen and entry else ""
        return framed(page or escape(_("Choose the channel first: then its mail is shown here.")))

    def _page(self) -> str:
        return reverse("admin:social_post_page", args=[self.post.pk if self.post else 0])

    # A picture that came along

    def _with_upload(self) -> Any:
        """What was sent; a file among it is put into the library and chosen."""
        data = self.request.POST.copy()
        file = self.request.FILES.get("file")
        if file is None:
            return data
        try:
            item = services.add_media(user=self.user, client=self.client, file=file, alt_text=data.get("file_alt", ""))
        except ValidationError as error:
            self.file_errors = [*error.messages, _("The rest of the form is as you left it: choose another file.")]
            return data
        if str(item.pk) not in data.getlist("media"):
            data.appendlist("media", str(item.pk))
        data["file_alt"] = ""
        return data

    # Saving and asking

    def _save(self, form: ComposerForm, *, submits: bool, queues: bool = False) -> HttpResponseBase:
        try:
            self._write(form, timeless=queues)
        except ValidationError as error:
            self._take(form, error)
            return self._show(form)
        except Conflict as conflict:
            return self._conflict(form, conflict, submits=submits)
        if submits:
            return self._submit(form)
        if queues:
            return self._queue()
        messages.success(self.request, _("Saved."))
        return redirect(self.pages.address("change", self.post.pk if self.post else 0))

    def _queue(self) -> HttpResponseBase:
        """What is saved gets the next free slot."""
        post = self._now()
        try:
            post = services.queue_post(user=self.user, post=post)
        except Conflict as conflict:
            messages.warning(self.request, _("It is saved, without a slot: %(why)s") % {"why": conflict.detail})
        else:
            when = spoken(post.publish_at or timezone.now(), self.client.zone)
            messages.success(self.request, _("Saved. It has the next free slot: %(when)s.") % {"when": when})
        return redirect(self.pages.address("change", post.pk))

    def _write(self, form: ComposerForm, *, timeless: bool = False) -> None:
        fields = form.fields_for_service()
        if timeless:
            del fields["publish_at"]
        if self.post is None:
            token = form.cleaned_data["token"]

            def create() -> int:
                return services.create_post(user=self.user, client=self.client, **fields).pk

            number, first = once(self.request, token, create) if token else (create(), True)
            self.post = selectors.posts(self.user).get(pk=number)
            if not first:
                raise Conflict("changed_meanwhile", _("This was sent already."))
            return
        revision = form.cleaned_data["revision"]
        self.post = services.edit_post(
            user=self.user, post=self.post, revision=revision or self.post.revision, **fields
        )

    def _submit(self, form: ComposerForm) -> HttpResponseBase:
        post = self._now()
        try:
            services.submit_post(user=self.user, post=post)
        except ValidationError as error:
            messages.info(
                self.request, _("It is saved as a draft. It is not submitted yet: something has to change first.")
            )
            again = self._again(form)
            self._take(again, error)
            return self._show(again)
        except Conflict as conflict:
            return self._conflict(form, conflict, submits=True)
        messages.success(self.request, _("Submitted. Whoever has to approve it is told."))
        for words in warned(post):
            messages.warning(self.request, words)
        return redirect(self._page())

    def _now(self) -> Post:
        """The post as it stands now."""
        post = selectors.posts(self.user).get(pk=self.post.pk if self.post else 0)
        self.post = post
        return post

    def _again(self, form: ComposerForm) -> ComposerForm:
        """The same words over the post as it stands now."""
        data = form.data.copy()
        data["revision"] = str(self._now().revision)
        again = composer_form(self.user, self.client, self.post, data)
        again.is_valid()
        return again

    def _conflict(self, form: ComposerForm, conflict: Conflict, *, submits: bool) -> HttpResponseBase:
        """Somebody, perhaps the same person by a second click, was there first."""
        post = self._now()
        same = digest_of(form.content()) == digest_of(content_of(post)) and form.typed("title") == post.title
        if same and post.state == PostState.IN_REVIEW:
            messages.info(self.request, _("It has been submitted already. It was asked once."))
            return redirect(self._page())
        if same and conflict.code == "changed_meanwhile" and self._same_settings(form, post):
            if submits:
                return self._submit(form)
            messages.info(self.request, _("It has been saved already."))
            return redirect(self.pages.address("change", post.pk))
        again = self._again(form)
        if conflict.code == "changed_meanwhile":
            self.stale = post
        again.add_error(None, str(conflict.detail))
        return self._show(again, status=409)

    @staticmethod
    def _same_settings(form: ComposerForm, post: Post) -> bool:
        fresh = composer_form(form.user, form.client, post)
        same = all(str(form.typed(name)) == str(fresh.typed(name)) for name in ("day", "time", *NAMES, "chain"))
        return same and sorted(map(str, form.typed("labels"))) == sorted(map(str, fresh.typed("labels")))

    @staticmethod
    def _take(form: ComposerForm, error: ValidationError) -> None:
        by_field = error.error_dict if hasattr(error, "error_dict") else {NON_FIELD_ERRORS: error.error_list}
        for field, errors in by_field.items():
            found = ValidationError(errors)
            if field in LOOK_AT:
                form.said[field] = found.messages
                form.add_error(None, LOOK_AT[field])
            else:
                beside = BESIDE.get(field, field)
                form.add_error(beside if beside in form.fields else None, found)

    # Showing

    def _previews(self, form: ComposerForm) -> dict[str, Any]:
        content = form.content()
        at = form.moment()
        serving = form.serving()
        said = both(repeats(content, post=self.post, at=at), waits_of(self.client, content, at, self.post))
        leant = warnings(Post(client=self.client, **serving), [entry["channel"] for entry in content["channels"]])
        found = previews(self.client.pk, content, also=both(said, leant), of=self.post)
        form.count(found)
        return {
            "previews": found,
            "goes_out": form.spoken_time(),
            "whys": whys(self._in_force(), **serving) if any(serving.values()) else [],
            **slots_beside(form.chosen(), self.post),
        }

    def _in_force(self) -> list[InForce]:
        """What of the client's strategies is in force; read once."""
        if self._leaned_on is None:
            today = timezone.now().astimezone(self.client.zone).date()
            self._leaned_on = in_force(self.user, self.client, today)
        return self._leaned_on

    def _show(self, form: ComposerForm, *, checked: bool = False, status: int = 200) -> HttpResponseBase:
        form.errors  # noqa: B018 - says what is wrong before the fields are drawn
        post = self.post
        action = (
            self.pages.address("change", post.pk) if post else f"{self.pages.address('add')}?client={self.client.pk}"
        )
        context = {
            **self._previews(form),
            "form": form,
            "tones": tones(self.client, self._in_force()),
            "checked": checked,
            "action": action,
            "band": band_of(self.client),
            "preview_url": self._preview_url(),
            "issues": [(channel, self._preview_url(channel.pk)) for channel in form.newsletters()],
            "alone": ALONE,
            "page_url": self._page() if post else "",
            "file_errors": self.file_errors,
            "file_alt": self.request.POST.get("file_alt", "") if self.file_errors else "",
            "asked": bool(post and post.review_id and post.state != PostState.DRAFT),
            "stale": self.stale,
            "stale_previews": previews(self.client.pk, content_of(self.stale)) if self.stale else (),
            "several": writable_clients(self.user)[1:2].exists() if post is None else False,
        }
        answer: HttpResponseBase = self.pages.show(
            self.request, post, context, template="admin/composer.html", status=status
        )
        return answer

    def _preview_url(self, issue: int | None = None) -> str:
        """Where what is typed is drawn: all of it, or the whole mail of one channel."""
        asked = {"post": self.post.pk if self.post else None, "issue": issue}
        query = urlencode({name: value for name, value in asked.items() if value})
        address = reverse("admin:social_post_preview", args=[self.client.pk])
        return f"{address}?{query}" if query else address
