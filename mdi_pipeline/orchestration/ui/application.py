"""Dagster's web application on a workspace, and its read-only form."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Any

from dagster_webserver.webserver import DagsterWebserver
from graphql import ASTValidationRule, GraphQLError, OperationDefinitionNode, OperationType
from starlette.applications import Starlette

if TYPE_CHECKING:
    from mdi_pipeline.orchestration.dagster_private import Workspace

LIVE_DATA_POLL_RATE = 2000
"""Milliseconds between two looks of the UI at what changed; Dagster's own default."""


class NoMutations(ASTValidationRule):
    """The rule that a GraphQL document holds no mutation."""

    def enter_operation_definition(self, node: OperationDefinitionNode, *_: Any) -> None:
        """Judge one operation of the document."""
        if node.operation is OperationType.MUTATION:
            self.report_error(GraphQLError("this UI is read-only (mdi ui --read-only)", node))


class ReadOnlyWebserver(DagsterWebserver[Any, Any]):
    """Dagster's web application without any mutation.

    The permissions of a read-only workspace, by which the UI greys its buttons, leave out some mutations.
    """

    def build_graphql_validation_rules(self) -> Collection[type[ASTValidationRule]]:
        """The rules that every document must keep."""
        return [*super().build_graphql_validation_rules(), NoMutations]


def web_application(workspace: Workspace, *, read_only: bool) -> Starlette:
    """Dagster's web application, which guards itself against nobody."""
    kind = ReadOnlyWebserver if read_only else DagsterWebserver
    return kind(workspace, live_data_poll_rate=LIVE_DATA_POLL_RATE).create_asgi_app()
