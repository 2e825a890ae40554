"""How tables are kept: Parquet partitions that change in one step, and SQL views over them.

The only code that knows where and how, so that another store can take its place.
"""
