"""Dagster's UI on a home: the web server with its guard, the code server and the daemon, started and ended together."""
