"""Dagster's web application on a workspace, and its read-only form."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dagster_webserver.webserver import DagsterWebserver
from graphql import ASTValidationRule, GraphQLError, OperationDefinitionNode, OperationType
from starlette.applications import Starlette
from starlette.responses import Response
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles

from mdi_pipeline.orchestration.metadata import REPORTS_ADDRESS

if TYPE_CHECKING:
    from mdi_pipeline.orchestration.dagster_private import Workspace

LIVE_DATA_POLL_RATE = 2000
"""Milliseconds between two looks of the UI at what changed; Dagster's own default."""


INERT = {
    "Content-Security-Policy": "sandbox allow-popups; default-src 'none'; style-src 'unsafe-inline'; img-src data:",
    "X-Content-Type-Options": "nosniff",
}
"""Sent with each file of a report: it lies on the same origin as the buttons of Dagster's UI."""


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


class ReportFiles(StaticFiles):
    """The reports of a home: pages and figures without scripts, whatever stands in them."""

    def file_response(self, *arguments: Any, **options: Any) -> Response:
        """A file, which a browser takes for no other type than it is said to be, and in which it runs nothing."""
        response = super().file_response(*arguments, **options)
        response.headers.update(INERT)
        return response


def web_application(workspace: Workspace, reports: Path, *, read_only: bool) -> Starlette:
    """Dagster's web application, and the home's reports beside it; it guards itself against nobody."""
    kind = ReadOnlyWebserver if read_only else DagsterWebserver
    application: Starlette = kind(workspace, live_data_poll_rate=LIVE_DATA_POLL_RATE).create_asgi_app()
    application.routes.insert(0, Mount(REPORTS_ADDRESS, ReportFiles(directory=reports, check_dir=False)))
    return application
