"""What a network does that fetches pictures and videos itself, from an address that is not the fake's own."""

import httpx


def fetch(address: str) -> bytes | None:
    """The bytes that lie there for whoever comes without a word of who it is; None where there are none."""
    answer = httpx.get(address, timeout=10)
    return answer.content if answer.status_code == httpx.codes.OK else None
