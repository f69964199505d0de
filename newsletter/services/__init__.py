"""The only doors to a change of a list, its readers and their copies."""
