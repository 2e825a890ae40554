"""The command line has set the allocators before Polars is there to be too late for."""

from __future__ import annotations

import os
import platform
import subprocess
import sys

import pytest

from mdi_pipeline.compute.allocation import KEPT_IN_ONE_POOL, POLARS_ALLOCATOR

SEEN = """
import os, sys
from mdi_pipeline.cli.main import main
command_line = sys.modules["mdi_pipeline.cli.main"]
command_line.app = lambda standalone_mode: print("polars" in sys.modules, os.environ["_RJEM_MALLOC_CONF"])
main()
"""


AGAIN = """
import resource
from concurrent.futures import ThreadPoolExecutor
from mdi_pipeline.compute.allocation import keep_freed_memory
{set}
import polars as pl
asked = {{
    "C": lambda: [bytearray(b"x" * 1_000_000) for _ in range(40)],
    "Polars": lambda: [pl.repeat(1, 250_000, eager=True) for _ in range(40)],
}}
def faults():
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    asked["{allocator}"]()
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before
one, other = ThreadPoolExecutor(1), ThreadPoolExecutor(1)
one.submit(faults).result()
print(other.submit(faults).result())
"""


def seen(**environment: str) -> str:
    """What a command finds, in an environment of its own: a process with Polars hands its own setting on."""
    command = [sys.executable, "-c", SEEN]
    return subprocess.run(command, capture_output=True, text=True, check=True, env=environment).stdout.strip()


def test_the_command_line_sets_the_allocator_before_polars_is_loaded() -> None:
    assert seen() == f"False {KEPT_IN_ONE_POOL}"


def test_a_setting_of_the_user_s_own_stays() -> None:
    """Of several the last one counts."""
    assert seen(_RJEM_MALLOC_CONF="dirty_decay_ms:7") == f"False {KEPT_IN_ONE_POOL},dirty_decay_ms:7"


def test_what_polars_set_in_a_process_that_calls_the_command_is_no_setting_of_the_user_s() -> None:
    environment = {name: value for name, value in os.environ.items() if name != POLARS_ALLOCATOR}
    imported = "import os, polars; print(os.environ['_RJEM_MALLOC_CONF'])"
    handed_on = subprocess.check_output([sys.executable, "-c", imported], env=environment, text=True).strip()
    assert "dirty_decay_ms" in handed_on
    assert seen(_RJEM_MALLOC_CONF=handed_on) == f"False {KEPT_IN_ONE_POOL}"


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc's allocator can be told")
@pytest.mark.parametrize(("allocator", "few"), [("C", 100), ("Polars", 1_000)])
def test_pages_that_a_thread_freed_are_not_cleared_again_for_another(allocator: str, few: int) -> None:
    """40 MB, 10,000 pages, are asked for a second time: with the settings hardly one is new, without them each."""
    environment = {name: value for name, value in os.environ.items() if name != POLARS_ALLOCATOR}
    programs = [AGAIN.format(set=call, allocator=allocator) for call in ("keep_freed_memory()", "")]
    faults = [int(subprocess.check_output([sys.executable, "-c", each], env=environment)) for each in programs]
    assert faults[0] < few
    assert faults[1] > 9_000
