"""The command line has set the allocators before Polars is there to be too late for."""

from __future__ import annotations

import subprocess
import sys

SEEN = """
import os, sys
from mdi_pipeline.cli import main
command_line = sys.modules["mdi_pipeline.cli.main"]
command_line.app = lambda standalone_mode: print("polars" in sys.modules, os.environ["_RJEM_MALLOC_CONF"])
main()
"""


def seen(**environment: str) -> str:
    """What a command finds, in an environment of its own: a process with Polars hands its own setting on."""
    command = [sys.executable, "-c", SEEN]
    return subprocess.run(command, capture_output=True, text=True, check=True, env=environment).stdout.strip()


def test_the_command_line_sets_the_allocator_before_polars_is_loaded() -> None:
    assert seen() == "False dirty_decay_ms:3000,muzzy_decay_ms:3000"


def test_a_setting_of_the_user_s_own_stays() -> None:
    assert seen(_RJEM_MALLOC_CONF="dirty_decay_ms:7") == "False dirty_decay_ms:7"
