"""How long an account's server keeps what was uploaded and no record names yet."""

import datetime as dt

# https://atproto.com/specs/blob#blob-lifecycle: an hour at least.
KEPT_FOR = dt.timedelta(minutes=50)
