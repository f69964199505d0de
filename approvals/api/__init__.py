"""Chains and reviews, as programs see them."""

from approvals.api.chains import Chains
from approvals.api.reviews import Reviews
from rest.routing import router

router.register("chains", Chains, "api-chain")
router.register("reviews", Reviews, "api-review")
