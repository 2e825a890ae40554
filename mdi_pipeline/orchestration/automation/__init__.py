"""What runs without being asked: jobs, schedules, sensors, and the conditions under which an asset follows its inputs.

Belongs here: when something runs, and who is told. Does not: what runs.
Dagster's concept: https://docs.dagster.io/guides/automate
"""
