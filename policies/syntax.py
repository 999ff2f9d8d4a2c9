"""What a YAML parser complains of, in plainer words where one of the usual slips is to blame."""

import re

import yaml

from policies.problems import Problem

_CUT_SHORT = re.compile(r"[{,\[][^}\]#]*\s#\S")
_TABBED = re.compile(r" *\t")


def syntax_problem(error: yaml.YAMLError, text: str, file: str) -> Problem:
    """The parser's complaint, or a plainer one where a tab or an unquoted '#' is to blame."""
    line, column = _place(error, text)
    said = getattr(error, "problem", None) or getattr(error, "reason", None) or str(error)
    what, instead = f"not YAML: {said}", "mend the brackets, quotes or indentation"
    lines = text.splitlines()
    if any(_TABBED.match(shown) for shown in lines[line - 1 : line]):
        what, instead = "a tab indents this line", "indent with spaces"
    elif hidden := [n for n in (line, line - 1) if 0 < n <= len(lines) and _CUT_SHORT.search(lines[n - 1])]:
        line, column = hidden[0], lines[hidden[0] - 1].index("#") + 1
        what, instead = "a '#' starts a comment and hides the rest of the line", "put the text in quotes"
    return Problem(file=file, line=line, column=column, what=what, instead=instead)


def _place(error: yaml.YAMLError, text: str) -> tuple[int, int]:
    """Line and column from 1; of a forbidden character only the offset is known."""
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    if mark:
        return mark.line + 1, mark.column + 1
    before = text[: getattr(error, "position", 0) or 0]
    return before.count("\n") + 1, len(before) - before.rfind("\n")
