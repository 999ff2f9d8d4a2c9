"""The filter of system calls for a model's process, as a program for the kernel: seccomp(2), classic BPF.

Pure. Everything is allowed but what reaches other machines, other processes, or the kernel's own insides.
Sockets are for one machine's own use only (AF_UNIX); new namespaces, in which much more could be reached, are
not to be had.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass

_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_NUMBER, _ARCHITECTURE, _FIRST_ARGUMENT = 0, 4, 16
"""Offsets in `struct seccomp_data`; of the first argument the lower half, on little-endian machines."""
_ALLOW, _REFUSE, _KILL = 0x7FFF0000, 0x00050000 | 1, 0x80000000
"""The second answers EPERM."""
_UNKNOWN = 0x00050000 | 38
"""Answers ENOSYS: glibc then does without."""
_AF_UNIX = 1
_NEW_NAMESPACES = 0x7E020000
_X32 = 0x40000000
"""Numbers from here on are a second way to every call on x86-64."""


@dataclass(frozen=True)
class _Machine:
    audit: int
    socket: int
    clone: int
    refused: tuple[int, ...]


_ON_ALL = (424, 425, 426, 427, 428, 429, 430, 431, 432, 433, 438, 442)
"""pidfd_send_signal, io_uring, the newer ways to mount, pidfd_getfd, mount_setattr."""
_CLONE3 = 435
_MACHINES = {
    "x86_64": _Machine(
        0xC000003E,
        socket=41,
        clone=56,
        refused=(29, 101, 103, 155, 159, 161, 163, 164, 165, 166, 167, 168, 169, 172, 173, 175, 176, 179, 227,
                 246, 248, 249, 250, 272, 298, 300, 303, 304, 308, 310, 311, 312, 313, 320, 321, 323),
    ),
    "aarch64": _Machine(
        0xC00000B7,
        socket=198,
        clone=220,
        refused=(39, 40, 41, 51, 60, 89, 97, 104, 105, 106, 112, 116, 117, 142, 170, 171, 194, 217, 218, 219,
                 224, 225, 241, 262, 264, 265, 268, 270, 271, 272, 273, 280, 282, 294),
    ),
}  # fmt: skip
"""Shared memory that outlives its processes, ptrace, syslog, mounts, chroot, clocks, swap, reboot, ports,
kernel modules, quotas, kexec, keys, unshare, performance counters, fanotify, file handles, setns, others'
memory, kcmp, bpf, userfaultfd: by number, as in the kernel's tables of calls."""


def filter_for(machine: str) -> bytes | None:
    """The program for a kind of machine, as `platform.machine` calls it; None where none is known."""
    known = _MACHINES.get(machine)
    return None if known is None else b"".join(struct.pack("=HBBI", *each) for each in _program(known))


def _program(machine: _Machine) -> Iterator[tuple[int, int, int, int]]:
    """Instructions: what, how many to skip if so, how many if not, and the value."""
    yield _LOAD, 0, 0, _ARCHITECTURE
    yield _EQUAL, 1, 0, machine.audit
    yield _RETURN, 0, 0, _KILL
    yield _LOAD, 0, 0, _NUMBER
    yield from _answer(_AT_LEAST, _X32, _REFUSE)
    yield from _answer(_EQUAL, _CLONE3, _UNKNOWN)
    for number in (*machine.refused, *_ON_ALL):
        yield from _answer(_EQUAL, number, _REFUSE)
    yield _EQUAL, 0, 4, machine.socket
    yield _LOAD, 0, 0, _FIRST_ARGUMENT
    yield _EQUAL, 1, 0, _AF_UNIX
    yield _RETURN, 0, 0, _REFUSE
    yield _RETURN, 0, 0, _ALLOW
    yield _EQUAL, 0, 3, machine.clone
    yield _LOAD, 0, 0, _FIRST_ARGUMENT
    yield from _answer(_ANY_BIT, _NEW_NAMESPACES, _REFUSE)
    yield _RETURN, 0, 0, _ALLOW


def _answer(test: int, value: int, answer: int) -> Iterator[tuple[int, int, int, int]]:
    yield test, 0, 1, value
    yield _RETURN, 0, 0, answer
