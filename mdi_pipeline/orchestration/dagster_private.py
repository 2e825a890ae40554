"""The private interfaces of Dagster that are used, since no public one does the same. A test says first when one moves.

- A check evaluation that is recorded by hand names the materialisation that it judged by `JudgedMaterialisation`,
  which `dg.AssetCheckEvaluation` takes and Dagster 1.13 does not export.
- The web application that `dagster-webserver` serves is made for a workspace, whose class is not exported.
- The commands `dagster` and `dagster-daemon` exist as scripts only, whose place is not known to a running Python.

What only `mdi ui` needs is imported where it is used: it takes long.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from dagster._core.definitions.asset_checks.asset_check_evaluation import (
    AssetCheckEvaluationTargetMaterializationData as JudgedMaterialisation,
)

if TYPE_CHECKING:
    from dagster import DagsterInstance
    from dagster._core.workspace.context import WorkspaceProcessContext

    Workspace: TypeAlias = WorkspaceProcessContext

__all__ = ["JudgedMaterialisation", "dagster_command", "dagster_daemon_command", "workspace_of"]


def workspace_of(instance: DagsterInstance, file: Path, *, read_only: bool) -> AbstractContextManager[Workspace]:
    """The code locations that a workspace file names, as Dagster's web application takes them.

    With `read_only` the UI is told that nothing may be launched, switched or deleted.
    """
    from dagster._core.workspace.context import WorkspaceProcessContext
    from dagster._core.workspace.load_target import WorkspaceFileTarget

    return WorkspaceProcessContext(instance, WorkspaceFileTarget(paths=[str(file)]), read_only=read_only)


def dagster_command(arguments: Sequence[str]) -> None:
    """Be the command `dagster`, to its end."""
    from dagster._cli import cli

    cli.main(args=list(arguments), prog_name="dagster")


def dagster_daemon_command(arguments: Sequence[str]) -> None:
    """Be the command `dagster-daemon`, to its end."""
    from dagster._daemon.cli import cli

    cli.main(args=list(arguments), prog_name="dagster-daemon", obj={})
