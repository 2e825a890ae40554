"""Counts of what follows on a model, for every model and window."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import polars as pl

from mdi_pipeline.compute.compilation import compiled
from mdi_pipeline.compute.parallel import n_workers
from mdi_pipeline.disruption.adjacency import Integers
from mdi_pipeline.disruption.errors import GraphError
from mdi_pipeline.disruption.graph import TemporalGraph, temporal_graph
from mdi_pipeline.disruption.kernel import N_I, N_J, N_J5, N_K, N_SHARED, Counts, Family, Windows, count_all
from mdi_pipeline.disruption.times import LONGEST

COUNT_COLUMNS = ("n_parents", "n_children", "n_i", "n_j", "n_k", "n_j5", "shared_parents")

KINDS: Integers = np.array([N_I, N_J, N_K, N_J5, N_SHARED])
"""The kinds of counts in the order of their columns, which follow the first two of `COUNT_COLUMNS`."""


def disruption_counts(
    edges: pl.DataFrame,
    models: pl.DataFrame,
    windows: Sequence[int | None],
    *,
    child: str = "child",
    parent: str = "parent",
    id: str = "id",  # noqa: A002
    created_at: str = "created_at",
) -> pl.DataFrame:
    """Counts of the models that follow on each model f within each window.

    `edges` has a row for each derivation (`child` derives from `parent`; duplicates count once, loops are
    no edges), `models` one for each model: `id`, a string or an integer, and `created_at`, an integer, a
    date or a datetime (compared to the second), null where unknown. An end of an edge that is not among
    the models becomes a stub, a model without a creation time. A window is a number of days, for integer
    times of their unit, or None for all that comes later; model c lies in it where
    t_f < t_c <= t_f + window.

    Returns a row for each window and model, windows in the order asked for, in each the models in their
    own order and then the stubs in the order of their ids:

    | column | meaning |
    |---|---|
    | `id` | of f, in the type of `models` |
    | `window` | as asked for, but no more than 64 bits hold |
    | `n_parents`, `n_children` | of f, whatever their times |
    | `n_i` | models in the window that derive from f and none of its parents |
    | `n_j` | ... from f and at least one of its parents |
    | `n_k` | ... from at least one parent of f and not from f, other than f |
    | `n_j5` | ... from f and at least five of its parents |
    | `shared_parents` | parents shared with f, summed over the models in `n_i` and `n_j` |

    All counts are 0 where t_f is unknown. Windows share all work but the counting: five cost less than three
    times as much as one. Raises `GraphError` where the frames do not make a graph or a window is not positive.

    >>> import polars as pl
    >>> edges = pl.DataFrame({"child": ["f", "c", "d"], "parent": ["p", "f", "p"]})
    >>> models = pl.DataFrame({"id": ["p", "f", "c", "d"], "created_at": [0, 1, 2, 3]})
    >>> disruption_counts(edges, models, [90]).filter(id="f").select("n_i", "n_j", "n_k").row(0)
    (1, 0, 1)
    """
    graph = temporal_graph(edges, models, child=child, parent=parent, id=id, created_at=created_at)
    return graph_counts(graph, windows)


def graph_counts(
    graph: TemporalGraph, windows: Sequence[int | None], progress: Callable[[float], None] | None = None
) -> pl.DataFrame:
    """As `disruption_counts`, from a graph that is built already; `progress` hears the share that is done."""
    lengths = _in_ticks(graph, windows)
    ascending = sorted(set(lengths), key=_endless_last)
    counts, _ = count_all(graph.family, kernel_windows(graph, ascending), progress)
    degrees, columns = _columns(graph, counts)
    return pl.concat(
        [
            _window_frame(graph.ids, window, [*degrees, *columns[ascending.index(length)]])
            for window, length in zip(windows, lengths, strict=True)
        ],
        rechunk=False,
    )


def kernel_windows(graph: TemporalGraph, ascending: Sequence[int | None]) -> Windows:
    """Windows of these ascending lengths, in ticks, as intervals of nodes."""
    with ThreadPoolExecutor(n_workers()) as pool:
        first, *stops = pool.map(graph.window_stops, [0, *ascending])
    return Windows(first, np.stack(stops))


def _in_ticks(graph: TemporalGraph, windows: Sequence[int | None]) -> list[int | None]:
    if not windows:
        raise GraphError("no window to count in; None stands for all that comes later")
    for window in windows:
        if window is not None and window <= 0:
            raise GraphError(f"a window of {window} {graph.clock.window_unit} holds nothing; it must be positive")
    ticks = graph.clock.ticks_per_window_unit
    return [None if window is None else min(window * ticks, LONGEST) for window in windows]


def _endless_last(length: int | None) -> float:
    return np.inf if length is None else length


def _window_frame(ids: pl.Series, window: int | None, columns: Sequence[Integers]) -> pl.DataFrame:
    return pl.DataFrame(
        {"id": ids}
        | {"window": pl.repeat(window and min(window, LONGEST), len(ids), dtype=pl.Int64, eager=True)}
        | dict(zip(COUNT_COLUMNS, columns, strict=True))
    )


def _columns(graph: TemporalGraph, counts: Counts) -> tuple[Integers, Integers]:
    """The first two of `COUNT_COLUMNS`, by row of `graph.ids`, and the others, by window, column and row."""
    n_rows, n_windows = len(graph.ids), counts.shape[1]
    degrees = np.empty((2, n_rows), np.int32)
    columns = np.empty((n_windows, len(COUNT_COLUMNS) - len(degrees), n_rows), np.int32)
    bounds = np.linspace(0, n_rows, n_workers() + 1).astype(np.int64)
    with ThreadPoolExecutor(n_workers()) as pool:
        list(
            pool.map(
                lambda begin, end: _gather(begin, end, graph.node, graph.family, counts, KINDS, degrees, columns),
                bounds[:-1],
                bounds[1:],
            )
        )
    return degrees, columns


@compiled
def _gather(
    begin: int,
    end: int,
    node: Integers,
    family: Family,
    counts: Counts,
    kinds: Integers,
    degrees: Integers,
    columns: Integers,
) -> None:
    """Writes the degrees and counts of the nodes of these rows, the counts in the order of `kinds`."""
    parents, children = family.parents.start, family.children.start
    for row in range(begin, end):
        one = node[row]
        degrees[0, row] = parents[one + 1] - parents[one]
        degrees[1, row] = children[one + 1] - children[one]
        for window in range(counts.shape[1]):
            for column in range(len(kinds)):
                columns[window, column, row] = counts[one, window, kinds[column]]
