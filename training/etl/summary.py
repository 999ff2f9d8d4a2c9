"""What an ETL run says of itself: as JSON beside the splits, as metrics, as a table for people. Pure."""

from dataclasses import dataclass
from typing import Any, Final

from rich.table import Table

from training.etl.tally import Tally

_SHOWN: Final = ("what became of the trips", "rows", "share")


@dataclass(frozen=True)
class Summary:
    """What was read, dropped and kept, in rows; `input_sha256` is the digest of the file's bytes."""

    input: str
    input_sha256: str
    engine: str
    read: int
    dropped: dict[str, int]
    kept: int
    rows: dict[str, int]

    def __str__(self) -> str:
        splits = ", ".join(f"{rows:,} {split}" for split, rows in self.rows.items())
        return f"{self.read:,} trips read, {self.kept:,} kept ({splits}); dropped: {self.reasons()}"

    def reasons(self) -> str:
        """Name the reasons that cost a row, with the rows they cost."""
        return ", ".join(f"{rows:,} {reason}" for reason, rows in self.dropped.items() if rows) or "none"

    def metrics(self) -> dict[str, float]:
        """Name the counts as MLflow takes them."""
        dropped = {f"dropped_{reason.replace(' ', '_')}": rows for reason, rows in self.dropped.items()}
        rows = {f"rows_{split}": count for split, count in self.rows.items()}
        counts = {"rows_read": self.read, "rows_kept": self.kept} | dropped | rows
        return {name: float(count) for name, count in counts.items()}

    def shares(self) -> dict[str, list[Any]]:
        """Name every reason, also those that cost nothing, and every split: columns of equal length."""
        counts = {f"dropped: {reason}": rows for reason, rows in self.dropped.items()}
        counts |= {f"kept: {split}": rows for split, rows in self.rows.items()}
        shares = [rows / max(self.read, 1) for rows in counts.values()]
        return dict(zip(_SHOWN, (list(counts), list(counts.values()), shares), strict=True))

    def table(self) -> Table:
        """Show people the shares."""
        table = Table(*_SHOWN)
        for what, rows, share in zip(*self.shares().values(), strict=True):
            table.add_row(what, f"{rows:,}", f"{share:.2%}")
        table.add_row("all", f"{self.read:,}", "100.00%", end_section=True)
        return table


def summed_up(counted: Tally, trips: str, digest: str, engine: str) -> Summary:
    """Put together what is known of a run."""
    return Summary(
        input=trips,
        input_sha256=digest,
        engine=engine,
        read=counted.read,
        dropped=dict(counted.dropped),
        kept=counted.kept,
        rows=dict(counted.rows),
    )
