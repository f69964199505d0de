"""What could fill a silence: reads only. Taking one up is ``social.services.silences.acting``."""

from social.proposals.gathering import proposal_of, proposals
from social.proposals.proposal import Proposal, ProposalKind

__all__ = ["Proposal", "ProposalKind", "proposal_of", "proposals"]
