"""Real servers of social networks for the tests: how they are installed, started and asked what they hold."""
