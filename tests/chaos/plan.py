"""What is to happen: from a seed to every event of a run. Pure; the same seed plans the same events.

Versions are not known beforehand, so an event names one by `pick`, a fraction of those there are then.
"""

from dataclasses import dataclass
from random import Random
from typing import Literal

Deed = Literal[
    "register",
    "approve",
    "reject",
    "withdraw",
    "request",
    "comment",
    "hold",
    "resume",
    "move",
    "alias",
    "tag",
]

KINDS = ("asked", "swift", "aliased")
"""One policy each, see `policies/`; models are named by kind and number."""
PER_MODEL = 12
CLIENTS = 4
SERVICES = ("receiver", "worker-1", "worker-2", "rounds", "beat", "redis", "mlflow", "postgres")
QUICK = ("receiver", "redis", "beat") * 4
"""Killed more often than the others, for they are soon back: with MLflow down all the time nothing happens."""
KILLS_PER_REGISTRATION = 2
MISCHIEF_PER_REGISTRATION = 20
FOLLOWING: tuple[tuple[Deed, float], ...] = (
    ("approve", 0.9),
    ("move", 0.3),
    ("alias", 0.25),
    ("tag", 0.2),
    ("reject", 0.1),
    ("withdraw", 0.25),
    ("request", 0.2),
    ("comment", 0.2),
    ("hold", 0.12),
    ("resume", 0.12),
)
"""What else happens, so often per registration."""
STAGES = ("Staging", "Production", "Production", "Archived", "None")
ALIASES = ("champion", "champion", "candidate", "shadow")
SCOPES = ("model", "model", "model", "all")
WORDS = {"move": STAGES, "alias": ALIASES, "tag": ("a", "b", "c"), "hold": SCOPES, "resume": SCOPES}
REVIEWERS = ("grace", "ada", "alan")

Trick = Literal["none", "twice", "late", "held", "again", "forged", "clock"]
TRICKS: tuple[Trick, ...] = ("none", "none", "twice", "late", "held", "again", "forged", "clock")
SKEWS_S = (-3600.0, -200.0, 60.0, 200.0, 3600.0)


@dataclass(frozen=True)
class Event:
    """One thing that one client does; `word` is a stage, an alias, a tag's value, what is held, or a reviewer."""

    deed: Deed
    model: str
    pick: float
    word: str
    good: bool
    """Of a registration: whether its figures pass. Of a move: whether it archives the others."""
    owned: bool
    rest: float
    """How long the client rests before, as a share of the mean."""


@dataclass(frozen=True)
class Kill:
    """`kill -9` of a service, whole or only one of its processes, which `pick` chooses."""

    service: str
    whole: bool
    pick: float


@dataclass(frozen=True)
class Mischief:
    """What the network does to one delivery: after so many seconds, or with a clock so far off."""

    trick: Trick
    seconds: float
    skew_s: float


@dataclass(frozen=True)
class Plan:
    """All events of a run: of each client in its order, the kills, and the fates of deliveries."""

    seed: int
    registrations: int
    clients: tuple[tuple[Event, ...], ...]
    kills: tuple[Kill, ...]
    mischief: tuple[Mischief, ...]


def plan(seed: int, registrations: int) -> Plan:
    """Every event of a run of so many registrations."""
    models = [f"{KINDS[n % len(KINDS)]}-{n:03}" for n in range(max(len(KINDS), registrations // PER_MODEL))]
    draw = Random(f"{seed} events")
    deeds = _deeds(draw, registrations)
    events = [_event(draw, deed, models) for deed in deeds]
    return Plan(
        seed=seed,
        registrations=registrations,
        clients=tuple(tuple(events[n::CLIENTS]) for n in range(CLIENTS)),
        kills=_kills(Random(f"{seed} kills"), max(len(SERVICES), registrations * KILLS_PER_REGISTRATION)),
        mischief=_mischief(Random(f"{seed} mischief"), registrations * MISCHIEF_PER_REGISTRATION),
    )


def _deeds(draw: Random, registrations: int) -> list[Deed]:
    """All that happens, in a random order."""
    others: list[Deed] = [deed for deed, share in FOLLOWING for _ in range(round(share * registrations))]
    deeds: list[Deed] = [*["register"] * registrations, *others]
    draw.shuffle(deeds)
    return deeds


def _event(draw: Random, deed: Deed, models: list[str]) -> Event:
    good = draw.random() < 0.7
    return Event(
        deed=deed,
        model=draw.choice(models),
        pick=draw.random(),
        word=draw.choice(WORDS.get(deed, REVIEWERS)),
        good=good,
        owned=draw.random() < 0.9,
        rest=draw.expovariate(1.0),
    )


def _kills(draw: Random, count: int) -> tuple[Kill, ...]:
    """Round by round in a new order, so that a short run leaves no service alone."""
    kills: list[Kill] = []
    while len(kills) < count:
        order = draw.sample(SERVICES, len(SERVICES)) + draw.sample(QUICK, len(QUICK))
        kills += [Kill(service, draw.random() < 0.7, draw.random()) for service in order]
    return tuple(kills[:count])


def _mischief(draw: Random, count: int) -> tuple[Mischief, ...]:
    return tuple(
        Mischief(draw.choice(TRICKS), draw.uniform(0.1, 6.0), draw.choice(SKEWS_S)) for _ in range(count)
    )
