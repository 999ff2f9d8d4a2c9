"""The ETL on Spark: the same SQL as on DuckDB, in one pass over the file, on as many machines as there are.

No Python runs on the rows. The file and the folder must lie where Spark's machines and this process see them.
"""

import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from training.errors import EngineUnavailable, OutputUnavailable
from training.etl.cleaning import cell, judged, thinned
from training.etl.columns import BROKEN, COLUMNS, KEY, REASON, SPLIT, TARGET, TIME
from training.etl.features import made
from training.etl.folder import is_for_want_of_room, unwritten
from training.etl.header import Header, not_a_table
from training.etl.showing import told_of
from training.etl.source import Source
from training.etl.splitting import SPLITS
from training.etl.tally import COUNTS, Tally, tally
from training.etl.words import SPARK

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

_BROKEN_CELL: Final = "broken_line"
_RAW: Final = "raw"
_FEW_VALUES: Final = ("parquet.dictionary.page.size", 6_144)
"""In bytes: dictionaries of about 1,500 values, as DuckDB's; one of distances costs more than it saves."""


def run(spark: "SparkSession", source: Source, folder: Path, sample: int) -> Tally:
    """Write `<split>.parquet/` of each split to the folder, of about `sample` kept rows if it is not 0.

    Raises TripsInvalid, OutputUnavailable, EngineUnavailable.
    """
    with _told(source, folder):
        rows = _judged(spark, source, folder)
        if sample:
            rows = _thinned_out(rows, sample)
        with told_of("reading, judging and writing trips on Spark"):
            counted = _write(rows, folder / _RAW / SPLIT)
    _arrange(folder)
    return counted


@contextmanager
def _told(source: Source, folder: Path) -> Iterator[None]:
    """Turn what Spark raises, pages long, into what to do."""
    from py4j.protocol import Py4JError
    from pyspark.errors import PySparkException

    try:
        yield
    except (PySparkException, Py4JError) as error:
        said = str(error)
        why = said.strip().splitlines()[0][:300]
        if is_for_want_of_room(said):
            raise unwritten(folder.parent, "no space left on the device") from error
        if re.search(r"EOFException|ZipException|not a Parquet file|CANNOT_READ_FILE|Malformed", said):
            raise not_a_table(source.path, why) from error
        raise EngineUnavailable(f"Spark failed: {why}") from error


def _judged(spark: "SparkSession", source: Source, folder: Path) -> "DataFrame":
    raw = _csv(spark, source, folder) if source.header else spark.read.parquet(str(source.path))
    chosen = [f"{source.header.place(name) if source.header else name} AS {cell(name)}" for name in COLUMNS]
    raw.selectExpr(f"{_broken(source.header)} AS {BROKEN}", *chosen).createOrReplaceTempView("cells")
    return spark.sql(judged("cells", source.shape, SPARK))


def _csv(spark: "SparkSession", source: Source, folder: Path) -> "DataFrame":
    """Read line by line, as DuckDB is told to: quotes are not parsed, a broken line costs itself only."""
    header = source.header
    assert header is not None
    schema = ", ".join(f"{name} STRING" for name in (*header.places, _BROKEN_CELL))
    return spark.read.csv(
        _well_named(source.path, header, folder),
        schema=schema,
        sep=header.delimiter,
        header=True,
        quote="",
        escape="",
        mode="PERMISSIVE",
        columnNameOfCorruptRecord=_BROKEN_CELL,
    )


def _broken(header: Header | None) -> str:
    """A line of too few or too many cells, or with bytes that were no text."""
    if header is None:
        return "FALSE"
    unreadable = (f"contains({place}, '\\ufffd')" for place in header.places)
    return f"{_BROKEN_CELL} IS NOT NULL OR coalesce({' OR '.join(unreadable)}, FALSE)"


def _well_named(file: Path, header: Header, folder: Path) -> str:
    """Spark unpacks by the name: a file whose name says otherwise gets another name."""
    if header.packed == (file.suffix == ".gz"):
        return str(file.resolve())
    link = folder / _RAW / f"trips.csv{'.gz' if header.packed else ''}"
    link.parent.mkdir()
    link.symlink_to(file.resolve())
    return str(link)


def _thinned_out(rows: "DataFrame", sample: int) -> "DataFrame":
    kept = rows.where(f"{REASON} IS NULL").count()
    if sample >= kept:
        return rows
    others = [name for name in rows.columns if name != REASON]
    return rows.selectExpr(*others, f"{thinned(sample / kept)} AS {REASON}")


def _write(rows: "DataFrame", raw: Path) -> Tally:
    """Count and write in the same pass."""
    from pyspark.sql import Observation
    from pyspark.sql import functions as F  # noqa: N812 Spark's own name for it

    seen = Observation()
    counts = [F.expr(count).alias(f"count_{place}") for place, count in enumerate(COUNTS)]
    features = [f"{expression} AS {name}" for name, expression in made(SPARK).items()]
    written = (
        rows.observe(seen, *counts).where(f"{REASON} IS NULL").selectExpr(KEY, TARGET, TIME, *features, SPLIT)
    )
    written.write.partitionBy(SPLIT).option(*_FEW_VALUES).parquet(str(raw))
    found: dict[str, Any] = seen.get
    return tally([found[f"count_{place}"] for place in range(len(COUNTS))])


def _arrange(folder: Path) -> None:
    """Give each split its folder of Parquet files, numbered; Spark's names say which run wrote them."""
    raw = folder / _RAW / SPLIT
    if not raw.is_dir():
        raise OutputUnavailable(
            f"Spark wrote nothing that is seen here in {folder.parent}: FILE and FOLDER must lie where both"
            " Spark's machines and this one see them"
        )
    for place, split in enumerate(SPLITS):
        parts = folder / f"{split}.parquet"
        parts.mkdir()
        for number, part in enumerate(sorted((raw / f"{SPLIT}={place}").glob("*.parquet"))):
            part.replace(parts / f"part-{number:05}.parquet")
    shutil.rmtree(folder / _RAW)
