"""How long does the candidate take to answer a few rows?"""

from typing import Literal

from policies.evidence.need import DataNeed
from policies.evidence.told import CaseUnfit, Told
from policies.quantities import parse_duration
from registry.words import Value

PERCENTILES = ("p50", "p95", "p99")


class Latency(Value):
    """Times of single calls in seconds, the model warm, taken outside its process."""

    kind: Literal["latency"] = "latency"
    p50: float
    p95: float
    p99: float
    fastest: float
    slowest: float
    calls: int
    """Timed ones; those for warming up are left out."""


class LatencyNeed(DataNeed):
    """Time calls of `rows_a_call` rows of a data set, one after the other."""

    kind: Literal["latency"] = "latency"
    rows_a_call: int

    @property
    def key(self) -> str:
        """How many rows, and of which data set."""
        return f"latency of {self.rows_a_call} rows on {self.dataset}"

    @property
    def names(self) -> tuple[str, ...]:
        """The word alone will do where it is asked for once."""
        return (self.key, "latency")

    def told(self, told: Told) -> Latency | None:
        """One time for all percentiles, such as 20ms, or milliseconds by percentile."""
        found = next((told.candidate[name] for name in self.names if name in told.candidate), None)
        if found is None:
            return None
        if isinstance(found, str):
            times = dict.fromkeys(PERCENTILES, parse_duration(found))
        elif isinstance(found, float | int) or not set(found) <= set(PERCENTILES) or not found:
            raise CaseUnfit(f"'latency' is told as {found!r}; write 20ms, or {{p95: 20}} in milliseconds")
        else:
            largest = max(found.values())
            times = {name: found.get(name, largest) / 1000 for name in PERCENTILES}
        return Latency(**times, fastest=min(times.values()), slowest=max(times.values()), calls=200)
