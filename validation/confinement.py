"""How far a model is kept from the rest of the machine: the measures in force, and the level they make.

Pure. Which measures a process has taken it says itself, before any model is in it (`validation.confine`).
"""

from collections.abc import Collection
from dataclasses import dataclass

from policies.sandbox_levels import LEVELS, SandboxLevel

READABLE = (
    "/usr", "/lib", "/lib64", "/bin", "/sbin",
    "/etc/alternatives", "/etc/ld.so.cache", "/etc/localtime", "/etc/mime.types", "/etc/nsswitch.conf",
    "/etc/passwd", "/etc/group",
    "/proc/cpuinfo", "/proc/filesystems", "/proc/meminfo", "/proc/stat", "/proc/sys/vm", "/proc/sys/kernel",
    "/sys/devices/system", "/sys/fs/cgroup",
    "/dev/random", "/dev/urandom", "/dev/zero",
)  # fmt: skip
"""Beside the interpreter's own folders: programs, libraries, and what they ask about the machine."""
WRITABLE = ("/dev/null",)


@dataclass(frozen=True)
class Confinement:
    """The measures that one process has taken."""

    measures: frozenset[str]

    @property
    def level(self) -> SandboxLevel:
        """What they amount to. Without network devices, or without sockets, there is no network."""
        if not self.measures & {"network", "calls"}:
            return "limited"
        return "closed" if {"files", "calls"} <= self.measures else "offline"

    @property
    def uncovered(self) -> tuple[str, ...]:
        """What a model that means harm could still do, in words."""
        return tuple(words for measure, words in _WITHOUT.items() if measure not in self.measures)


_WITHOUT = {
    "network": "sees the machine's network devices; only the filter of system calls keeps it from them",
    "user": "runs as the worker's own user",
    "files": "can read and write whatever the worker's user can, by any path it guesses",
    "calls": "can use every system call: sockets of all kinds, others' memory, new namespaces",
}


def enough(found: SandboxLevel, demanded: SandboxLevel) -> bool:
    """Whether a level is at least another."""
    return LEVELS.index(found) >= LEVELS.index(demanded)


def confinement_of(said: Collection[object]) -> Confinement:
    """Read what a process says of itself."""
    return Confinement(frozenset(map(str, said)))
