"""Columns that several tables share, so that each is described once."""

from __future__ import annotations

import dataframely as dy

RELATIONS = ("finetune", "adapter", "merge", "quantized")
"""The ways of deriving that the Hub knows, as its tags write them."""

PHASES = ("hub", "tag", "card", "config", "name")
"""The kinds of evidence for an edge, strongest first."""

RESOLUTIONS = ("exact", "case", "alias", "unresolved")
"""How a declared parent's id was matched to a known id."""

SIZE_CLASSES = ("<1B", "1-3B", "3-10B", "10-30B", "30-100B", ">=100B")
"""Classes of parameter counts; a bound belongs to the class above it."""

PARENT_COUNTS = ("1", "2", "3", "4+")
"""How many parents a model has."""

BENCHMARKS = ("reported", "none reported")
"""Whether a model reports benchmark results of its own."""

AUTHOR_MODELS = ("none", "1 to 9", "10 to 99", "100 to 999", "1,000 or more")
"""How many models an author had made before."""

AUTHOR_QUANTIZED = ("no model before", "none quantized", "up to half", "more than half")
"""What share of those was quantized."""

INDICES = ("mdi", "cd", "cd_nok", "mcd", "di5", "dep")
"""The indices of disruption, the headline first."""

STATUSES = ("left_censored", "root", "censored", "undefined", "scored")
"""Whether a model's index counts; the first that fits, in this order."""


def hub_id(description: str, *, key: bool = False, nullable: bool = False) -> dy.String:
    """A model's id on the Hub."""
    return dy.String(primary_key=key, nullable=nullable, min_length=1, description=description)


def timestamp(description: str, *, nullable: bool = False) -> dy.Datetime:
    """A moment in UTC, to the microsecond."""
    return dy.Datetime(time_zone="UTC", time_unit="us", nullable=nullable, description=description)


def choice(values: tuple[str, ...], description: str, *, nullable: bool = False, key: bool = False) -> dy.String:
    """One of a fixed set of words."""
    return dy.String(
        primary_key=key,
        nullable=nullable,
        check={"one_of": lambda expression: expression.is_in(list(values))},
        description=f"{description} One of: {', '.join(values)}.",
    )


def text(description: str, *, nullable: bool = True, key: bool = False) -> dy.String:
    """Free text."""
    return dy.String(primary_key=key, nullable=nullable, description=description)


def count(description: str, *, nullable: bool = False, unit: str = "") -> dy.Int64:
    """A whole number that cannot be negative."""
    return dy.Int64(min=0, nullable=nullable, description=description, metadata={"unit": unit})


def real(
    description: str,
    *,
    nullable: bool = True,
    unit: str = "",
    low: float | None = None,
    high: float | None = None,
) -> dy.Float64:
    """A real number; NaN is never allowed, undefined is null."""
    return dy.Float64(nullable=nullable, min=low, max=high, description=description, metadata={"unit": unit})
