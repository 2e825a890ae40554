"""The command line has set the allocators before Polars is there to be too late for."""

from __future__ import annotations

import platform
import subprocess
import sys

import pytest

from mdi_pipeline.allocation import KEPT_MILLISECONDS

SEEN = """
import os, sys
from mdi_pipeline.cli import main
command_line = sys.modules["mdi_pipeline.cli.main"]
command_line.app = lambda standalone_mode: print("polars" in sys.modules, os.environ["_RJEM_MALLOC_CONF"])
main()
"""


AGAIN = """
import resource
from mdi_pipeline.allocation import keep_freed_memory
{set}
def faults():
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    bytearray(b"x" * 1_000_000) * 40
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before
faults()
print(faults())
"""


def seen(**environment: str) -> str:
    """What a command finds, in an environment of its own: a process with Polars hands its own setting on."""
    command = [sys.executable, "-c", SEEN]
    return subprocess.run(command, capture_output=True, text=True, check=True, env=environment).stdout.strip()


def test_the_command_line_sets_the_allocator_before_polars_is_loaded() -> None:
    kept = f"dirty_decay_ms:{KEPT_MILLISECONDS},muzzy_decay_ms:{KEPT_MILLISECONDS}"
    assert seen() == f"False {kept}"


def test_a_setting_of_the_user_s_own_stays() -> None:
    assert seen(_RJEM_MALLOC_CONF="dirty_decay_ms:7") == "False dirty_decay_ms:7"


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc's allocator can be told")
def test_pages_that_were_freed_are_not_cleared_again() -> None:
    """40 MB, 10,000 pages, are asked for a second time: with the settings none is new, without them each."""
    faults = [
        int(subprocess.run([sys.executable, "-c", AGAIN.format(set=call)], capture_output=True, check=True).stdout)
        for call in ("keep_freed_memory()", "")
    ]
    assert faults[0] < 100
    assert faults[1] > 9_000
