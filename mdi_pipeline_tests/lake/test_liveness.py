"""Whether the process that left something behind still runs, and where that cannot be known."""

import os
import string
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mdi_pipeline.lake.liveness import INITIAL_PID_NAMESPACE, Fate, ProcessIdentity, fate_of, process_named
from mdi_pipeline_tests.namespaces import in_pid_namespace, needs_pid_namespaces

SAYS_WHO_IT_IS = (
    "import sys; from mdi_pipeline.lake.liveness import ProcessIdentity; "
    "print(ProcessIdentity.current(), flush=True); sys.stdin.read()"
)
JUDGES = "import sys; from mdi_pipeline.lake.liveness import fate_of; print(fate_of(sys.argv[1]).value)"

HEX = "0123456789abcdef"
OTHER_BOOT = "0123456789abcdef0123456789abcdef"

identities = st.builds(
    ProcessIdentity,
    host=st.text(string.ascii_letters + string.digits + ".-", min_size=1, max_size=64),
    machine=st.none() | st.text(HEX, min_size=16, max_size=16),
    boot=st.none() | st.text(HEX, min_size=8, max_size=32),
    pid_namespace=st.none() | st.integers(0, 2**32 - 1),
    pid=st.integers(1, 999_999_999),
    started_ms=st.none() | st.integers(0, 10**14),
)


@contextmanager
def running(command: list[str]) -> Iterator[tuple[subprocess.Popen[str], ProcessIdentity]]:
    """A process that runs, and who it says it is; killed at the end."""
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        identity = ProcessIdentity.parse(process.stdout.readline().strip())
        assert identity is not None
        yield process, identity
        process.kill()


def ended() -> ProcessIdentity:
    """A process of this host that has ended."""
    with running([sys.executable, "-c", SAYS_WHO_IT_IS]) as (_, identity):
        pass
    return identity


@given(identities)
def test_the_text_of_an_identity_reads_back_and_is_safe_in_a_file_name(identity: ProcessIdentity) -> None:
    text = str(identity)
    assert ProcessIdentity.parse(text) == identity
    assert set(text) <= set(string.ascii_letters + string.digits + ".-_")
    assert len(text) <= 145


@given(st.text() | st.from_regex(r"[a-z-]{0,3}(_[0-9a-f-]{0,3}){5}", fullmatch=True))
def test_only_a_text_that_an_identity_wrote_is_read_as_one(text: str) -> None:
    identity = ProcessIdentity.parse(text)
    assert identity is None or str(identity) == text


def test_nothing_is_concluded_from_a_process_id_alone_or_from_any_other_text() -> None:
    """Version 0.1.0 wrote a process id alone."""
    for text in ("", "none", str(os.getpid()), str(ended().pid), "999999999", f"{ProcessIdentity.current()}x"):
        assert fate_of(text) is Fate.UNKNOWN
    assert process_named("4711") == "a process known only as 4711"
    assert process_named("") == "a process that is not named"


def test_a_process_runs_until_it_has_ended_even_before_its_parent_noticed() -> None:
    with running([sys.executable, "-c", SAYS_WHO_IT_IS]) as (process, identity):
        assert identity.pid == process.pid
        assert fate_of(str(identity)) is identity.fate() is Fate.RUNNING
        process.kill()
        while identity.fate() is Fate.RUNNING:
            time.sleep(0.01)
        assert process.returncode is None
        assert identity.fate() is Fate.GONE
    assert identity.fate() is Fate.GONE
    assert process_named(str(identity)) == f"process {process.pid} of host {identity.host}"


def test_the_start_time_shows_that_a_process_id_was_reused() -> None:
    here = ProcessIdentity.current()
    assert here.started_ms is not None
    assert here.fate() is Fate.RUNNING
    for later in (-60_000, 60_000):
        assert replace(here, started_ms=here.started_ms + later).fate() is Fate.GONE
    assert replace(here, started_ms=None).fate() is Fate.UNKNOWN


@given(identities)
def test_nothing_is_concluded_of_another_host(identity: ProcessIdentity) -> None:
    here = ProcessIdentity.current()
    assert replace(identity, host=f"not-{here.host}"[:64]).fate() is Fate.UNKNOWN
    assert replace(here, host=f"not-{here.host}"[:64]).fate() is Fate.UNKNOWN


@pytest.mark.parametrize("unknown", ["boot", "pid_namespace"])
def test_nothing_is_concluded_where_boot_or_namespace_is_unknown(unknown: str, monkeypatch: pytest.MonkeyPatch) -> None:
    gone, here = ended(), ProcessIdentity.current()
    assert gone.fate() is Fate.GONE
    nameless = replace(gone, **{unknown: None})
    assert nameless.fate() is Fate.UNKNOWN
    monkeypatch.setattr(ProcessIdentity, "current", lambda: replace(here, **{unknown: None}))
    assert gone.fate() is nameless.fate() is Fate.UNKNOWN


@pytest.mark.parametrize(
    ("left", "judge", "fate"),
    [
        ({}, {}, Fate.GONE),
        ({"machine": "f" * 16}, {}, Fate.UNKNOWN),
        ({"machine": None}, {}, Fate.UNKNOWN),
        ({"machine": None}, {"machine": None}, Fate.UNKNOWN),
        ({"host": "other"}, {}, Fate.UNKNOWN),
        ({"pid_namespace": 4026532177}, {}, Fate.UNKNOWN),
        ({"pid_namespace": 4026532177}, {"pid_namespace": 4026532177}, Fate.UNKNOWN),
        ({"pid_namespace": None}, {"pid_namespace": None}, Fate.UNKNOWN),
        ({"boot": None}, {}, Fate.UNKNOWN),
    ],
)
def test_a_reboot_is_known_only_on_the_host_itself_and_by_its_machine_id(
    left: dict[str, object], judge: dict[str, object], fate: Fate, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Containers of one image share a machine id, may share a name, and may be on two hosts."""
    here = replace(ProcessIdentity.current(), machine="0" * 16, pid_namespace=INITIAL_PID_NAMESPACE)
    before = replace(here, **{"boot": OTHER_BOOT, **left})
    monkeypatch.setattr(ProcessIdentity, "current", lambda: replace(here, **judge))
    assert before.fate() is fate


@needs_pid_namespaces
@pytest.mark.parametrize("own_proc", [True, False])
def test_nothing_is_concluded_across_pid_namespaces_of_one_host(own_proc: bool) -> None:
    """As from another container: what runs here has another process's id there, or none."""
    judged_there = in_pid_namespace([sys.executable, "-c", JUDGES], own_proc=own_proc)
    for identity in (ProcessIdentity.current(), ended()):
        judged = subprocess.run([*judged_there, str(identity)], capture_output=True, text=True, check=True)
        assert judged.stdout.strip() == "unknown"
    with running(in_pid_namespace([sys.executable, "-c", SAYS_WHO_IT_IS], own_proc=own_proc)) as (_, identity):
        here = ProcessIdentity.current()
        assert identity.pid_namespace != here.pid_namespace
        assert (identity.host, identity.boot) == (here.host, here.boot)
        assert identity.fate() is Fate.UNKNOWN


@needs_pid_namespaces
@pytest.mark.parametrize("own_proc", [True, False])
def test_a_process_is_judged_by_another_one_of_its_pid_namespace(own_proc: bool) -> None:
    """Where /proc shows the processes of another namespace, what has the id could be any: only none is conclusive."""
    both = f"""
import subprocess, sys
from mdi_pipeline.lake.liveness import fate_of
with subprocess.Popen([sys.executable, "-c", {SAYS_WHO_IT_IS!r}], stdin=-1, stdout=-1, text=True) as child:
    text = child.stdout.readline().strip()
    print(fate_of(text).value)
    child.kill()
print(fate_of(text).value)
"""
    judged = subprocess.run(
        in_pid_namespace([sys.executable, "-c", both], own_proc=own_proc), capture_output=True, text=True, check=True
    )
    assert judged.stdout.split() == ["running" if own_proc else "unknown", "gone"]
