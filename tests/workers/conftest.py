"""A gatekeeper over the in-memory registry, a real ledger and a clock that is set by hand."""

from datetime import UTC, datetime, timedelta

import pytest

from policies.verdicts import Answer
from registry.memory import MemoryRegistry
from registry.words import Stage
from tests.databases import ON_BOTH
from tests.workers.judging import GOOD, approve, latest, ring, run, stages
from tests.workers.reviewing import GROUPS, PRICING
from validation.sandbox import Sandbox
from workers.gatekeeper import Gatekeeper
from workers.in_force import take_in_force

PLAIN = """\
policy: plain
models: [plain]
transitions:
  - from: none
    to: staging
    gates:
      - {tags: [owner]}
  - from: staging
    to: production
    gates:
      - {logged_metric: val_rmse, max: 5.0}
    approvals: 1
    on_pass: [{transition: production, archive_existing: true}, {alias: champion}, {notify: "#team"}]
    on_fail: [{transition: archived}, {notify: author}]
"""


class Clock:
    """A clock that moves a millisecond at every look, and as far as it is told."""

    def __init__(self):
        self.time = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)

    def __call__(self):
        self.time += timedelta(milliseconds=1)
        return self.time

    def pass_(self, **span):
        self.time += timedelta(**span)


class Heard:
    """A channel that keeps what it was told."""

    name = "heard"

    def __init__(self):
        self.messages = []

    def takes(self, message):
        return not message.quiet

    def send(self, message, *, since=None):  # noqa: ARG002 the port's
        self.messages.append(message)


@pytest.fixture(params=ON_BOTH)
def database(request):
    """What works on SQLite, where one writes at a time, must work on PostgreSQL, where many do."""
    return request.param


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def registry(clock):
    return MemoryRegistry(clock)


@pytest.fixture
def policies(tmp_path):
    folder = tmp_path / "policies"
    folder.mkdir()
    (folder / "plain.yaml").write_text(PLAIN)
    return folder


@pytest.fixture
def heard():
    return Heard()


@pytest.fixture
def rung():
    return []


@pytest.fixture
def keeper(registry, ledger, policies, heard, rung, clock):
    # These policies need no model run; a sandbox without spares starts nothing.
    with Sandbox(spares=0) as sandbox:
        yield Gatekeeper(
            registry=registry,
            ledger=ledger,
            policies=lambda: take_in_force(ledger, policies, clock()),
            sandbox=sandbox,
            channels=(heard,),
            ring=rung.append,
            now=clock,
            environ={},
            console_url="http://console.test",
            holder="test",
            product="0",
        )


@pytest.fixture
def champion(keeper, registry):
    """Version 1 in Production, by the gate."""
    registry.register("plain", GOOD)
    ring(keeper, "plain", 1)
    run(keeper)
    approve(keeper, 1)
    run(keeper)
    assert stages(registry) == {1: Stage.PRODUCTION}


@pytest.fixture
def waiting(keeper, registry, policies):
    """Version 1 waits in Staging for two of a group, to which its author belongs, too."""
    (policies / "plain.yaml").write_text(PLAIN.replace("    approvals: 1\n", PRICING))
    (policies / "reviewers.yaml").write_text(GROUPS)
    registry.register("plain", GOOD)
    ring(keeper, "plain", 1)
    run(keeper)
    assert latest(keeper, 1).decision.answer is Answer.ASK
