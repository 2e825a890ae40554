"""What can be the id of a model on the Hub, and what is a path, a URL or nothing at all."""

from __future__ import annotations

import polars as pl

REPOSITORY_ID = r"^[\w.\-]+(?:/[\w.\-]+)?$"
"""An owner and a name, or a bare name as the Hub's oldest models have; letters, digits, `_`, `-` and `.`."""

LOCAL_PATH = r"^(?:[/~]|\.{1,2}(?:/|$)|[A-Za-z]:[\\/])|\\|/.*/|/$"
"""Rooted, relative to the current folder, of Windows, or with more folders than an id has."""

URL = r"^(?:[a-z][a-z0-9+]*://|www\.)"

NOTHING = ("", "none", "null", "undefined", "n/a", "unknown", "-")
"""What people and programs write where there is no parent, in lower case."""


def why_no_id(written: str) -> pl.Expr:
    """Why a text in the column `written` is no id of a model; null where it can be one.

    One of `empty`, `url`, `local_path`, `not_an_id`, as `lineage_rejected` lists them.
    """
    text = pl.col(written)
    return (
        pl.when(text.str.to_lowercase().is_in(NOTHING))
        .then(pl.lit("empty"))
        .when(text.str.to_lowercase().str.contains(URL))
        .then(pl.lit("url"))
        .when(text.str.contains(LOCAL_PATH))
        .then(pl.lit("local_path"))
        .when(~text.str.contains(REPOSITORY_ID))
        .then(pl.lit("not_an_id"))
    )
