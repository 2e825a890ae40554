"""Kinds of columns that several tables share, so that each is described once."""

from __future__ import annotations

import dataframely as dy


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


def days(description: str, *, key: bool = False, nullable: bool = False) -> dy.Int32:
    """A length of time of at least one day."""
    return dy.Int32(primary_key=key, nullable=nullable, min=1, description=description, metadata={"unit": "days"})


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
