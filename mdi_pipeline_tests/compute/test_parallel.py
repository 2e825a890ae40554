"""Pieces of work at once: their results in order, each piece's matrices on one thread."""

from __future__ import annotations

import numpy as np  # noqa: F401, loads a library of matrices
from threadpoolctl import threadpool_info

from mdi_pipeline.compute.parallel import side_by_side


def blas_threads(_: object = None) -> set[int]:
    """How many threads a product of matrices may take, in each library that numpy or scipy loaded."""
    return {library["num_threads"] for library in threadpool_info() if library["user_api"] == "blas"}


def test_results_come_in_the_order_of_the_pieces() -> None:
    assert side_by_side(lambda piece: piece * piece, range(50)) == [piece * piece for piece in range(50)]


def test_a_piece_multiplies_on_one_thread_and_others_as_before() -> None:
    before = blas_threads()
    assert side_by_side(blas_threads, range(4)) == [{1}] * 4
    assert blas_threads() == before
