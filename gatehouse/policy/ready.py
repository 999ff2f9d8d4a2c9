"""Ready policies, one for each common situation: taken over for a model under its own name.

They lie in `policies/library`, which no worker reads: what they say there is in force nowhere.
"""

import re
from pathlib import Path

import policies
from gatehouse.policy.draft import Draft, variable
from gatehouse.policy.rendering import as_yaml
from policies.load import load_policy

LIBRARY = Path(policies.__file__).parent / "library"


def names() -> list[str]:
    """What there is to choose from."""
    return sorted(path.parent.name for path in LIBRARY.glob("*/policy.yaml"))


def predicts(name: str) -> bool:
    """Whether a ready policy measures anything, so that it must know the column that is predicted."""
    return bool(load_policy(LIBRARY / name / "policy.yaml").datasets)


def ready(name: str, model: str, target: str | None) -> Draft:
    """The files of a ready policy for a model; its figures and people stay, for its owners to change."""
    folder = LIBRARY / name
    example = load_policy(folder / "policy.yaml").name
    text = (folder / "policy.yaml").read_text()
    written = as_yaml(model)
    for before, after in (
        (f"policy: {example}\n", f"policy: {written}\n"),
        (f"models: [{example}]\n", f"models: [{written}]\n"),
        (f"models:/{example}@", f"models:/{model}@"),
        (f"${{{variable(example)}_", f"${{{variable(model)}_"),
    ):
        text = text.replace(before, after)
    if target is not None:
        text = re.sub(r"\btarget: \w+", lambda _: f"target: {as_yaml(target)}", text)
    return Draft(text, (folder / "cases.yaml").read_text())
