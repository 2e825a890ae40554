from __future__ import annotations

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from mdi_pipeline.lineage.authors import author_number

NAMES = st.sampled_from(["a", "b", "a/b", "model a"])


@given(st.lists(st.tuples(NAMES, st.none() | NAMES), max_size=20))
def test_models_of_one_author_share_a_number_and_those_of_none_have_their_own(
    rows: list[tuple[str, str | None]],
) -> None:
    """An author never shares a number with a model that is called alike."""
    models = pl.DataFrame(rows, schema={"model_id": pl.String, "author": pl.String}, orient="row")
    whose = [("author", author) if author is not None else ("model", model_id) for model_id, author in rows]
    expected = {one: number for number, one in enumerate(sorted(set(whose)), start=1)}
    assert models.select(author_number()).to_series().to_list() == [expected[one] for one in whose]
