"""A step that is asked for some networks alone looks at what goes out there, and at nothing else."""

from approvals.models import Restart
from approvals.services import StepPlan, decide
from social.models import Channel, Post
from social.services import edit_post, submit_post
from social.services.content_rows import VariantPlan
from tests.approvals.clock import chain
from tests.world import World, approve, review_of


def test_what_a_network_asks_alone_stands_where_its_own_words_stay(world: World) -> None:
    """Two channels on two networks; only the other one's text changes, and Elena is not asked again."""
    other = Channel.objects.create(client=world.winery, network="mastodon", handle="roero", name="Roero")
    chain(
        world,
        StepPlan(name="Prova", users=[world.elena], only={"networks": ["sandbox"]}),
        StepPlan(name="Account", users=[world.marta]),
        restart=Restart.UNCHANGED,
    )
    post = world.submitted(channels=[world.page, other], variants=[VariantPlan(channel=other, text="Là si vendemmia.")])
    approve(post, world.elena)
    for words in ("Là si vendemmia ancora.", "Là no."):
        review = review_of(post)
        decide(review=review, user=world.marta, digest=review.digest, verdict="request_changes", comment="Ancora")
        post = edit_post(
            user=world.vito, post=Post.objects.get(pk=post.pk), variants=[VariantPlan(channel=other, text=words)]
        )
        post = submit_post(user=world.vito, post=post)
        first = review_of(post).steps.get(position=1)
        assert (first.state == "passed", first.carried_from_id is not None) == (True, True)
    review = review_of(post)
    decide(review=review, user=world.marta, digest=review.digest, verdict="request_changes", comment="E qua?")
    post = edit_post(user=world.vito, post=Post.objects.get(pk=post.pk), text="Qua non si vendemmia.")
    assert review_of(submit_post(user=world.vito, post=post)).steps.get(position=1).state == "active"
