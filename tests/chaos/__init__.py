"""Everything that can break, breaks, while posts go out; then it is counted at the servers what went out: `make chaos`."""
