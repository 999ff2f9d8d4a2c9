"""What a killed training needs to go on as if nothing had been: arrays and a history, in one file.

No pickle: a checkpoint lies in a folder that others may write to. It is replaced whole or not at all.
"""

import hashlib
import json
import zipfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from training.epoch import Epoch


@dataclass
class Progress:
    """How far a training has come: its MLflow run, its epochs, the best one, and all variables."""

    run_id: str = ""
    epochs: list[Epoch] = field(default_factory=list)
    best_epoch: int = 0
    best_loss: float = float("inf")
    state: Sequence[NDArray[Any]] = ()
    best: Sequence[NDArray[Any]] = ()

    def came(self, epoch: Epoch, state: Sequence[NDArray[Any]], best: Sequence[NDArray[Any]]) -> None:
        """Take down one more epoch, whose weights are `best` where its loss is the lowest so far."""
        if epoch.metrics["val_loss"] < self.best_loss:
            self.best_loss, self.best_epoch, self.best = epoch.metrics["val_loss"], epoch.number, best
        self.epochs, self.state = [*self.epochs, epoch], state


@dataclass(frozen=True)
class Checkpoint:
    """A place for one training's progress; another plan, other data or other packages have another place."""

    file: Path

    @classmethod
    def of(cls, folder: Path, what: Mapping[str, Any]) -> "Checkpoint":
        """The place in a folder for what is trained."""
        text = json.dumps(what, sort_keys=True, default=str)
        return cls(folder / f"{hashlib.sha256(text.encode()).hexdigest()[:32]}.npz")

    def load(self) -> Progress:
        """What was kept, or nothing done where nothing was. A damaged file counts as none."""
        try:
            with np.load(self.file, allow_pickle=False) as kept:
                words = json.loads(str(kept["words"]))
                arrays = {part: _list(kept, part) for part in ("state", "best")}
        except (FileNotFoundError, zipfile.BadZipFile, KeyError, ValueError):
            return Progress()
        return Progress(**words | arrays | {"epochs": [Epoch(**each) for each in words["epochs"]]})

    def keep(self, progress: Progress) -> None:
        """Replace what was kept. Raises OSError, and then the last checkpoint is there still."""
        words = {
            "run_id": progress.run_id,
            "epochs": [asdict(epoch) for epoch in progress.epochs],
            "best_epoch": progress.best_epoch,
            "best_loss": progress.best_loss,
        }
        arrays = {
            f"{part}_{place}": array
            for part in ("state", "best")
            for place, array in enumerate(getattr(progress, part))
        }
        partial = self.file.with_suffix(".partial")
        try:
            self.file.parent.mkdir(parents=True, exist_ok=True)
            with partial.open("wb") as file:
                np.savez(file, words=np.array(json.dumps(words)), **arrays)
            partial.replace(self.file)
        except OSError as error:
            with suppress(OSError):
                partial.unlink(missing_ok=True)
            raise OSError(
                error.errno,
                f"cannot keep a checkpoint ({error.strerror}): make room or name another --checkpoints;"
                " the same call then goes on from the last one",
                str(self.file),
            ) from error

    def forget(self) -> None:
        """The training is done."""
        self.file.unlink(missing_ok=True)


def _list(kept: Any, part: str) -> list[NDArray[Any]]:
    names = [name for name in kept.files if name.startswith(f"{part}_")]
    return [kept[f"{part}_{place}"] for place in range(len(names))]
