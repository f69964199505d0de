"""What mail servers write back."""

from newsletter.models import Copy
from newsletter.services.bounces import message_id, return_path

DOMAIN = "news.example.org"
POSTFIX = """\
From: MAILER-DAEMON@mx.example.org (Mail Delivery System)
To: {to}
Subject: Undelivered Mail Returned to Sender
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="XX"

--XX
Content-Type: text/plain

I'm sorry to have to inform you that your message could not be delivered.

--XX
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.org
Arrival-Date: Sat, 28 Nov 2026 10:00:00 +0000

Final-Recipient: rfc822; rosa@example.org
Action: {action}
Status: {status}
Diagnostic-Code: smtp; 550 {status} <rosa@example.org>: {words}

--XX
Content-Type: {returned}

From: Cantina Roero <lettera@example.org>
To: rosa@example.org
Subject: Numero 1
Message-ID: {message_id}

--XX--
"""
COMPLAINT = """\
From: <fbl@provider.example>
To: abuse@filo.example
Subject: FW: Numero 1
MIME-Version: 1.0
Content-Type: multipart/report; report-type=feedback-report; boundary="XX"

--XX
Content-Type: text/plain

This is an email abuse report.

--XX
Content-Type: message/feedback-report

Feedback-Type: {kind}
User-Agent: SomeGenerator/1.0
Version: 1
Original-Mail-From: <{mail_from}>

--XX
Content-Type: message/rfc822

From: Cantina Roero <lettera@example.org>
To: rosa@example.org
Subject: Numero 1
Message-ID: {message_id}

Ciao.
--XX--
"""


def bounce(copy: Copy, status: str = "5.1.1", **said: str) -> bytes:
    """A delivery report on this copy. ``to`` and ``message_id`` are those of the copy unless they are given."""
    told = {
        "to": return_path(copy.pk, DOMAIN),
        "message_id": message_id(copy.pk, DOMAIN),
        "action": "failed",
        "returned": "text/rfc822-headers",
        "status": status,
        "words": "no such user",
    }
    return POSTFIX.format(**{**told, **said}).replace("\n", "\r\n").encode()


def complaint(copy: Copy, kind: str = "abuse", **said: str) -> bytes:
    """A feedback report on this copy."""
    told = {"kind": kind, "message_id": message_id(copy.pk, DOMAIN), "mail_from": "x@example.org"}
    return COMPLAINT.format(**{**told, **said}).encode()


EXIM = """\
Return-Path: <>
X-Failed-Recipients: rosa@example.org
Auto-Submitted: auto-replied
From: Mail Delivery System <Mailer-Daemon@mx.example.org>
To: {to}
Subject: Mail delivery failed: returning message to sender

This message was created automatically by mail delivery software.

A message that you sent could not be delivered to one or more of its
recipients. This is a permanent error. The following address(es) failed:

  rosa@example.org
    {said}

------ This is a copy of the message, including all the headers. ------

From: Cantina Roero <lettera@example.org>
To: rosa@example.org
Message-ID: {message_id}

Ciao. 5.7.1
"""
QMAIL = """\
Return-Path: <>
From: MAILER-DAEMON@mx.example.org
To: {to}
Subject: failure notice

Hi. This is the qmail-send program at mx.example.org.
I'm afraid I wasn't able to deliver your message to the following addresses.
This is a permanent error; I've given up. Sorry it didn't work out.

<rosa@example.org>:
{said}

--- Below this line is a copy of the message.

From: Cantina Roero <lettera@example.org>
Message-ID: {message_id}

Ciao. 5.7.1
"""
HOLIDAY = """\
Return-Path: <>
From: Rosa <rosa@example.org>
To: {to}
Subject: Fuori ufficio
Auto-Submitted: auto-replied

{said}
"""


def old_style(letter: str, copy: Copy, words: str, **said: str) -> bytes:
    """What a server of the old kind says of this copy, in these words."""
    told = {"to": return_path(copy.pk, DOMAIN), "message_id": message_id(copy.pk, DOMAIN), "said": words}
    return letter.format(**{**told, **said}).replace("\n", "\r\n").encode()
