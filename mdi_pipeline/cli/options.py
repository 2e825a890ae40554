"""Options that several commands have."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

HomeOption = Annotated[
    Path | None,
    typer.Option("--home", metavar="DIR", help="Where everything is kept. [default: MDI_HOME or ./mdi_home]"),
]


def date_option(name: str, help_text: str) -> Any:
    """The option of a date."""
    return typer.Option(name, formats=["%Y-%m-%d"], metavar="YYYY-MM-DD", help=help_text)


def day_of(moment: datetime | None) -> date | None:
    """The date of what such an option was given."""
    return moment.date() if moment else None
