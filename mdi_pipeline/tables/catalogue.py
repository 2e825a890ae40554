"""Which tables there are."""

from mdi_pipeline.tables.attention import Attention, AttentionGaps
from mdi_pipeline.tables.disruption import DisruptionScores, NullModel, NullScores
from mdi_pipeline.tables.findings import Findings
from mdi_pipeline.tables.history import ModelHistory, ScoreChanges
from mdi_pipeline.tables.hub import CrawlManifest, ModelSnapshots
from mdi_pipeline.tables.lineage import (
    LineageAgreement,
    LineageCandidates,
    LineageEdges,
    LineageQuality,
    LineageRejected,
    LineageSuccessors,
    Models,
)
from mdi_pipeline.tables.network import (
    NetworkEdges,
    NetworkStructure,
    NetworkSummary,
)
from mdi_pipeline.tables.registry import Table
from mdi_pipeline.tables.regression import ScoreRegression
from mdi_pipeline.tables.sensitivity import Robustness, Survivorship, WindowSensitivity
from mdi_pipeline.tables.statistics import ScoreFactors, ScoreSummary, ScoreTrends, TrendTests

TABLES: dict[str, Table] = {
    table.name: table
    for table in (
        Table("model_snapshots", ModelSnapshots),
        Table("crawl_manifest", CrawlManifest),
        Table("lineage_edges", LineageEdges),
        Table("lineage_candidates", LineageCandidates),
        Table("lineage_rejected", LineageRejected),
        Table("lineage_quality", LineageQuality, nullable_key=("measure", "phase", "relation", "rule")),
        Table("lineage_agreement", LineageAgreement),
        Table("lineage_successors", LineageSuccessors),
        Table("models", Models),
        Table("network_edges", NetworkEdges),
        Table("network_structure", NetworkStructure),
        Table("network_summary", NetworkSummary),
        Table("disruption_scores", DisruptionScores),
        Table("score_summary", ScoreSummary),
        Table("score_factors", ScoreFactors),
        Table("score_changes", ScoreChanges),
        Table("model_history", ModelHistory, across_dates=True),
        Table("score_trends", ScoreTrends),
        Table("trend_tests", TrendTests),
        Table("window_sensitivity", WindowSensitivity),
        Table("score_regression", ScoreRegression),
        Table("robustness", Robustness),
        Table("survivorship", Survivorship),
        Table("attention", Attention),
        Table("attention_gaps", AttentionGaps),
        Table(
            "findings",
            Findings,
            nullable_key=("finding", "measure", "population", "index", "phases", "window_days"),
        ),
        Table("null_scores", NullScores),
        Table("null_model", NullModel),
    )
}
"""Every table of the lake by its name, in the order in which data flows."""
