"""Division without warnings."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

from mdi_pipeline.compute.ratios import ratio_of


@pytest.mark.parametrize("kind", [np.int32, np.int64, np.float64])
def test_nothing_divided_by_nothing_is_nan_and_no_warning(kind: type) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        ratios = ratio_of(np.array([0, 1, 3], kind), np.array([0, 0, 4], kind))
    np.testing.assert_array_equal(ratios, [np.nan, np.inf, 0.75])
