"""The counts and indices, straight from their definitions, with sets."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence

Id = Hashable


def oracle(
    edges: Sequence[tuple[Id, Id]],
    created_at: Mapping[Id, int | None],
    window: int | None,
    focal: Iterable[Id] | None = None,
) -> dict[Id, dict[str, float | None]]:
    """Scores of the nodes `focal`, or of all."""
    parents: dict[Id, set[Id]] = {node: set() for node in [*created_at, *(end for edge in edges for end in edge)]}
    for child, parent in edges:
        if child != parent:
            parents[child].add(parent)
    return {node: _scores(node, parents, created_at, window) for node in (parents if focal is None else focal)}


def _scores(
    focal: Id, parents: Mapping[Id, set[Id]], created_at: Mapping[Id, int | None], window: int | None
) -> dict[str, float | None]:
    born = created_at.get(focal)

    def in_window(node: Id) -> bool:
        then = created_at.get(node)
        return born is not None and then is not None and born < then and (window is None or then <= born + window)

    a = {node for node in parents if focal in parents[node] and in_window(node)}
    b = {node for node in parents if node != focal and parents[node] & parents[focal] and in_window(node)}
    n_i, n_j, n_k = len(a - b), len(a & b), len(b - a)
    shared = [len(parents[node] & parents[focal]) for node in a]
    n_j5 = sum(count >= 5 for count in shared)
    cd = _ratio(n_i - n_j, n_i + n_j + n_k)
    return {
        "n_parents": len(parents[focal]),
        "n_children": sum(focal in parents[node] for node in parents),
        "n_i": n_i,
        "n_j": n_j,
        "n_k": n_k,
        "n_j5": n_j5,
        "mdi": _ratio(n_i - n_j - n_k, n_i + n_j + n_k),
        "cd": cd,
        "cd_nok": _ratio(n_i - n_j, n_i + n_j),
        "mcd": None if cd is None else cd * (n_i + n_j),
        "di5": _ratio(n_i - n_j5, n_i + n_j5 + n_k),
        "dep": _ratio(sum(shared), len(a)),
    }


def _ratio(numerator: int, denominator: int) -> float | None:
    return numerator / denominator if denominator else None
