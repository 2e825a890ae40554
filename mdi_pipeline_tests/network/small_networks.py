"""Networks of a few nodes, and what they are by definitions written out plainly."""

from datetime import UTC, datetime

import polars as pl
from hypothesis import strategies as st

from mdi_pipeline.network.graph import NetworkTables

Pairs = set[tuple[int, int]]

N = 9
PAIRS = st.sets(
    st.tuples(st.integers(0, N - 1), st.integers(0, N - 1)).filter(lambda pair: pair[0] != pair[1]), max_size=16
)


def name(node: int) -> str:
    return f"o/{node}"


def frames(pairs: Pairs) -> tuple[pl.DataFrame, pl.DataFrame]:
    """`models` and `lineage_edges` of a network of N nodes."""
    models = pl.DataFrame(
        {
            "model_id": [name(node) for node in range(N)],
            "created_at": [datetime(2024, 1, 1 + node, tzinfo=UTC) for node in range(N)],
            "in_snapshot": [True] * N,
            "n_parents": [len({parent for child, parent in pairs if child == node}) for node in range(N)],
            "n_children": [len({child for child, parent in pairs if parent == node}) for node in range(N)],
        }
    )
    edges = pl.DataFrame(
        [
            {
                "child_id": name(child),
                "parent_id": name(parent),
                "relation": "finetune",
                "time_reversed": child < parent,
            }
            for child, parent in sorted(pairs)
        ],
        schema={"child_id": pl.String, "parent_id": pl.String, "relation": pl.String, "time_reversed": pl.Boolean},
    )
    return models, edges


def ancestors(node: int, pairs: Pairs) -> set[int]:
    found: set[int] = set()
    waiting = [node]
    while waiting:
        current = waiting.pop()
        above = {parent for child, parent in pairs if child == current} - found
        found |= above
        waiting += above
    return found


def longest_path(node: int, pairs: Pairs) -> int:
    parents = [parent for child, parent in pairs if child == node]
    return 1 + max(longest_path(parent, pairs) for parent in parents) if parents else 0


def is_acyclic(pairs: Pairs) -> bool:
    return all(node not in ancestors(node, pairs) for node in range(N))


def without_cycles(tables: NetworkTables) -> Pairs:
    """Child and parent of the edges that do not close a cycle."""
    return set(tables.edges.filter(~pl.col("breaks_cycle")).select("child", "parent").iter_rows())
