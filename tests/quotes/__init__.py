"""Quotes (preventivi): made up, for the tests alone. They show that approvals know nothing of what is approved."""
