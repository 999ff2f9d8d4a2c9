"""Verdicts on versions in a real MLflow server: from the claim of the work to the judgement on record."""

import statistics
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from ledger import judgements, work
from ledger.engine import open_ledger, reading, writing
from ledger.migrate import upgrade
from policies.evidence.gap import Gap
from policies.load import load_policies
from registry.mlflow_registry import MlflowRegistry
from registry.words import Stage
from validation.kept import KeptAnswers
from validation.limits import Limits
from validation.sandbox import Sandbox
from workers.gatekeeper import Gatekeeper
from workers.look import look

PATIENT = Limits(start_s=900, load_s=900, predict_s=900)
"""On a machine that is busy with other things, figures are poor, but there are some."""
POLICY = """\
policy: bench
models: [{name}]
datasets:
  holdout:
    uri: {rows}
    target: fare
    slices:
      weekday: {{by: dayofweek}}
      year: {{by: year}}
      hours: {{by: hour, bins: [0, 4, 8, 12, 16, 20, 24]}}
transitions:
  - from: staging
    to: production
    gates:
      - {{loads: within 15m}}
      - {{metric: rmse, compared_to: champion, margin: 5%}}
      - {{metric: rmse, slices: {{max: {{default: 1000}}, no_worse_than_champion: 50%}}}}
    approvals: 1
"""


def verdicts(url: str, name: str, rows: Path, pairs: int, rest_s: float) -> dict[str, float]:
    """Medians over pairs of candidates against version 1: one while nobody knows its answers, then another.

    Between two of them processes get the time to warm up.
    """
    with tempfile.TemporaryDirectory(prefix="gatehouse-bench-") as folder:
        kept = Path(folder) / "kept"
        with Sandbox(limits=PATIENT, kept=KeptAnswers(kept, 1 << 30)) as sandbox:
            keeper = _keeper(Path(folder), url, sandbox, POLICY.format(name=name, rows=rows))
            keeper.registry.transition(name, 1, Stage.PRODUCTION)
            _verdict(keeper, name, 2, rest_s)  # spares begin to know what is needed
            took = []
            for pair in range(pairs):
                for file in kept.glob("*.answers"):
                    file.unlink()
                took.append([_verdict(keeper, name, 3 + 2 * pair + each, rest_s) for each in (0, 1)])
    first, second = (statistics.median(times) for times in zip(*took, strict=True))
    return {
        "warm_verdict_s": first,
        "warm_verdict_known_champion_s": second,
        "second_candidate_ratio": second / first,
    }


def _verdict(keeper: Gatekeeper, name: str, version: int, rest_s: float) -> float:
    keeper.registry.transition(name, version, Stage.STAGING)
    with writing(keeper.ledger) as session:
        work.ring(session, name, version, keeper.now())
    time.sleep(rest_s)
    began = time.perf_counter()
    look(keeper)
    took = time.perf_counter() - began
    with reading(keeper.ledger) as session:
        judgement = judgements.latest(session, name, version)
        if judgement is None:
            raise SystemExit(f"{name} version {version} was not judged")
        for key, found in judgements.evidence_of(session, judgement).findings.items():
            if isinstance(found, Gap):
                raise SystemExit(f"{name} version {version}, {key}: {found.reason}")
    return took


def _keeper(folder: Path, url: str, sandbox: Sandbox, policy: str) -> Gatekeeper:
    (folder / "policies" / "bench").mkdir(parents=True)
    (folder / "policies" / "bench" / "policy.yaml").write_text(policy)
    ledger = open_ledger(f"sqlite:///{folder / 'ledger.db'}")
    upgrade(ledger)
    return Gatekeeper(
        registry=MlflowRegistry(url),
        ledger=ledger,
        policies=lambda: load_policies(folder / "policies"),
        sandbox=sandbox,
        channels=(),
        ring=lambda _: None,
        now=lambda: datetime.now(UTC),
        environ={},
        console_url="http://127.0.0.1",
        holder="bench",
        product="bench",
    )
