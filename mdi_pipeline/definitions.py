"""The code location that Dagster loads; what is in it stands in `orchestration.definitions`."""

from __future__ import annotations

import dagster as dg

from mdi_pipeline.orchestration.definitions import build_defs


@dg.definitions
def defs() -> dg.Definitions:
    """Everything, for the home that `MDI_HOME` names."""
    return build_defs()
