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
from training.etl.cleaning import REASONS, UNREADABLE, cell, judged, thinned
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

_RAW: Final = "raw"
_PARQUET: Final = {
    # In bytes: of about 1,500 values, as DuckDB's; a dictionary of distances costs more than it saves.
    "parquet.dictionary.page.size": "6144",
    "parquet.size.statistics.enabled": "false",  # of no use to readers of whole files
}


def run(spark: "SparkSession", source: Source, folder: Path, sample: int) -> Tally:
    """Write `<split>.parquet/` of each split to the folder, of about `sample` kept rows if it is not 0.

    Raises TripsInvalid, OutputUnavailable, EngineUnavailable.
    """
    with _told(source, folder):
        rows = _judged(spark, source, folder)
        if sample:
            rows = _thinned_out(rows, sample)
        with told_of("reading, judging and writing trips on Spark"):
            counted = _write(rows, folder / _RAW / SPLIT, headers=1 if source.header else 0)
    _arrange(folder)
    return counted


@contextmanager
def _told(source: Source, folder: Path) -> Iterator[None]:
    """Turn what Spark raises, pages long, into what to do."""
    from py4j.protocol import Py4JError
    from pyspark.errors import PySparkException

    try:
        yield
    except ConnectionError as error:
        raise EngineUnavailable("Spark ended in the middle of the work: its own log says why") from error
    except (PySparkException, Py4JError) as error:
        said = str(error)
        why = said.strip().splitlines()[0][:300]
        if is_for_want_of_room(said):
            raise unwritten(folder.parent, "no space left on the device") from error
        if re.search(r"EOFException|ZipException|not a Parquet file|CANNOT_READ_FILE|Malformed", said):
            raise not_a_table(source.path, why) from error
        raise EngineUnavailable(f"Spark failed: {why}") from error


def _judged(spark: "SparkSession", source: Source, folder: Path) -> "DataFrame":
    file = _well_named(source, folder)
    if source.header:
        cells = _csv(spark, file, source.header)
    else:
        chosen = (f"{name} AS {cell(name)}" for name in COLUMNS)
        cells = spark.read.parquet(file).selectExpr(f"FALSE AS {BROKEN}", *chosen)
    cells.createOrReplaceTempView("cells")
    return spark.sql(judged("cells", source.shape, SPARK))


def _csv(spark: "SparkSession", file: str, header: Header) -> "DataFrame":
    """Cut each line at its delimiters, in half the time of Spark's own parser; quotes are none, as to DuckDB.

    A line of too few or too many cells, or with bytes that are no text, is broken; one of blanks is no line.
    """
    lines = spark.read.text(file)
    written = lines.where("value >= '!' OR value RLIKE '[^\\\\x00-\\\\x20]'")
    cut = written.selectExpr(f"split(value, '{header.delimiter}') AS cut", "value")
    chosen = (f"get(cut, {header.columns.index(name)}) AS {cell(name)}" for name in COLUMNS)
    broken = f"size(cut) <> {len(header.columns)} OR NOT is_valid_utf8(value)"
    return cut.selectExpr(f"{broken} AS {BROKEN}", *chosen)


def _well_named(source: Source, folder: Path) -> str:
    """Give the file a name that Spark takes as it is: some are patterns to it, some hidden, some packed."""
    kind = ".parquet" if source.header is None else ".csv.gz" if source.header.packed else ".csv"
    place = source.path.resolve()
    if re.fullmatch(r"(/[A-Za-z0-9][\w.-]*)+", str(place)) and "".join(place.suffixes).endswith(kind):
        return str(place)
    link = folder / _RAW / f"trips{kind}"
    link.parent.mkdir()
    link.symlink_to(place)
    return str(link)


def _thinned_out(rows: "DataFrame", sample: int) -> "DataFrame":
    kept = rows.where(f"{REASON} IS NULL").count()
    if sample >= kept:
        return rows
    others = [name for name in rows.columns if name != REASON]
    return rows.selectExpr(*others, f"{thinned(sample / kept)} AS {REASON}")


def _write(rows: "DataFrame", raw: Path, *, headers: int) -> Tally:
    """Count and write in the same pass; a header was a line as all others, and its names are no numbers."""
    from pyspark.sql import Observation
    from pyspark.sql import functions as F  # noqa: N812 Spark's own name for it

    seen = Observation()
    counts = [F.expr(count).alias(f"count_{place}") for place, count in enumerate(COUNTS)]
    features = [f"{_never_null(expression)} AS {name}" for name, expression in made(SPARK).items()]
    written = (
        rows.observe(seen, *counts).where(f"{REASON} IS NULL").selectExpr(KEY, TARGET, TIME, *features, SPLIT)
    )
    written.write.partitionBy(SPLIT).options(**_PARQUET).parquet(str(raw))
    found: dict[str, Any] = seen.get
    found[f"count_{REASONS.index(UNREADABLE)}"] -= headers
    return tally([found[f"count_{place}"] for place in range(len(COUNTS))])


def _never_null(expression: str) -> str:
    """Of a row that is kept, no feature is NULL; said so, Parquet need not note it of every value."""
    return f"coalesce({expression}, CAST('NaN' AS FLOAT))"


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
