"""Verdicts on versions in a real MLflow server: from the claim of the work to the judgement on record."""

import statistics
import tempfile
import time
from pathlib import Path

from benchmarks._keeper import keeper
from benchmarks._rest import rest
from ledger import judgements, work
from ledger.engine import reading, writing
from policies.book import PolicyBook
from policies.evidence.gap import Gap
from policies.parse import parse_policy
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


def verdicts(url: str, name: str, rows: Path, pairs: int) -> dict[str, float]:
    """Medians over pairs of candidates against version 1: one while nobody knows its answers, then another.

    Before each of them the spares get the time to warm up.
    """
    with tempfile.TemporaryDirectory(prefix="gatehouse-bench-") as folder:
        kept = Path(folder) / "kept"
        with Sandbox(limits=PATIENT, kept=KeptAnswers(kept, 1 << 30)) as sandbox:
            policies = PolicyBook((parse_policy(POLICY.format(name=name, rows=rows), file="policy.yaml"),))
            gate = keeper(Path(folder), url, sandbox, lambda: policies)
            gate.registry.transition(name, 1, Stage.PRODUCTION)
            _verdict(gate, name, 2)  # spares begin to know what is needed
            took = []
            for pair in range(pairs):
                for file in kept.glob("*.answers"):
                    file.unlink()
                took.append([_verdict(gate, name, 3 + 2 * pair + each) for each in (0, 1)])
    first, second = (statistics.median(times) for times in zip(*took, strict=True))
    return {
        "warm_verdict_s": first,
        "warm_verdict_known_champion_s": second,
        "second_candidate_ratio": second / first,
    }


def _verdict(gate: Gatekeeper, name: str, version: int) -> float:
    gate.registry.transition(name, version, Stage.STAGING)
    with writing(gate.ledger) as session:
        work.ring(session, name, version, gate.now())
    rest()
    began = time.perf_counter()
    look(gate)
    took = time.perf_counter() - began
    with reading(gate.ledger) as session:
        judgement = judgements.latest(session, name, version)
        if judgement is None:
            raise SystemExit(f"{name} version {version} was not judged")
        for key, found in judgements.evidence_of(session, judgement).findings.items():
            if isinstance(found, Gap):
                raise SystemExit(f"{name} version {version}, {key}: {found.reason}")
    return took
