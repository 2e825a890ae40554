"""Everything Dagster, in one room: steps and the assets made of them, reuse, checks, automation, runs.

Belongs here: what is read, written and needed, when it runs, and who is told. Does not: how anything is computed,
which stands in the science (`hub` to `report`).
"""
