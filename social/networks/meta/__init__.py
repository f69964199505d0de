"""What Facebook pages, Instagram and Threads share: Meta's Graph API, its errors, its limits and its tokens.

How an error becomes an outcome. The body's `error` decides, by `code` and `error_subcode`, whatever the HTTP status
(mostly 400); what has none of these goes by the table of `social.networks.wire`. *Quiet* calls leave nothing that a
reader could see; *visible* is the one that publishes, edits or deletes.

| code (subcode)                                  | means                          | quiet       | visible     | source |
|-------------------------------------------------|--------------------------------|-------------|-------------|--------|
| any, with `is_transient` true                   | a fault that passes            | NotSent     | Unknown     | [1] |
| 1, 2                                            | API unknown, API service       | NotSent     | Unknown     | [1] |
| 102, 190, 467 (458, 459, 460, 463, 464, 467 …)  | the token is no good any more  | CredentialsRefused (both) ||  [1] |
| 3, 10, 200–299                                  | the app or the person may not  | Refused `permission_missing` (both) || [1] |
| 4, 17, 32, 341, 613, 80000–80014                | too many calls                 | Throttled (both)         || [1] [2] |
| 368                                             | blocked by Meta's policies     | Refused `blocked_by_policy` (both): a person has to look || [1] |
| 506                                             | the same post twice in a row   | Refused `duplicate` (both)  || [1] |
| 1609005                                         | the link can't be read         | Refused `link_not_readable` (both) || [1] |
| 803; 100 (33)                                   | no such object, or not for us  | Refused, as `Missing` (both) || [3] |
| 100 and all others                              | a parameter Meta does not take | Refused (both)           || [1] |

[1] https://developers.facebook.com/docs/graph-api/guides/error-handling ·
[2] https://developers.facebook.com/docs/graph-api/overview/rate-limiting ·
[3] seen in many reports and not in the guide: 100 (33) says "does not exist, cannot be loaded due to missing
permissions, or does not support this operation", so it alone never proves that something is gone (`vanishing`).

A transient error never counts as a bad token, so that no fault of Meta's disconnects a channel. `said` begins with
`fbtrace_id`, which is what Meta's support asks for.

When to come back from a limit stands in the header X-Business-Use-Case-Usage (`estimated_time_to_regain_access`, in
minutes); X-App-Usage gives only per cents of a sliding hour, for which we wait a quarter of it [2]. A good answer whose
headers say that all is used up keeps the next call from being sent.

Meta's own library, facebook-business, is not used: it keeps one session for the process, has no door for a transport,
and gives up on the wire's times. It is what the parameters are checked against in the tests.
"""

from social.networks.meta.errors import Meaning, Meanings, Missing
from social.networks.meta.graph import (
    GRAPH,
    READ_SECONDS,
    WRITE_SECONDS,
    Graph,
    Token,
    debug_token,
    done,
    soon,
    version,
)
from social.networks.meta.reading import begun, insight, moment, same_words, told, whole

__all__ = [
    "GRAPH",
    "READ_SECONDS",
    "WRITE_SECONDS",
    "Graph",
    "Meaning",
    "Meanings",
    "Missing",
    "Token",
    "begun",
    "debug_token",
    "done",
    "insight",
    "moment",
    "same_words",
    "soon",
    "told",
    "version",
    "whole",
]
