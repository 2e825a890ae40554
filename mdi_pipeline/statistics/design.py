"""The columns of a regression: numbers on a logarithmic scale, and a column for each level but one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from mdi_pipeline.statistics.separation import told_by_levels

if TYPE_CHECKING:
    from numpy.typing import NDArray

NUMBERS: Mapping[str, tuple[str, pl.Expr]] = {
    "parameters": ("each tenfold", pl.col("lineage_parameters").log(10)),
    "parents_inflow": ("each doubling of 1 + it", (1 + pl.col("parents_inflow")).log(2)),
    "author_models": ("each doubling of 1 + it", (1 + pl.col("author_models_before")).log(2)),
    "author_derivatives": ("each doubling of 1 + it", (1 + pl.col("author_derivatives")).log(2)),
}
"""Terms that are numbers: the step that a coefficient stands for, and how they are scaled."""

LEVELS = ("relation", "parents", "task", "quarter")
"""Terms that have levels."""

FIXED_REFERENCE = {"relation": "finetune", "parents": "1"}

NO_EVENT = "no disruptive model"
"""How the reason begins why a level has no estimate whose odds are 0."""

TOLD = 1e-6
"""Below this share of its own spread a column has no part in another."""

SINGULAR = 1e-9
"""Below this share of the largest pivot a column says nothing that others do not."""


@dataclass(frozen=True)
class Column:
    """A column of the design: its term, what it stands for, the level it is compared with."""

    term: str
    level: str
    reference: str | None = None


@dataclass(frozen=True)
class LeftOut:
    """A term or level that cannot be estimated, and its models."""

    column: Column
    reason: str
    n: int
    n_events: int
    n_authors: int


@dataclass
class Design:
    """The models of a fit, the matrix (the constant first) and what was left out of it."""

    models: pl.DataFrame
    columns: list[Column]
    matrix: NDArray[np.float64]
    left_out: list[LeftOut] = field(default_factory=list)
    together: dict[Column, str] = field(default_factory=dict)
    """Columns that are held alike and have no estimate of their own, and why."""


def design(models: pl.DataFrame, *, need_events: bool) -> Design:
    """The design of some models.

    `models` has the columns that `NUMBERS` reads, the text columns `LEVELS`, `cluster` and `event` (bool), and
    `parameters_unknown` (bool) where numbers of parameters are filled in. With `need_events`, a level of which no
    model or every model is an event is left out with its models: its estimate would be infinite, and the
    others' are the same without it. So are the models whose levels together tell their outcome (`told_by_levels`).
    A term that does not vary is left out, and so is one that others imply.
    """
    kept, left_out = _without_certain_levels(models) if need_events else (models, [])
    why = ""
    if need_events:
        n_before = kept.height
        kept, gone = _without_told(kept)
        left_out += gone
        if n_before > kept.height:
            why = f", once models whose levels together tell their outcome are left out: {n_before - kept.height:,}"
    columns: list[Column] = []
    vectors: list[NDArray[np.float64]] = [np.ones(kept.height)]
    for column, vector in _columns(kept):
        if kept.height and np.ptp(vector) > 0:
            columns.append(column)
            vectors.append(vector)
        else:
            left_out.append(_left_out(column, f"all models are alike{why}" if kept.height else "no model", kept))
    matrix = np.column_stack(vectors)
    implied = _implied(matrix)
    left_out += [_left_out(columns[place - 1], f"it follows from the other terms{why}", kept) for place in implied]
    stays = [place for place in range(1, matrix.shape[1]) if place not in implied]
    # What pushed those models towards their outcome without end also moves the columns that now tell the same.
    together = {
        columns[other - 1]: f"only known together with {columns[place - 1].term} {columns[place - 1].level}{why}"
        for place in (implied if why else [])
        for other in _telling(matrix, stays, place)
    }
    return Design(kept, [columns[place - 1] for place in stays], matrix[:, [0, *stays]], left_out, together)


def _without_certain_levels(models: pl.DataFrame) -> tuple[pl.DataFrame, list[LeftOut]]:
    """The models without levels of which none or all are events; again, since that can make new ones."""
    left_out: list[LeftOut] = []
    while True:
        certain = [
            (term, *row)
            for term in LEVELS
            for row in models.group_by(term).agg(share=pl.col("event").mean(), n=pl.len()).sort(term).iter_rows()
            if row[1] in {0, 1}
        ]
        if not certain or models["event"].n_unique() < 2:  # noqa: PLR2004
            return models, left_out
        for term, level, share, n in certain:
            of_level = models.filter(pl.col(term) == level)
            reason = f"{NO_EVENT} among {n:,}" if share == 0 else f"all of {n:,} models disruptive"
            left_out.append(_left_out(Column(term, level, _reference(models, term)), reason, of_level))
        left = models.filter(pl.all_horizontal(pl.col(term) != level for term, level, *_ in certain))
        known = {(term, level) for term, level, *_ in certain}
        left_out += _gone_along(models, left, "all of its models have levels that are left out", known)
        models = left


def _without_told(models: pl.DataFrame) -> tuple[pl.DataFrame, list[LeftOut]]:
    """The models without those whose levels together tell their outcome, and the levels that go with them.

    All of them where those left would be of one outcome: then nothing can be estimated, and the fit says so.
    """
    if models["event"].n_unique() < 2:  # noqa: PLR2004
        return models, []
    told = told_by_levels(models, [term for term in (*LEVELS, "parameters_unknown") if term in models.columns])
    kept = models.filter(~told)
    if not told.any() or kept["event"].n_unique() < 2:  # noqa: PLR2004
        return models, []
    return kept, _gone_along(models, kept, "the levels of its models together tell their outcome", set())


def _gone_along(before: pl.DataFrame, after: pl.DataFrame, reason: str, known: set[tuple[str, str]]) -> list[LeftOut]:
    """The levels that no model has any more, but for those that are known to be left out."""
    return [
        _left_out(Column(term, level, _reference(before, term)), reason, before.filter(pl.col(term) == level))
        for term in LEVELS
        for level in sorted(set(before[term].unique()) - set(after[term].unique()))
        if (term, level) not in known
    ]


def _columns(models: pl.DataFrame) -> Iterator[tuple[Column, NDArray[np.float64]]]:
    for term, (step, scaled) in NUMBERS.items():
        yield Column(term, step), models.select(scaled.cast(pl.Float64)).to_series().to_numpy()
    if "parameters_unknown" in models.columns:
        unknown = models["parameters_unknown"].cast(pl.Float64).to_numpy()
        yield Column("parameters_unknown", "unknown", "known"), unknown
    for term in LEVELS:
        reference = _reference(models, term)
        for level in models[term].unique().sort():
            if level != reference:
                yield Column(term, level, reference), (models[term] == level).cast(pl.Float64).to_numpy()


def _reference(models: pl.DataFrame, term: str) -> str | None:
    """The level that others are compared with: the fixed one where it is there, else the largest."""
    levels = models[term].value_counts().sort(["count", term], descending=[True, False])[term]
    fixed = FIXED_REFERENCE.get(term)
    if fixed in levels:
        return fixed
    return levels[0] if len(levels) else None


def _implied(matrix: NDArray[np.float64]) -> list[int]:
    """Columns that are linear combinations of the others and the constant, which stands first and stays."""
    from scipy.linalg import qr

    varying = matrix[:, 1:]
    if not varying.size:
        return []
    standard = (varying - varying.mean(axis=0)) / varying.std(axis=0)
    _, factor, pivots = qr(standard.T @ standard, pivoting=True)
    pivot_sizes = np.abs(np.diag(factor))
    return sorted(1 + int(place) for place in pivots[pivot_sizes < SINGULAR * pivot_sizes[0]])


def _telling(matrix: NDArray[np.float64], stays: list[int], implied: int) -> list[int]:
    """Which of the columns that stay the implied one is a combination of, the constant apart."""
    kept = matrix[:, [0, *stays]]
    shares = np.linalg.lstsq(kept.T @ kept, kept.T @ matrix[:, implied], rcond=None)[0][1:]
    weights = np.abs(shares) * matrix[:, stays].std(axis=0)
    return [place for place, weight in zip(stays, weights, strict=True) if weight > TOLD * matrix[:, implied].std()]


def _left_out(column: Column, reason: str, models: pl.DataFrame) -> LeftOut:
    return LeftOut(column, reason, models.height, int(models["event"].sum()), models["cluster"].n_unique())
