"""The process that speaks with Spark: the only file that imports PySpark. Run by `validation.spark.engine`.

It has rows scored once, keeps the answers on the executors' disks, and asks for tallies of them.
"""

import json
import pickle
import sys
import tarfile
import tempfile
import warnings
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, Final

import pyarrow as pa

from policies.evidence.gap import Gap
from policies.evidence.kinds import Finding
from validation.answers import Failed
from validation.blockwise.asked import columns_asked, question_of
from validation.blockwise.block import Block
from validation.blockwise.passes import findings
from validation.blockwise.soundness import soundness, unsound
from validation.blockwise.tally import Tally, added_up
from validation.spark import counting, executor
from validation.spark.far import Cluster
from validation.spark.job import Answered, Job
from validation.spark.missing import gaps_of, told, too_few

BATCH_ROWS: Final = 65_536
TRIAL_ROWS: Final = 1_000


def main(job_path: str, answer_path: str) -> None:
    """Read the job, do it, and leave the answer."""
    warnings.simplefilter("ignore")  # PySpark speaks of pandas 3, which its Arrow paths work with
    job: Job = pickle.loads(Path(job_path).read_bytes())  # noqa: S301 written by our own worker
    try:
        with tempfile.TemporaryDirectory(prefix="gatehouse-") as folder:
            answered = Answered(_answers(job, Path(folder)))
    except Exception as error:  # noqa: BLE001 Spark raises anything: it is told, not hidden
        answered = Answered({}, told(error))
    Path(answer_path).write_bytes(pickle.dumps(answered))


def _answers(job: Job, folder: Path) -> Mapping[str, Finding]:
    spark = _session(job.far.cluster)
    try:
        spark.range(1).count()
        print(json.dumps({"state": "ready"}), flush=True)  # noqa: T201 to the worker
        return _OnSpark(spark, job, folder).findings()
    finally:
        spark.stop()


def _session(cluster: Cluster) -> Any:
    from pyspark.sql import SparkSession

    builder = SparkSession.builder.appName("gatehouse")
    builder = builder.remote(cluster.remote) if cluster.remote else builder.master(str(cluster.master))
    if not cluster.remote:
        builder = builder.config("spark.ui.enabled", "false").config("spark.ui.showConsoleProgress", "false")
    spark = builder.getOrCreate()
    spark.conf.set("spark.sql.session.timeZone", "UTC")
    spark.conf.set("spark.sql.caseSensitive", "true")  # as everywhere else here
    spark.conf.set("spark.sql.execution.arrow.maxRecordsPerBatch", str(BATCH_ROWS))
    return spark


class _OnSpark:
    """One job in one session."""

    def __init__(self, spark: Any, job: Job, folder: Path) -> None:
        self._spark, self._job, self._folder = spark, job, folder
        far = job.far
        asked = [(need, question_of(need, far.total, None, dated=far.day is not None)) for need in job.needs]
        self._questions = [question for _, question in asked if question is not None]
        self._unknown = [need for need, question in asked if question is None]

    def findings(self) -> Mapping[str, Finding]:
        """Of every need; a gap where it has none."""
        gaps = {need.key: Gap(reason=f"{need.key} is not measured on Spark") for need in self._unknown}
        return {**gaps, **self._asked()} if self._questions else gaps

    def _asked(self) -> Mapping[str, Finding]:
        """A trial on a few rows first: who fails there need not fail in a thousand tasks."""
        rows = self._rows()
        asked = self._asked_of(rows)
        self._send()
        gaps, asked = self._left(asked, _failures(_mapped(rows.limit(TRIAL_ROWS), asked)), {})
        if len(gaps) == len(self._questions):
            return gaps
        from pyspark import StorageLevel

        scored = _mapped(rows, asked).persist(StorageLevel.DISK_ONLY)
        try:
            gaps, asked = self._left(asked, _failures(scored), gaps)
            return gaps if len(gaps) == len(self._questions) else self._counted(scored, asked, gaps)
        finally:
            scored.unpersist()

    def _left(
        self, asked: executor.Asked, failed: Mapping[str, Failed], gaps: Mapping[str, Finding]
    ) -> tuple[dict[str, Finding], executor.Asked]:
        """What cannot be told any more, and those models that are still to be asked."""
        found = {**gaps_of(self._questions, failed), **gaps}
        models = {who: each for who, each in asked.models.items() if who not in failed}
        return found, replace(asked, models=models)

    def _rows(self) -> Any:
        """The data set's own columns, and which file and number each row is of."""
        from pyspark.sql import functions

        far = self._job.far
        read = self._spark.read.parquet(*(file.address for file in far.files))
        return read.select(
            *(functions.col(_quoted(name)) for name in far.columns),
            functions.col("_metadata.file_name").alias(executor.FILE),
            functions.col("_metadata.row_index").alias(executor.ROW),
        )

    def _asked_of(self, rows: Any) -> executor.Asked:
        far = self._job.far
        sliced_by = sorted(columns_asked(self._questions) & set(far.columns))
        types = [f"slice_{number} {_type(rows, name)}" for number, name in enumerate(sliced_by)]
        return executor.Asked(
            name=far.name,
            shown=far.shown,
            target=far.target,
            day=far.day,
            starts={file.name: file.start for file in far.files},
            sliced_by=tuple(sliced_by),
            models={who: (_archived(who), model.signature) for who, model in self._job.models.items()},
            limits=self._job.limits,
            level=self._job.level,
            fields=", ".join([executor.SCORED, *types]),
        )

    def _send(self) -> None:
        """The models' files, to every executor."""
        for who, model in self._job.models.items():
            archive = self._folder / _archived(who)
            with tarfile.open(archive, "w") as files:
                files.add(model.path, arcname=".")
            self._spark.addArtifacts(str(archive), file=True)

    def _counted(
        self, scored: Any, asked: executor.Asked, gaps: Mapping[str, Finding]
    ) -> Mapping[str, Finding]:
        good = scored.where("who is null")

        def reduce(count: Callable[[Block], Tally]) -> Tally:
            counted = good.mapInArrow(partial(_counted, asked, count), counting.COUNTED).toArrow()
            return added_up(counting.tallies_of(counted))

        sound = reduce(soundness)
        few = too_few(self._job.far, sound)
        if few is not None:
            return {each.need.key: few for each in self._questions}
        gaps = {**unsound(self._questions, sound), **gaps}
        rest = [each for each in self._questions if each.need.key not in gaps]
        return {**gaps, **findings(rest, reduce)} if rest else gaps


def _mapped(rows: Any, asked: executor.Asked) -> Any:
    return rows.mapInArrow(partial(_scored, asked), asked.fields)


def _scored(asked: executor.Asked, batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    return executor.scored(asked, _archive, batches)


def _counted(
    asked: executor.Asked, count: Callable[[Block], Tally], batches: Iterator[pa.RecordBatch]
) -> Iterator[pa.RecordBatch]:
    return counting.counted(asked, count, batches)


def _archived(who: str) -> str:
    """The name of the archive of a model's files: none of those that Spark unpacks by itself."""
    return f"{who}.files"


def _archive(name: str) -> Path:
    """Where an executor finds what was sent to it."""
    from pyspark import SparkFiles

    return Path(SparkFiles.get(name))


def _failures(scored: Any) -> Mapping[str, Failed]:
    """The first of each model's, by the place of its row."""
    found = scored.where("who is not null").select("place", "who", "why", "fault").toArrow().to_pylist()
    first = {each["who"]: each for each in sorted(found, key=lambda each: -each["place"])}
    return {who: Failed(each["why"], each["fault"]) for who, each in first.items()}


def _quoted(name: str) -> str:
    return "`" + name.replace("`", "``") + "`"


def _type(rows: Any, name: str) -> str:
    return str(rows.schema[name].dataType.simpleString())


if __name__ == "__main__":
    main(*sys.argv[1:])
