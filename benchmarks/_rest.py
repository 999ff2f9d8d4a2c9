"""Waits until processes that we started have nothing to do any more: spares that import are not warm yet."""

import time

import psutil

QUIET_S = 2.0
GLANCES = 40


def rest() -> None:
    """Return once none of them was seen running, or waiting for the disk, for two seconds on end."""
    seen = 0
    while seen < GLANCES:
        seen = 0 if _busy() else seen + 1
        time.sleep(QUIET_S / GLANCES)


def _busy() -> bool:
    """On a crowded machine who wants a processor is running by name, though it has none."""
    at_work = {psutil.STATUS_RUNNING, psutil.STATUS_DISK_SLEEP}
    for process in psutil.Process().children(recursive=True):
        try:
            threads = [psutil.Process(thread.id).status() for thread in process.threads()]
        except psutil.NoSuchProcess:
            continue
        if at_work & set(threads):
            return True
    return False
