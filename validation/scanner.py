"""Runs in a process of its own: looks at a model's files as data, and loads none of them.

Run by `validation.confine` like the scorer, since the files may be made to break whoever reads them. Pickles
are read by picklescan, Keras' own files as the JSON they hold; links, and paths in MLmodel, must stay within.
"""

import bz2
import gzip
import io
import json
import logging
import lzma
import os
import pickletools
import re
import stat
import sys
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

MOST_FILES = 20_000
MOST_TOLD = 20
UNPACKED_BYTES = 8 << 30
"""An archive that says it holds more is not opened."""
CONFIG_BYTES = 64 << 20
PICKLES = frozenset(
    [".pkl", ".pickle", ".p", ".joblib", ".pt", ".pth", ".ckpt", ".bin", ".dill", ".npy", ".npz"]
)
PACKED: dict[bytes, Any] = {b"\x1f\x8b": gzip.open, b"BZh": bz2.open, b"\xfd7zXZ": lzma.open}
AT_A_REMOVE = frozenset(("importlib", "marshal", "imp", "zipimport", "pkgutil", "code", "codeop", "nt"))
"""Modules that import or run what they are named, beside those that picklescan counts as dangerous."""
CLOUDPICKLE = frozenset(("cloudpickle", "cloudpickle.cloudpickle", "cloudpickle.cloudpickle_fast"))
"""It packs the author's own functions, as ordinary a part of a model as its code folder."""
KERAS = re.compile(r"(keras|tf_keras|tensorflow(\.python)?\.keras|keras_nlp|keras_cv)(\.|$)")
FILE_OPS = re.compile(rb"(?<![A-Za-z])(ReadFile|WriteFile|PyFunc|EagerPyFunc|PyFuncStateless)(?![A-Za-z])")


class Threat(Exception):
    """What is dangerous: the words follow the name of the file."""


class Unclear(Exception):
    """A file whose danger cannot be told."""


def main(terms: dict[str, Any]) -> int:
    """Take the folder's name, scan, tell."""
    status = os.fdopen(terms["status"], "w", buffering=1)
    logging.disable(logging.CRITICAL)  # picklescan warns of what we tell ourselves
    status.write(json.dumps({"state": "ready"}) + "\n")
    folder = Path(json.loads(sys.stdin.readline())["scan"]).resolve()
    status.write(json.dumps(scan(folder)) + "\n")
    return 0


def scan(folder: Path) -> dict[str, Any]:
    """All files below a folder: threats, what was unclear, and whose own code was found where."""
    told: dict[str, Any] = {"state": "scanned", "files": 0, "threats": [], "unclear": [], "code": []}
    for path in _entries(folder):
        told["files"] += 1
        if told["files"] > MOST_FILES:
            told["unclear"].append(["the folder", f"holds more than {MOST_FILES:,} files"])
            break
        where = str(path.relative_to(folder))[:200]
        try:
            if _look(path, folder):
                told["code"].append(where)
        except Threat as threat:
            told["threats"].append([where, str(threat)[:300]])
        except Unclear as unclear:
            told["unclear"].append([where, str(unclear)[:300]])
        except Exception as error:  # noqa: BLE001 whatever a parser makes of hostile bytes: it is told
            told["unclear"].append([where, f"cannot be read: {type(error).__name__}: {error}"[:300]])
    counts = {f"more_{key}": max(0, len(told[key]) - MOST_TOLD) for key in ("threats", "unclear")}
    return told | counts | {key: told[key][:MOST_TOLD] for key in ("threats", "unclear", "code")}


def _entries(folder: Path) -> Iterator[Path]:
    """Files and links, in a lasting order; links are not followed."""
    for at, folders, files in os.walk(folder):
        folders.sort()
        yield from (Path(at, name) for name in folders if Path(at, name).is_symlink())
        yield from (Path(at, name) for name in sorted(files))


def _look(path: Path, folder: Path) -> bool:
    """Whether it holds its author's own code. Raises Threat, Unclear, or whatever reading raises."""
    if path.is_symlink():
        if not path.resolve().is_relative_to(folder):
            raise Threat("is a link that leaves the model's folder")
        return False
    if not stat.S_ISREG(path.lstat().st_mode):
        raise Threat("is no plain file")
    if path.name == "MLmodel":
        _mlmodel(path)
        return False
    with path.open("rb") as file:
        start = file.read(16)
        file.seek(0)
        return path.suffix in {".py", ".pyc"} or _by_content(file, path.suffix.lower(), start)


def _by_content(file: IO[bytes], suffix: str, start: bytes) -> bool:
    """Names may lie, so the first bytes count, too."""
    if start.startswith(b"\x89HDF\r\n"):
        _hdf5(file)
    elif start.startswith(b"PK\x03\x04") or suffix == ".keras":
        return _archive(file)
    elif suffix == ".pb":
        _graph(file)
    elif opener := next((PACKED[magic] for magic in PACKED if start.startswith(magic)), None):
        with opener(file) as inner:
            return _unpacked(inner, suffix)
    elif suffix in PICKLES or (start[:1] == b"\x80" and start[1:2] <= b"\x05"):
        return _pickle(file, suffix)
    elif suffix in {".json", ".config"}:
        _keras(_json(file.read()))
    return False


def _unpacked(inner: Any, suffix: str) -> bool:
    start = inner.read(16)
    inner.seek(0)
    return _pickle(inner, suffix) if suffix in PICKLES or start[:1] == b"\x80" else False


def _pickle(file: Any, suffix: str) -> bool:
    from picklescan.scanner import scan_bytes

    head = file.read(2)
    file.seek(0)
    if head[:1] == b"x" and suffix in PICKLES:  # zlib, as joblib packs
        file = _inflated(file)
    found = scan_bytes(file, "it", suffix)
    own = [each for each in found.globals if each.module in CLOUDPICKLE]
    bad = [
        f"{each.module}.{each.name}"
        for each in found.globals
        if each not in own
        and (each.safety.value == "dangerous" or each.module.partition(".")[0] in AT_A_REMOVE)
    ]
    if bad:
        raise Threat(f"imports {', '.join(sorted(bad)[:5])} when it is loaded")
    if found.scan_err:
        raise Unclear("is a pickle that cannot be read to its end: log the model with skops or pickle")
    if not found.globals and suffix not in {".npy", ".npz"}:
        _whole(file)
    return bool(own)


def _whole(file: Any) -> None:
    """Picklescan says nothing of a pickle that breaks off before its first import: raises Unclear."""
    file.seek(0)
    start = file.read(1)
    file.seek(0)
    if start != b"\x80":
        return  # a name that pickles have, and another content
    try:
        for _ in pickletools.genops(file):
            pass
    except ValueError as error:
        raise Unclear(f"is a pickle that cannot be read: {error}") from error


def _inflated(file: Any) -> Any:
    inflate = zlib.decompressobj()
    plain = inflate.decompress(file.read(), 1 << 30)
    if inflate.unconsumed_tail:
        raise Unclear("unpacks to more than 1 GiB")
    return io.BytesIO(plain)


def _archive(file: IO[bytes]) -> bool:
    """A zip of any kind: Keras, skops, PyTorch, NumPy."""
    own = False
    with zipfile.ZipFile(file) as archive:
        if sum(entry.file_size for entry in archive.infolist()) > UNPACKED_BYTES:
            raise Threat(f"unpacks to more than {UNPACKED_BYTES >> 30} GiB")
        for entry in archive.infolist():
            if entry.filename.startswith("/") or ".." in Path(entry.filename).parts:
                raise Threat(f"holds {entry.filename[:100]}, a path that leaves it")
            if entry.filename == "config.json":
                if entry.file_size > CONFIG_BYTES:
                    raise Threat(f"holds a config.json that unpacks to {entry.file_size >> 20:,} MiB")
                _keras(_json(archive.read(entry)))
            with archive.open(entry) as inner:
                start = inner.read(16)
            with archive.open(entry) as inner:
                if start.startswith(b"\x89HDF\r\n"):
                    continue  # weights: their structure stands in config.json
                own |= _by_content(inner, Path(entry.filename).suffix.lower(), start)
    return own


def _hdf5(file: IO[bytes]) -> None:
    try:
        import h5py
    except ImportError as error:
        raise Unclear("is HDF5, which cannot be read here: install h5py, or save as .keras") from error
    with h5py.File(file, "r") as opened:
        config = opened.attrs.get("model_config")
    if config is not None:
        _keras(_json(config if isinstance(config, bytes) else str(config).encode()))


def _json(raw: bytes) -> Any:
    try:
        return json.loads(raw)
    except RecursionError as error:
        raise Unclear("is nested too deeply") from error


def _keras(config: Any) -> None:
    """Every class that a Keras configuration names, at any depth, is Keras' own and no Lambda."""
    waiting = [config]
    while waiting:
        part = waiting.pop()
        if isinstance(part, list):
            waiting += part
        if not isinstance(part, dict):
            continue
        waiting += part.values()
        name, module = part.get("class_name"), part.get("module")
        if name in {"Lambda", "__lambda__"}:
            raise Threat("has a Lambda layer: code that runs as the model is loaded or asked")
        own = module is None or module == "builtins" or KERAS.match(str(module))
        foreign = part.get("registered_name") or f"{module}.{name}"
        if name and (not own or ">" in str(foreign)):
            raise Threat(f"names {foreign}, which is not Keras' own")


def _graph(file: IO[bytes]) -> None:
    """A SavedModel's graph, or the metadata beside it."""
    held = file.read()
    if found := FILE_OPS.search(held):
        raise Threat(f"has the graph operation {found[1].decode()}, which reaches outside the model")
    if b'"class_name": "Lambda"' in held:
        raise Threat("has a Lambda layer: code that runs as the model is loaded or asked")


def _mlmodel(path: Path) -> None:
    """The paths that MLflow would follow stay within."""
    import yaml

    told = yaml.safe_load(path.read_text(encoding="utf-8"))
    waiting = [("", told.get("flavors"))]
    while waiting:
        key, part = waiting.pop()
        if isinstance(part, dict):
            waiting += [(str(name), inner) for name, inner in part.items()]
        elif isinstance(part, list):
            waiting += [(key, inner) for inner in part]
        elif not isinstance(part, str) or key == "uri":
            continue  # of a uri an artifact once came from, and nobody follows it
        elif part.startswith("/") or ".." in part.split("/"):
            raise Threat(f"leads outside the model's folder: {key}: {part[:100]}")
