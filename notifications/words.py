"""Words: the templates that messages are worded by; a team's own stand before the shipped ones.

A template is plain text: its first line is the title, what follows the text. It runs in Jinja's sandbox, and
every channel escapes what comes out, so a template needs no mark-up and can make none.
"""

import logging
from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

from jinja2 import DictLoader, StrictUndefined, Template, TemplateSyntaxError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from notifications.errors import ChannelRefused
from notifications.samples import SAMPLES
from policies.problems import suggest

SHIPPED_IN = Path(__file__).parent / "templates"
SUFFIX = ".txt"
BYTES_MAX = 64_000
TEXT_MAX = 20_000

log = logging.getLogger(__name__)
Worded = tuple[str, str]
"""Title and text."""


class TemplatesInvalid(ChannelRefused):
    """A team's templates cannot be used; every problem as file:line."""


class Words:
    """Words messages by the texts of templates, by kind; those that are missing are the shipped ones."""

    def __init__(self, own: Mapping[str, str] | None = None, *, folder: Path = SHIPPED_IN) -> None:
        self._own = dict(own or {})
        self._folder = folder

    @cached_property
    def _templates(self) -> dict[str, Template]:
        return {kind: compiled(text) for kind, text in self._own.items()}

    def word(self, kind: str, **facts: Any) -> Worded:
        """Title and text. A team's template that fails on these facts is told in the log, and not used."""
        own = self._templates.get(kind)
        if own is not None:
            try:
                return _drawn(own, facts)
            except Exception as error:  # noqa: BLE001 whatever a template does, nobody may wait for a judgement
                where = f"{self._folder / kind}{SUFFIX}:{_line(error)}"
                log.error("%s: %s; the shipped words are used", where, error)  # noqa: TRY400 no traceback of ours
        return _drawn(_shipped(kind), facts)


SHIPPED = Words()


def read_words(folder: Path | None) -> Words:
    """A team's templates, each tried. Raises TemplatesInvalid with all that is wrong."""
    if folder is None:
        return SHIPPED
    if not folder.is_dir():
        raise TemplatesInvalid(
            f"{folder}: there is no such folder; GATEHOUSE_MESSAGES names one of templates"
        )
    texts: dict[str, str] = {}
    problems: list[str] = []
    for path in sorted(each for each in folder.iterdir() if not each.name.startswith(".")):
        try:
            texts[path.stem] = _read(path)
            problems += _faults(path, texts[path.stem])
        except (OSError, UnicodeDecodeError, ValueError) as error:
            problems.append(f"{path}:1: {error}")
    if problems:
        raise TemplatesInvalid("\n".join(problems))
    return Words(texts, folder=folder)


def compiled(text: str) -> Template:
    """Raises TemplateSyntaxError."""
    environment = ImmutableSandboxedEnvironment(
        loader=DictLoader({}), undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    return environment.from_string(text)


_texts = {path.stem: path.read_text("utf-8") for path in SHIPPED_IN.glob(f"*{SUFFIX}")}
_compiled: dict[str, Template] = {}


def _shipped(kind: str) -> Template:
    if kind not in _compiled:
        _compiled[kind] = compiled(_texts[kind])
    return _compiled[kind]


def _read(path: Path) -> str:
    if path.suffix != SUFFIX or path.stem not in SAMPLES:
        known = [f"{kind}{SUFFIX}" for kind in SAMPLES]
        raise ValueError(f"no message is worded by this file, {suggest(path.name, known)}")
    raw = path.read_bytes()
    if len(raw) > BYTES_MAX:
        raise ValueError(f"a template has at most {BYTES_MAX} bytes")
    return raw.decode("utf-8")


def _faults(path: Path, text: str) -> Iterator[str]:
    """What is wrong with a template, in itself or on any of its samples; the first is enough."""
    try:
        template = compiled(text)
        for facts in SAMPLES[path.stem]:
            title, _ = _drawn(template, facts)
            if not title:
                yield f"{path}:1: the first line is the title, and it is empty"
                return
    except Exception as error:  # noqa: BLE001 a template can do anything that the sandbox lets it
        yield f"{path}:{_line(error)}: {error}"


def _drawn(template: Template, facts: Mapping[str, Any]) -> Worded:
    title, _, text = template.render(facts).strip().partition("\n")
    return title.strip(), text.strip()[:TEXT_MAX]


def _line(error: Exception) -> int:
    """Where in the template: Jinja puts its lines into the traceback."""
    if isinstance(error, TemplateSyntaxError):
        return error.lineno
    line, step = 1, error.__traceback__
    while step is not None:
        if step.tb_frame.f_code.co_filename == "<template>":
            line = step.tb_lineno
        step = step.tb_next
    return line
