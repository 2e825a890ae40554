from __future__ import annotations

import polars as pl

from mdi_pipeline.report.figures.catalogue import all_figures
from mdi_pipeline.report.inputs import ReportInputs
from mdi_pipeline.statistics.populations import POPULATION_FILTERS, scored_models


def test_bars_of_a_distribution_add_up_to_its_models(inputs: ReportInputs) -> None:
    models = scored_models(inputs.disruption_scores, inputs.models, inputs.window_days, [])
    for index in ("mdi", "cd_nok", "mcd", "dep"):
        data = all_figures(inputs)[f"distribution_{index}"].data
        assert data["class"].null_count() == 0
        for population in ("scored", "built_upon"):
            of_population = models.filter(POPULATION_FILTERS[population])[index].drop_nulls()
            drawn = data.filter(pl.col("population") == population)
            assert drawn["models"].sum() == of_population.len()
            assert drawn.filter(pl.col("sign") > 0)["models"].sum() == (of_population > 0).sum()
