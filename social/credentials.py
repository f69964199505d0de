"""Channel credentials at rest: sealed as every secret here is."""

from accounts.sealing import reseal, seal, unseal

__all__ = ["reseal", "seal", "unseal"]
