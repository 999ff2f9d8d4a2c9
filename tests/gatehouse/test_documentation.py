"""Every YAML in the docs loads; every command in them exists and is called as it can be called."""

import re
import shlex
from pathlib import Path

import click
import pytest

from gatehouse.cli import main
from notifications.channel_file import ChannelFile
from policies.parse import parse_defaults, parse_policy, parse_section
from policies.reviewers import Reviewers

ROOT = Path(__file__).parents[2]
PAGES = [
    ROOT / "README.md",
    ROOT / "policies" / "library" / "README.md",
    *sorted((ROOT / "docs").rglob("*.md")),
]
BLOCK = re.compile(r"^```(\w*)\n(.*?)^```", re.MULTILINE | re.DOTALL)
INLINE = re.compile(r"`((?:gatehouse|make) [^`]+)`")
TARGETS = set(re.findall(r"^([a-z-]+):.*## ", (ROOT / "Makefile").read_text(), re.MULTILINE))


def blocks(kind):
    return [
        pytest.param(text, id=f"{page.name}-{number}")
        for page in PAGES
        for number, (named, text) in enumerate(BLOCK.findall(page.read_text()))
        if named == kind
    ]


def commands(program):
    found = []
    for page in PAGES:
        text = page.read_text()
        lines = [line for named, block in BLOCK.findall(text) if named == "" for line in block.splitlines()]
        for line in [*lines, *INLINE.findall(text)]:
            bare = line.split("  #")[0].split(" > ")[0].strip()
            if bare.startswith(f"{program} "):
                found.append(pytest.param(bare, id=f"{page.name}: {bare}"))
    return found


@pytest.mark.parametrize("text", blocks("yaml"))
def test_every_yaml_loads(text):
    if text.startswith("groups:"):
        assert parse_section(Reviewers, text.encode(), file="docs").groups
    elif text.startswith("# channels.yaml"):
        assert parse_section(ChannelFile, text.encode(), file="docs").webhooks
    elif text.startswith("# defaults.yaml"):
        assert parse_defaults(text, file="docs").text == text
    else:
        assert parse_policy(text.encode(), file="docs").transitions


@pytest.mark.parametrize("line", commands("make"))
def test_every_make_target_exists(line):
    assert line.split()[1] in TARGETS


@pytest.mark.parametrize("line", commands("gatehouse"))
def test_every_command_can_be_called_like_that(line):
    words = [word for part in shlex.split(line)[1:] for word in part.split("|")[:1]]
    group, context = main, click.Context(main)
    command = group.get_command(context, words[0])
    assert command is not None, f"there is no command {words[0]}"
    rest = words[1:]
    while isinstance(command, click.Group) and rest and not rest[0].startswith("-"):
        command = command.get_command(context, rest.pop(0))
        assert command is not None
    if "FOLDER" in rest:
        rest = [str(ROOT / "policies" / "definitions") if word == "FOLDER" else word for word in rest]
    if not isinstance(command, click.Group) or command.invoke_without_command:
        command.make_context(words[0], rest)


def test_the_documented_pages_are_there():
    links = re.findall(r"\]\(([^)#]+)\)", (ROOT / "README.md").read_text())
    assert [link for link in links if not (ROOT / link).exists()] == []
