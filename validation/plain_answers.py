"""What a model returned, as figures. Runs inside the sandbox's process: imports nothing of this product."""

from typing import Any


class Unfit(Exception):
    """The model answered with something else than was asked for."""


class Unclear(Exception):
    """The model answered, and nobody can know which class is meant."""


def plain_answers(output: Any, rows: int, classes: dict[str, Any] | None = None) -> Any:
    """Float64 of shape (rows,), or (rows, columns) of at least two. Raises Unfit, Unclear.

    From an array, list, Series or DataFrame. Where the target is of `classes`, labels become their places.
    """
    import numpy as np

    output, columns = _without_frame(output)
    array = np.asarray(output)
    if array.ndim == 2 and array.shape[1] == 1:  # noqa: PLR2004 rows and columns
        array = array[:, 0]
    numbers = array.dtype.kind in "fiub"
    if not numbers and (classes is None or array.dtype.kind not in "OUST" or array.ndim != 1):
        raise Unfit(f"gave predictions of type {array.dtype}, numbers are needed")
    if array.ndim not in (1, 2) or array.shape[0] != rows or (array.ndim == 2 and not array.shape[1]):  # noqa: PLR2004
        raise Unfit(f"gave predictions of shape {array.shape} for {rows:,} rows, one for each is needed")
    if array.ndim == 2:  # noqa: PLR2004
        array = array if classes is None else _in_order(array, columns, classes)
    elif classes is not None:
        array = _places(array, classes, numbers=numbers)
    return np.ascontiguousarray(array, dtype="<f8")


def _without_frame(output: Any) -> tuple[Any, list[str] | None]:
    """Plain values, and the names of the columns if there are several."""
    import numpy as np
    import pandas as pd

    columns = None
    if isinstance(output, pd.DataFrame):
        if output.shape[1] > 1:
            columns = [_class_name(column) for column in output.columns]
            return output.to_numpy(), columns
        output = output.iloc[:, 0]
    if isinstance(output, pd.Series) and pd.api.types.is_numeric_dtype(output):
        output = output.to_numpy(dtype="float64", na_value=np.nan)
    return output, columns


def _in_order(array: Any, columns: list[str] | None, classes: dict[str, Any]) -> Any:
    """The columns as the classes stand: by their names, or as they are where the policy names the classes."""
    names = classes["names"]
    if classes["answers"] == "labels":
        raise Unfit(f"gave {array.shape[1]} figures a row, and its policy says that it answers labels")
    if columns is not None and sorted(columns) == sorted(names):
        return array[:, [columns.index(name) for name in names]]
    if not classes["declared"]:
        raise Unclear(f"gave {array.shape[1]} figures a row, without the classes' names as columns")
    if array.shape[1] != len(names):
        raise Unfit(f"gave {array.shape[1]} figures a row, and there are {len(names)} classes")
    return array


def _places(array: Any, classes: dict[str, Any], *, numbers: bool) -> Any:
    """One answer a row: the places of labels, or probabilities of the last of two classes."""
    import numpy as np
    import pandas as pd

    names, answers = classes["names"], classes["answers"]
    likely = numbers and len(names) == 2 and bool(((array >= 0) & (array <= 1)).all())  # noqa: PLR2004 classes
    codes, found = pd.factorize(array, use_na_sentinel=False)
    labels = [_class_name(label) for label in found]
    strange = next((label for label in labels if label not in names), None)
    if answers == "probabilities" and not likely:
        raise Unfit(
            f"gave {labels[0][:40]!r}, and its policy says that it answers probabilities of two classes"
        )
    if answers == "probabilities" or (
        strange is not None and likely and classes["declared"] and answers is None
    ):
        return array.astype(float)
    if strange is None or (not numbers and not classes["declared"]):
        places = [names.index(label) if label in names else -1 for label in labels]
        return np.array(places, dtype=float)[codes]
    if not classes["declared"]:
        raise Unclear(f"gave numbers such as {strange[:20]}, and the target is text")
    raise Unfit(f"gave {strange[:40]!r}, which is none of the classes {', '.join(names[:10])}")


def _class_name(value: Any) -> str:
    """As a policy calls it: 2, 2.0 and "2" are one class."""
    import numpy as np

    if isinstance(value, (bool, int, float, np.bool_, np.integer, np.floating)):
        number = float(value)
        return str(int(number)) if number.is_integer() else repr(number)
    return str(value)
