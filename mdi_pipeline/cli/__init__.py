"""The command line `mdi`: one module a command, each imported when it is called."""

from mdi_pipeline.cli.main import main

__all__ = ["main"]
