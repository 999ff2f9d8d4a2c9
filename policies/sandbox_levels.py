"""How far a model's own code can be kept from the rest of the machine: what a policy may demand.

What each level takes, and which one a machine gives, is for `validation` to say.
"""

from typing import Literal, get_args

SandboxLevel = Literal["limited", "offline", "closed"]
"""limited: its own process and limits. offline: no network either. closed: no files of others either."""
LEVELS: tuple[SandboxLevel, ...] = get_args(SandboxLevel)
