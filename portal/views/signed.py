"""The pages of one review and of one agreed post, for people who are signed in."""

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_http_methods, require_safe

from accounts.guarding import guarded
from approvals import selectors
from portal.people import signed_in
from portal.reviewing import when_out
from portal.speaking import say, showing, speaking_to
from portal.views.review import conduct
from social.issues import with_issues
from social.previews import previews
from social.selectors import posts, publications, versions, with_after
from social.serves import serves


@guarded
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def signed_review(request: HttpRequest, review_id: int) -> HttpResponse:
    """One review. What this person may not see does not exist."""
    reader = signed_in(request)
    review = get_object_or_404(selectors.with_steps(selectors.reviews(reader)), pk=review_id)
    with speaking_to(request, reader, review.client):
        return conduct(request, reader, review)


@guarded
@login_required
@require_safe
def agreed_post(request: HttpRequest, post_id: int) -> HttpResponse:
    """What was agreed, as its readers will see it or see it already."""
    reader = signed_in(request)
    post = get_object_or_404(posts(reader), pk=post_id)
    version = versions(reader, post).filter(pk=post.version_id or 0).first()
    if version is None:
        raise Http404
    with speaking_to(request, reader, post.client):
        drawn = with_issues(previews(post.client_id, version.content, of=post), version)
        context = {
            "post": post,
            "client": post.client,
            "when": when_out(post),
            "serves": str(serves(reader, post, inside=False)),
            "previews": drawn,
            "publications": with_after(
                publications(reader).filter(post=post, version=version).exclude(state="cancelled"), reader
            ),
            "review": selectors.reviews(reader).filter(pk=post.review_id or 0).first(),
            "signed_in": True,
        }
        return showing(say(request, "portal/post.html", context), drawn)
