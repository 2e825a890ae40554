"""Which process left something behind, and whether it still runs.

A process id alone says little: it is a number within one PID namespace of one boot of one host, and is given again
to another process later. So a process writes down its whole identity with what it leaves (a staging folder, a run),
and another process draws a conclusion only where the system lets it know one. Storage is shared between containers
and hosts; what may be running elsewhere is never concluded to be gone.
"""

from __future__ import annotations

import hashlib
import os
import re
import socket
import sys
from contextlib import suppress
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

import psutil

LINUX = sys.platform == "linux"

INITIAL_PID_NAMESPACE = 0xEFFFFFFC
"""The inode of the PID namespace that Linux starts with, the same on every host; a container has another."""

SAME_START_MS = 2_000
"""Start times at most this many milliseconds apart are the same one: the system gives its boot time in seconds."""

UNKNOWN_TEXT = "-"

IDENTITY = re.compile(
    r"(?P<host>[A-Za-z0-9.-]{1,64})"
    r"_(?P<machine>[0-9a-f]{16}|-)"
    r"_(?P<boot>[0-9a-f]{8,32}|-)"
    r"_(?P<pid_namespace>0|[1-9][0-9]{0,9}|-)"
    r"_(?P<pid>[1-9][0-9]{0,8})"
    r"_(?P<started_ms>0|[1-9][0-9]{0,14}|-)"
)


class Fate(Enum):
    """What is known of a process."""

    RUNNING = "running"
    GONE = "gone"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class ProcessIdentity:
    """A process, told from every other one that shares its storage. Unknown parts are None.

    - `host`: the host's name, with hyphens for what is no letter, digit, dot or hyphen, cut at 64 characters.
    - `machine`: a digest of the installation's `/etc/machine-id` (its manual asks not to show the id itself).
    - `boot`: the kernel's random boot id; on a system without one (macOS), the second it was booted.
    - `pid_namespace`: its inode; 0 on a system without PID namespaces.
    - `pid`: the process id within that namespace.
    - `started_ms`: when it started, in milliseconds since boot, which a change of the clock does not move.
    """

    host: str
    machine: str | None
    boot: str | None
    pid_namespace: int | None
    pid: int
    started_ms: int | None

    @classmethod
    def current(cls) -> ProcessIdentity:
        """The identity of the process that asks."""
        return cls(
            host=re.sub(r"[^A-Za-z0-9.-]", "-", socket.gethostname())[:64] or "-",
            machine=_machine(),
            boot=_boot(),
            pid_namespace=_pid_namespace(),
            pid=os.getpid(),
            started_ms=_started_ms(os.getpid()),
        )

    @classmethod
    def parse(cls, text: str) -> ProcessIdentity | None:
        """The identity that `str` wrote; None for any other text."""
        match = IDENTITY.fullmatch(text)
        if match is None:
            return None
        parts = {name: None if part == UNKNOWN_TEXT else part for name, part in match.groupdict().items()}
        namespace, started_ms = parts["pid_namespace"], parts["started_ms"]
        return cls(
            host=match["host"],
            machine=parts["machine"],
            boot=parts["boot"],
            pid_namespace=None if namespace is None else int(namespace),
            pid=int(match["pid"]),
            started_ms=None if started_ms is None else int(started_ms),
        )

    def __str__(self) -> str:
        """The text form: at most 145 letters, digits, dots, hyphens and underscores."""
        parts = (self.host, self.machine, self.boot, self.pid_namespace, self.pid, self.started_ms)
        return "_".join(UNKNOWN_TEXT if part is None else str(part) for part in parts)

    def fate(self) -> Fate:
        """What this process can know of that one.

        - Another host name, or a boot unknown on either side: unknown.
        - Same host name, boot and PID namespace: the system's table of processes tells. The process is gone where
          its id is not in use, belongs to a zombie or to a process that started at another time. Where the id is in
          use and a start time cannot be read (`/proc` hides it, or shows another namespace): unknown.
        - Same host name and boot, another PID namespace: a container beside this one, or one that ended. Unknown.
        - Same host name and another boot: the host was rebooted, so the process is gone, but only where both
          processes are in the initial PID namespace (of the host itself) and the machine id is the same. In a
          container neither says which host it is on: its name may be given to several, its machine id may come with
          the image. Otherwise unknown.

        Virtual machines that were cloned while they ran and kept their host name cannot be told apart.
        """
        here = ProcessIdentity.current()
        if self.host != here.host or self.boot is None or here.boot is None:
            return Fate.UNKNOWN
        if self.boot != here.boot:
            on_host = self.pid_namespace == here.pid_namespace == INITIAL_PID_NAMESPACE
            same_machine = self.machine is not None and self.machine == here.machine
            return Fate.GONE if on_host and same_machine else Fate.UNKNOWN
        if self.pid_namespace is None or self.pid_namespace != here.pid_namespace:
            return Fate.UNKNOWN
        return self._fate_in_this_namespace()

    def _fate_in_this_namespace(self) -> Fate:
        try:
            with suppress(PermissionError):  # it is there, and another user's
                os.kill(self.pid, 0)
        except ProcessLookupError:
            return Fate.GONE
        if self.started_ms is None or (started_ms := _started_ms(self.pid)) is None:
            return Fate.UNKNOWN
        if abs(started_ms - self.started_ms) > SAME_START_MS:
            return Fate.GONE
        try:
            has_ended = psutil.Process(self.pid).status() == psutil.STATUS_ZOMBIE
        except psutil.Error:
            return Fate.UNKNOWN
        return Fate.GONE if has_ended else Fate.RUNNING


def fate_of(text: str) -> Fate:
    """What this process can know of the one that a text names.

    A text that is no identity is unknown: version 0.1.0 wrote a process id alone, which names neither host nor
    start, so that whether the process is of this host, let alone whether it still runs, cannot be known.
    """
    identity = ProcessIdentity.parse(text)
    return Fate.UNKNOWN if identity is None else identity.fate()


def process_named(text: str) -> str:
    """The process that a text names, in words for a message."""
    identity = ProcessIdentity.parse(text)
    if identity is not None:
        return f"process {identity.pid} of host {identity.host}"
    return f"a process known only as {text}" if text else "a process that is not named"


def _machine() -> str | None:
    try:
        machine_id = Path("/etc/machine-id").read_text().strip()
    except OSError:
        return None
    return hashlib.sha256(f"mdi_pipeline {machine_id}".encode()).hexdigest()[:16] if machine_id else None


def _boot() -> str | None:
    try:
        if not LINUX:
            return str(int(psutil.boot_time()))
        return Path("/proc/sys/kernel/random/boot_id").read_text().strip().replace("-", "") or None
    except OSError:
        return None


def _pid_namespace() -> int | None:
    if not LINUX:
        return 0
    try:
        return Path("/proc/self/ns/pid").stat().st_ino
    except OSError:
        return None


def _started_ms(pid: int) -> int | None:
    """When a process of this namespace started, in milliseconds since boot; None where the system does not say."""
    try:
        if LINUX and Path("/proc/self").readlink().name != str(os.getpid()):
            return None  # /proc is another namespace's, as in `unshare --pid` without `--mount-proc`
        seconds: float = psutil.Process(pid).create_time() - psutil.boot_time()
    except (OSError, RuntimeError, psutil.Error):
        return None  # RuntimeError: /proc gives no boot time
    return round(seconds * 1000)
