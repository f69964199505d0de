"""What mail servers' refusals are about, in the words of those that readers and senders meet most."""

import pytest

from social.networks.newsletter.statuses import About, about

GONE, MAILBOX, SENDER, LIMIT, UNSAID = About.GONE, About.MAILBOX, About.SENDER, About.LIMIT, About.UNSAID


@pytest.mark.parametrize(
    ("statuses", "words", "found"),
    [
        # Of the address, by its number.
        (["5.1.1"], "<anna@example.org>: Recipient address rejected: User unknown in local recipient table", GONE),
        (["5.1.1"], "The email account that you tried to reach does not exist.", GONE),
        (["5.1.2"], "Host unknown", GONE),
        (["5.1.3"], "Bad destination mailbox address syntax", GONE),
        (["5.1.6"], "Moved, and left no address", GONE),
        (["5.1.10"], "Recipient address has null MX", GONE),
        (["5.1.10"], "RESOLVER.ADR.RecipientNotFound; Recipient not found by SMTP address lookup", GONE),
        (["5.2.1"], "The email account that you tried to reach is disabled.", GONE),
        (["5.2.1"], "The user you are trying to contact is receiving mail too quickly.", MAILBOX),
        (["5.2.2"], "Over quota", MAILBOX),
        (["5.1.4"], "Ambiguous", MAILBOX),
        (["5.2.121"], "The recipient's limit of this sender's messages is exceeded", MAILBOX),
        (["5.6.7"], "No such letters in addresses here", MAILBOX),
        # Of who sends.
        (["5.1.8"], "Access denied, bad outbound sender AS(42004)", SENDER),
        (["5.1.8"], "<x@example.com>: Sender address rejected: Domain not found", SENDER),
        (["5.1.7"], "Bad sender's mailbox address syntax", SENDER),
        (["5.1.0"], "<x@example.com>: Sender address rejected: User unknown in virtual mailbox table", SENDER),
        (["5.1.1"], "Sender denied", SENDER),
        (["5.2.252"], "SendAsDenied; x@example.com not allowed to send as y@example.com", SENDER),
        (["5.2.0"], "STOREDRV.Submission.Exception:SendAsDeniedException.MapiExceptionSendAsDenied", SENDER),
        (["5.7.1"], "<anna@example.org>: Relay access denied", SENDER),
        (["5.7.1"], "<x@example.com>: Sender address rejected: not owned by user filo", SENDER),
        (["5.7.60"], "Client does not have permissions to send as this one", SENDER),
        (["5.7.27"], "The sender's domain takes no mail", SENDER),
        (["5.7.501"], "Access denied, spam abuse detected", SENDER),
        # Of its limits.
        (["5.1.90"], "Your message can't be sent because you've reached your daily limit for message recipients", LIMIT),
        (["5.1.90"], "Try again later", LIMIT),
        (["5.2.251"], "Sender throttled due to continuous invalid recipients errors", LIMIT),
        (["5.2.0"], "STOREDRV.Submission.Exception:SubmissionQuotaExceededException", LIMIT),
        (["5.2.2"], "Submission quota exceeded", LIMIT),
        (["5.4.5"], "Daily user sending limit exceeded.", LIMIT),
        (["4.2.1"], "Peak SMTP relay limit exceeded for customer.", LIMIT),
        (["4.4.5"], "Maximum number of messages per session exceeded.", LIMIT),
        ([], "Throttling failure: Daily message quota exceeded.", LIMIT),
        ([], "Mails per session limit", LIMIT),
        # Of nobody that one could name.
        (["5.0.0"], "Mail rejected", UNSAID),
        (["5.0.0"], "552 quota", UNSAID),
        (["5.4.1"], "Recipient address rejected: Access denied. AS(201806281)", UNSAID),
        (["5.4.4"], "Host not found", UNSAID),
        (["5.4.6"], "Mail loop", UNSAID),
        (["5.5.0"], "Requested action not taken: mailbox unavailable", UNSAID),
        (["5.7.1"], "Not to this one: no such user", UNSAID),
        (["5.1.9"], "Relayed to one that does not comply", UNSAID),
        (["5.3.4"], "Too large", UNSAID),
        ([], "mailbox unavailable", UNSAID),
        # Where the number says nothing, plain words do.
        (["5.0.0"], "User unknown", GONE),
        (["5.5.0"], "no such user here", GONE),
        (["5.1.0"], "Address unknown", GONE),
        ([], "<anna@example.org> No such user here", GONE),
        ([], "mailbox anna does not exist", GONE),
        (["5.0.0"], "user unknown, or blocked by our policy", UNSAID),
        ([], "<no.such.user.unknown@example.org> refused by mx.user-unknown.example.org", UNSAID),
        # Of several the mildest that says something.
        (["5.0.0", "5.1.1"], "no", GONE),
        (["5.1.1", "5.7.1"], "no such user; not from you", UNSAID),
        (["5.1.1", "4.2.2"], "given up: over quota", MAILBOX),
        (["5.4.7", "4.1.1"], "expired", UNSAID),
    ],
)  # fmt: skip
def test_what_a_no_is_about(statuses: list[str], words: str, found: About) -> None:
    assert about(words, *statuses) == found


def test_what_may_be_asked_again_says_of_nobody_that_they_are_gone() -> None:
    assert about("User unknown", final=False) == MAILBOX
    assert about("User unknown", "4.1.1", final=False) == MAILBOX
    assert about("Sender address rejected: Domain not found", "4.1.8", final=False) == SENDER
