"""The newsletter: a client's own house, by mail."""
