"""`python -m benchmarks [NAME]`: list the benchmarks, or run one.

Each module here has a `main() -> dict[str, float]`; its figures are printed as a table, and as one flat JSON
object in the last line. Ratios against a peer are named `ratio_PEER`; larger is better for us.
"""

import ast
import importlib
import json
import pkgutil
import sys
from pathlib import Path

import benchmarks


def names() -> list[str]:
    """Every benchmark."""
    return sorted(m.name for m in pkgutil.iter_modules(benchmarks.__path__) if not m.name.startswith("_"))


def purpose(name: str) -> str:
    """The first line of a benchmark's docstring, without importing all that it needs."""
    source = Path(benchmarks.__path__[0]) / f"{name}.py"
    said = ast.get_docstring(ast.parse(source.read_text(encoding="utf-8"))) or ""
    return said.partition("\n")[0]


def run(name: str) -> None:
    """One benchmark, with its table."""
    figures = importlib.import_module(f"benchmarks.{name}").main()
    width = max(map(len, figures))
    for key, value in figures.items():
        print(f"{key:<{width}}  {value:>10.3f}")
    print(json.dumps({key: round(value, 4) for key, value in figures.items()}))


def main(words: list[str]) -> int:
    """List or run; 2 for a name that is none."""
    known = names()
    if not words:
        for name in known:
            print(f"  make bench NAME={name:<8} {purpose(name)}")
        return 0
    if words[0] not in known:
        print(f"no benchmark '{words[0]}'; there are: {', '.join(known)}", file=sys.stderr)
        return 2
    run(words[0])
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
