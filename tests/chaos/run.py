"""One run: everything up, the plan carried out under kills, then quiet; what was found comes back."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field

from sqlalchemy import func, select

from gatehouse.stack.home import open_home
from ledger.engine import open_ledger, reading
from ledger.errors import LedgerError
from ledger.migrate import upgrade
from ledger.sightings import FULL
from ledger.tables import DecisionRow, EventRow, MessageRow, WatermarkRow, WorkRow
from policies.load import load_policies
from registry.errors import RegistryError
from registry.mlflow_registry import MlflowRegistry
from registry.mlflow_webhooks import NAME, ensure_webhook
from tests.chaos.courier import Courier
from tests.chaos.facts import Wire, read_changes, read_facts
from tests.chaos.orchestrator import Orchestrator
from tests.chaos.people import People
from tests.chaos.sink import Sink
from tests.chaos.site import KEYS, POLICIES, SWEEP_FULLY_EVERY_S, WEBHOOK_SECRET, make_site, table

QUIET_S = SWEEP_FULLY_EVERY_S + 2
"""So long nothing must happen."""
MARKS = 4
"""A full sweep marks its beginning and its end: of so many marks, one whole sweep was begun after the first."""
LOOK_S = 0.5
PATIENCE_S = 600
"""What was looked at often while MLflow was down is looked at again after five minutes at the latest."""


@dataclass
class Outcome:
    """What was found at each quiet time, by check, and the figures of the run."""

    broken: dict = field(default_factory=dict)
    figures: dict = field(default_factory=dict)
    facts: object = None


class Run:
    """A stack of one's own inside a `with`; `play` carries the plan out."""

    def __init__(self, plan, folder, database, report):
        self._plan, self._folder, self._database, self._report = plan, folder, database, report
        self._opened = ExitStack()

    def __enter__(self):
        with ExitStack() as opening:
            self._open(opening)
            self._opened = opening.pop_all()
        return self

    def __exit__(self, *_):
        self._opened.close()

    def _open(self, opening):
        home = opening.enter_context(open_home(self._folder))
        self._report(
            f"starting MLflow, Redis, receiver, workers, beat; ledger and registry on {self._database.kind}"
        )
        opening.enter_context(self._database)
        self._ledger = open_ledger(self._database.ledger_url)
        opening.callback(self._ledger.dispose)
        upgrade(self._ledger)
        self._sink = opening.enter_context(Sink())
        site = make_site(home, self._sink)
        self._courier = opening.enter_context(Courier(site.receiver_url, KEYS, self._plan.mischief))
        self._orchestrator = opening.enter_context(Orchestrator(home, self._database))
        self._orchestrator.start(table(site, self._database, self._courier))
        ensure_webhook(
            site.registry_url, name=NAME, url=f"{self._courier.url}/webhooks/mlflow", secret=WEBHOOK_SECRET
        )
        self._registry = MlflowRegistry(site.registry_url)
        self._book = load_policies(POLICIES)
        self._people = People(site.registry_url, self._registry, self._ledger, self._book)
        self._people.prepare(sorted({event.model for events in self._plan.clients for event in events}))

    def play(self, pace, every_s, rounds):
        """Events at `pace` registrations a second, a kill `every_s` seconds; `rounds` times chaos, then quiet."""
        absent = set() if self._database.kind == "postgres" else {"postgres"}
        kills = (kill for kill in self._plan.kills if kill.service not in absent)
        began = time.monotonic()
        found = []
        for number in range(rounds):
            parts = [_part(events, number, rounds) for events in self._plan.clients]
            self._storm(parts, kills, pace, every_s)
            self._people.sayings.let_go()
            self._report(f"{time.monotonic() - began:5.0f} s  waiting for quiet")
            quiet = self._calm(patience_s=PATIENCE_S)
            found.append((self._facts(), quiet))
            self._report(f"{time.monotonic() - began:5.0f} s  {'quiet' if quiet is None else quiet}")
        return found, self._figures(time.monotonic() - began)

    def _storm(self, parts, kills, pace, every_s):
        over = threading.Event()
        mean_s = self._plan.registrations * len(parts) / sum(map(len, self._plan.clients)) / pace
        with ThreadPoolExecutor(len(parts) + 1) as pool:
            clients = [pool.submit(self._walk, events, mean_s, over) for events in parts]
            killer = pool.submit(self._kill, kills, every_s, over)
            began = last = time.monotonic()
            try:
                while not all(client.done() for client in clients):
                    time.sleep(LOOK_S)
                    if time.monotonic() - last > 5:
                        last = time.monotonic()
                        self._tell(last - began)
                    if killer.done():
                        killer.result()
            finally:
                over.set()
            for each in (*clients, killer):
                each.result()
        self._orchestrator.wait()

    def _walk(self, events, mean_s, over):
        for event in events:
            if over.wait(event.rest * mean_s):
                return
            self._people.act(event, over)

    def _kill(self, kills, every_s, over):
        """In the plan's order, each as soon as its service is up: what never came up cannot fail again."""
        for kill in kills:
            if over.wait(every_s):
                return
            while not self._orchestrator.kill(kill):
                if over.wait(LOOK_S):
                    return

    def _tell(self, seconds):
        done, kills = self._people.done, sum(self._orchestrator.kills.values())
        self._report(
            f"{seconds:5.0f} s  {done['register']} of {self._plan.registrations} registered, "
            f"{sum(done.values())} events, {kills} kills"
        )

    def _calm(self, patience_s):
        """Until nothing has happened for a while, and a full sweep found nothing; why not, if that does not come.

        On a busy machine sweeps are far apart: they leave MLflow nine tenths of its time.
        """
        deadline, since, last = time.monotonic() + patience_s, time.monotonic(), None
        marks = set()
        while time.monotonic() - since < QUIET_S or len(marks) < MARKS:
            time.sleep(LOOK_S)
            try:
                now, waiting = self._stir()
                marks.add(self._swept())
            except (LedgerError, RegistryError) as error:
                now, waiting = None, str(error)
            if waiting or now != last:
                since, last, marks = time.monotonic(), now, set()
            if time.monotonic() > deadline:
                return f"never quiet: {waiting or 'something goes on and on'}"
        return None

    def _swept(self):
        """Another whenever a full sweep begins or ends."""
        with reading(self._ledger) as session:
            return session.scalar(select(WatermarkRow.read_to).where(WatermarkRow.source == FULL))

    def _stir(self):
        """A picture of all that moves, and what is still to come."""
        with reading(self._ledger) as session:
            picture = [
                session.scalar(select(func.count()).select_from(row)) for row in (DecisionRow, EventRow)
            ]
            work = session.scalar(select(func.count()).select_from(WorkRow))
            unsent = session.scalar(select(func.count()).where(MessageRow.state == "waiting"))
        untold = sum(change.delivered_ms is None for change in read_changes(self._database.mlflow_url))
        parts = {
            "looks": work,
            "messages": unsent,
            "changes to tell": untold,
            "deliveries": not self._courier.is_idle(),
        }
        return picture, ", ".join(f"{count:d} {name}" for name, count in parts.items() if count)

    def _facts(self):
        facts = read_facts(self._ledger, self._registry, self._database.mlflow_url, self._book)
        courier = self._courier
        facts.moves = self._people.moves.copy()
        said = self._people.sayings
        facts.taken, facts.doubtful, facts.held = said.taken.copy(), said.doubtful.copy(), dict(said.held)
        facts.wire = Wire(
            set(courier.taken),
            dict(courier.refused),
            set(courier.forged),
            dict(courier.fooled),
            self._sink.heard.copy(),
        )
        return facts

    def _figures(self, seconds):
        return {
            "seconds": seconds,
            "events": dict(self._people.done),
            "refused by MLflow or the gate": dict(self._people.refused),
            "kills": dict(self._orchestrator.kills),
            "ended by themselves": dict(+self._orchestrator.own_ends),
            "deliveries": dict(self._courier.tricks),
        }


def _part(events, number, rounds):
    """The share of one round, in the client's own order."""
    return events[number * len(events) // rounds : (number + 1) * len(events) // rounds]
