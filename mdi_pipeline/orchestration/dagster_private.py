"""The one private interface of Dagster that is used, since no public one does the same.

A check evaluation that is recorded by hand names the materialisation that it judged by this class, which
`dg.AssetCheckEvaluation` takes and Dagster 1.13 does not export. A test says first when it moves.
"""

from dagster._core.definitions.asset_checks.asset_check_evaluation import (
    AssetCheckEvaluationTargetMaterializationData as JudgedMaterialisation,
)

__all__ = ["JudgedMaterialisation"]
