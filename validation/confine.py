"""Runs first inside the sandbox's process and gives up what a model must not have. Then the scorer runs.

Standard library only, since a model's own environment need not know this product. Every measure is the
kernel's and is inherited by whatever the model starts. Where the kernel refuses one, the rest still counts:
which are in force is told with the first status, and a policy may demand them (`validation.confinement`).
Python is started without `site`: what packages run at every start (.pth files) runs confined, too.
"""

import ctypes
import json
import os
import resource
import runpy
import signal
import site
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

_LIBC = ctypes.CDLL(None, use_errno=True)
_PR_SET_PDEATHSIG, _PR_SET_DUMPABLE, _PR_SET_KEEPCAPS, _PR_SET_SECCOMP = 1, 4, 8, 22
_PR_SET_NO_NEW_PRIVS, _PR_CAP_AMBIENT, _AMBIENT_RAISE = 38, 47, 2
_SECCOMP_MODE_FILTER = 2
_CAPABILITY_VERSION = 0x20080522
"""capget(2): two 32-bit words each of effective, permitted and inheritable capabilities."""
_READ_ALL = 2
"""CAP_DAC_READ_SEARCH: to read whatever Landlock allows."""
_CLONE_NEWIPC, _CLONE_NEWUSER, _CLONE_NEWNET = 0x08000000, 0x10000000, 0x40000000
_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
"""Landlock's system calls have the same numbers on every machine: landlock(7)."""


def main(terms: dict[str, Any], scorer: str) -> int:
    """Read the scorer while it can still be read, confine this process, then run it."""
    run = _read(scorer)
    terms["measures"] = [name for name, take in MEASURES if _taken(take, terms)]
    _bind(terms)
    site.main()
    return run(terms)


def _read(scorer: str) -> Callable[[dict[str, Any]], int]:
    """Its `main`. What it imports of ours it alone knows: a model may have modules of the same names."""
    sys.path.append(str(Path(scorer).parents[1]))
    run: Callable[[dict[str, Any]], int] = runpy.run_path(scorer, run_name="scorer")["main"]
    sys.path.pop()
    for name in [name for name in sys.modules if name.split(".")[0] == "validation"]:
        del sys.modules[name]
    return run


def _taken(take: Callable[[dict[str, Any]], None], terms: dict[str, Any]) -> bool:
    try:
        take(terms)
    except OSError:
        return False
    return True


def _network(_: dict[str, Any]) -> None:
    """A network of its own, without any device; whoever is not root needs a user namespace for that."""
    if os.geteuid() == 0:
        _call(_LIBC.unshare, _CLONE_NEWNET | _CLONE_NEWIPC)
        return
    user, group = os.getuid(), os.getgid()
    _call(_LIBC.unshare, _CLONE_NEWUSER | _CLONE_NEWNET | _CLONE_NEWIPC)
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"{user} {user} 1")
    Path("/proc/self/gid_map").write_text(f"{group} {group} 1")


def _user(terms: dict[str, Any]) -> None:
    """Another user than the worker; only root can become one.

    Where the interpreter lies in root's private folders, that user may still read what root may: without
    root's number it kills nothing, writes nothing, and its processes are counted by the kernel.
    """
    user = terms["user"]
    if user is None:
        raise PermissionError("not root")
    _call(_LIBC.prctl, _PR_SET_KEEPCAPS, 1, 0, 0, 0)
    os.setgroups([])
    os.setresgid(user, user, user)
    os.setresuid(user, user, user)
    _keep(1 << _READ_ALL if terms["reads_all"] else 0)
    if terms["reads_all"]:
        _call(_LIBC.prctl, _PR_CAP_AMBIENT, _AMBIENT_RAISE, _READ_ALL, 0, 0)


def _keep(capabilities: int) -> None:
    words = (ctypes.c_uint32 * 6)(capabilities, capabilities, capabilities, 0, 0, 0)
    _call(_LIBC.capset, (ctypes.c_uint32 * 2)(_CAPABILITY_VERSION, 0), words)


def _files(terms: dict[str, Any]) -> None:
    """Landlock: what may be read and written; where the kernel can, no TCP and no signals to others."""
    _call(_LIBC.prctl, _PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    version = _call(_LIBC.syscall, _CREATE_RULESET, None, 0, 1)
    rights = (1 << {1: 13, 2: 14, 3: 15, 4: 15}.get(version, 16)) - 1
    attributes = (ctypes.c_uint64 * 3)(rights, 3 if version >= 4 else 0, 3 if version >= 6 else 0)  # noqa: PLR2004
    size = 8 if version < 4 else 16 if version < 6 else 24  # noqa: PLR2004 as the kernel's header grew
    ruleset = _call(_LIBC.syscall, _CREATE_RULESET, ctypes.byref(attributes), size, 0)
    read, on_files = 0b1101, 0b1100000000000111
    for path in _readable(terms["readable"]):
        _allow(ruleset, path, read, on_files)
    for path in terms["writable"]:
        _allow(ruleset, path, rights & ~(1 << 6 | 1 << 11), on_files & rights)  # no device files
    _call(_LIBC.syscall, _RESTRICT_SELF, ruleset, 0)
    os.close(ruleset)


def _readable(more: list[str]) -> list[str]:
    """The interpreter with its libraries, and what libraries ask about the machine."""
    return [sys.base_prefix, f"/proc/{os.getpid()}", *more]


def _allow(ruleset: int, path: str, rights: int, on_files: int) -> None:
    """Below a folder, or of one file; what is not there needs no rule."""
    try:
        opened = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return
    granted = rights if os.path.isdir(path) else rights & on_files  # noqa: PTH112 a string from the terms
    rule = granted.to_bytes(8, sys.byteorder) + opened.to_bytes(4, sys.byteorder)
    try:
        _call(_LIBC.syscall, _ADD_RULE, ruleset, 1, rule, 0)
    finally:
        os.close(opened)


def _calls(terms: dict[str, Any]) -> None:
    """Seccomp: the filter that the parent made for this machine."""
    if terms["filter"] is None:
        raise OSError("no filter is known for this kind of machine")
    _call(_LIBC.prctl, _PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    program = bytes.fromhex(terms["filter"])
    held = ctypes.create_string_buffer(program, len(program))
    described = _Program(len(program) // 8, ctypes.addressof(held))
    _call(_LIBC.prctl, _PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, ctypes.byref(described), 0, 0)


class _Program(ctypes.Structure):
    """`struct sock_fprog`: how many instructions, and where."""

    _fields_ = (("length", ctypes.c_ushort), ("instructions", ctypes.c_void_p))


def _call(function: Any, *arguments: Any) -> int:
    result: int = function(*arguments)
    if result < 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))
    return result


def _bind(terms: dict[str, Any]) -> None:
    """No capabilities but what `_user` left; die with the parent, who alone may look inside."""
    if sys.platform == "linux":
        if "user" not in terms["measures"]:
            _keep(0)
        _LIBC.prctl(_PR_SET_DUMPABLE, 1, 0, 0, 0)
        _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        if os.getppid() != terms["parent"]:
            sys.exit(1)  # it died before the line above could bind us to it
    _lower(resource.RLIMIT_CORE, 0)
    _lower(resource.RLIMIT_CPU, terms["cpu_s"])
    _lower(resource.RLIMIT_FSIZE, terms["file_bytes"])
    _lower(resource.RLIMIT_NOFILE, terms["open_files"])
    _lower(resource.RLIMIT_NPROC, terms["users_tasks"])


def _lower(which: int, most: int) -> None:
    hard = resource.getrlimit(which)[1]
    limit = most if hard == resource.RLIM_INFINITY else min(most, hard)
    resource.setrlimit(which, (limit, limit))


MEASURES = (("network", _network), ("user", _user), ("files", _files), ("calls", _calls))
"""In this order: root is needed for the first two, and the last forbids what the others need."""

if __name__ == "__main__":
    sys.exit(main(json.loads(sys.argv[1]), sys.argv[2]))
