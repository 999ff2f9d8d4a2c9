"""A gate for the console's tests: the in-memory registry, a real ledger, and the workers' look by call."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import Engine

from ledger import judgements
from ledger.engine import reading
from registry.memory import MemoryRegistry, Seed
from registry.words import Stage
from validation.sandbox import Sandbox
from workers.gatekeeper import Gatekeeper
from workers.in_force import take_in_force
from workers.look import look
from workers.sweep import sweep, sweep_fully

MODEL = "taxi-fare"
POLICY = """\
policy: taxi-fare
models: [taxi-fare]
transitions:
  - {from: none, to: staging, gates: [{tags: [owner]}]}
  - from: staging
    to: production
    gates: [{logged_metric: val_rmse, max: 5.0}]
    approvals: [{count: 1, from: [pricing]}, {count: 1, from: [risk]}]
    first_version: promote
    on_pass: [{transition: production, archive_existing: true}]
    on_fail: [{transition: archived}]
"""
REVIEWERS = "groups: {pricing: [ada, grace], risk: [linus, trainer]}\n"
GOOD = Seed(
    tags={"owner": "ada"}, logged={"val_rmse": 4.0}, params={"lr": "0.001"}, authors=frozenset({"trainer"})
)


@dataclass
class Clock:
    """A clock that moves a millisecond at every look."""

    time: datetime = field(default_factory=lambda: datetime(2026, 11, 23, 12, 0, tzinfo=UTC))

    def __call__(self) -> datetime:
        self.time += timedelta(milliseconds=1)
        return self.time


class Gate:
    """The gate over a folder; `settle` is what the workers would do now."""

    def __init__(self, ledger: Engine, folder: Path, sandbox: Sandbox) -> None:
        self.clock = Clock()
        self.rung: list[str] = []
        self.registry = MemoryRegistry(self.clock)
        self.folder = folder / "policies"
        self.folder.mkdir()
        (self.folder / "taxi-fare.yaml").write_text(POLICY)
        (self.folder / "reviewers.yaml").write_text(REVIEWERS)
        self.keeper = Gatekeeper(
            registry=self.registry,
            ledger=ledger,
            policies=lambda: take_in_force(ledger, self.folder, self.clock()),
            sandbox=sandbox,
            channels=(),
            ring=self.rung.append,
            now=self.clock,
            environ={},
            console_url="http://console.test",
            holder="test",
            product="0",
        )

        # What there is before the gate came is left alone.
        self.sweep()

    def register(self, seed: Seed = GOOD) -> int:
        """A new version, judged as far as it gets."""
        version = self.registry.register(MODEL, seed).version
        self.settle()
        return version

    def settle(self) -> None:
        """Sweep, and look until nothing is due."""
        self.sweep()
        while look(self.keeper):
            self.sweep()

    def sweep(self) -> None:
        sweep(self.keeper, 50)
        sweep_fully(self.keeper)

    def stages(self) -> dict[int, Stage]:
        return {version.version: version.stage for version in self.registry.versions(MODEL)}

    def latest(self, version: int) -> judgements.Judgement:
        with reading(self.keeper.ledger) as session:
            return judgements.latest(session, MODEL, version)


def break_glass_for(gate: Gate, named: str) -> None:
    """From now on the policy names these people and groups, as a list of YAML."""
    (gate.folder / "taxi-fare.yaml").write_text(f"break_glass: {named}\n{POLICY}")
