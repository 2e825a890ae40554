"""The assets: one module a layer, each thin, made by `step` from what a step reads, writes and computes.

Belongs here: which tables a step reads and writes, and which numbers the UI shows of them. Does not: how
anything is computed, which stands in the layer of the same name.
Dagster's concept: https://docs.dagster.io/guides/build/assets
"""
