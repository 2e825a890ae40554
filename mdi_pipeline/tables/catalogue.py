"""Which tables there are."""

from mdi_pipeline.tables.attention import ATTENTION, ATTENTION_GAPS
from mdi_pipeline.tables.disruption import DISRUPTION_SCORES, NULL_MODEL, NULL_SCORES
from mdi_pipeline.tables.findings import FINDINGS
from mdi_pipeline.tables.history import MODEL_HISTORY, SCORE_CHANGES
from mdi_pipeline.tables.hub import CRAWL_MANIFEST, MODEL_SNAPSHOTS
from mdi_pipeline.tables.lineage import (
    LINEAGE_AGREEMENT,
    LINEAGE_CANDIDATES,
    LINEAGE_EDGES,
    LINEAGE_QUALITY,
    LINEAGE_REJECTED,
    LINEAGE_SUCCESSORS,
    MODELS,
)
from mdi_pipeline.tables.network import NETWORK_EDGES, NETWORK_STRUCTURE, NETWORK_SUMMARY
from mdi_pipeline.tables.registry import Table
from mdi_pipeline.tables.regression import SCORE_REGRESSION
from mdi_pipeline.tables.sensitivity import ROBUSTNESS, SURVIVORSHIP, WINDOW_SENSITIVITY
from mdi_pipeline.tables.statistics import SCORE_FACTORS, SCORE_SUMMARY, SCORE_TRENDS, TREND_TESTS

TABLES: dict[str, Table] = {
    table.name: table
    for table in (
        MODEL_SNAPSHOTS,
        CRAWL_MANIFEST,
        LINEAGE_EDGES,
        LINEAGE_CANDIDATES,
        LINEAGE_REJECTED,
        LINEAGE_QUALITY,
        LINEAGE_AGREEMENT,
        LINEAGE_SUCCESSORS,
        MODELS,
        NETWORK_EDGES,
        NETWORK_STRUCTURE,
        NETWORK_SUMMARY,
        DISRUPTION_SCORES,
        SCORE_SUMMARY,
        SCORE_FACTORS,
        SCORE_CHANGES,
        MODEL_HISTORY,
        SCORE_TRENDS,
        TREND_TESTS,
        WINDOW_SENSITIVITY,
        SCORE_REGRESSION,
        ROBUSTNESS,
        SURVIVORSHIP,
        ATTENTION,
        ATTENTION_GAPS,
        FINDINGS,
        NULL_SCORES,
        NULL_MODEL,
    )
}
"""Every table of the lake by its name, in the order in which data flows."""
