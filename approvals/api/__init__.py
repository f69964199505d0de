"""Chains and reviews, as programs see them."""

from django.urls import path

from approvals.api.chains import Chains
from approvals.api.deputies import Deputies
from approvals.api.nudging import Waiting
from approvals.api.proofs import ReviewEvidenceJson, ReviewEvidencePdf
from approvals.api.reviews import Reviews
from rest.routing import pages, router

router.register("chains", Chains, "api-chain")
router.register("reviews", Reviews, "api-review")
router.register("deputies", Deputies, "api-deputy")
router.register("waiting", Waiting, "api-waiting")
pages += [
    path("reviews/<int:pk>/evidence.json", ReviewEvidenceJson.as_view(), name="api-review-evidence-json"),
    path("reviews/<int:pk>/evidence.pdf", ReviewEvidencePdf.as_view(), name="api-review-evidence-pdf"),
]
