"""What one run of a model may cost: time, memory, files, words."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """Defaults suit a model of some hundred megabytes on a worker with 8 GiB; times are wall clock."""

    start_s: float = 120.0
    """For the process itself, before any model: a machine's fault, never a model's."""
    load_s: float = 120.0
    predict_s: float = 120.0
    """For one data set, or the input example."""
    cpu_s: int = 1800
    """Of any one process, over all its threads."""
    memory_bytes: int = 4 << 30
    """Resident, over all processes of one run."""
    processes: int = 64
    """Of one run."""
    users_tasks: int = 1024
    """Processes and threads of the user that models run as, over all runs, as the kernel counts them."""
    file_bytes: int = 1 << 30
    """Of any one file."""
    written_bytes: int = 4 << 30
    """Of all files of one run together, those without a name among them."""
    open_files: int = 1024
    log_bytes: int = 4096
    """The end of what the model printed; the rest is read and forgotten."""
