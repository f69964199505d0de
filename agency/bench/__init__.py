"""How fast Filo is, measured in one run, in a database of its own: `make bench` writes docs/benchmarks.md."""
