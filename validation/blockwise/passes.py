"""Answers questions in two passes over blocks; whoever has the blocks says how they are counted."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from policies.evidence.gap import Gap
from policies.evidence.kinds import Finding
from validation.blockwise.block import Block
from validation.blockwise.question import Question
from validation.blockwise.tally import Parts, Tally, of_question
from validation.measuring.scores import Unmeasured
from validation.metric import MetricUndefined

Count: TypeAlias = Callable[[Block], Tally]
Reduce: TypeAlias = Callable[[Count], Tally]
"""Counts every block, and adds the tallies up (`tally.added_up`)."""


@dataclass(frozen=True)
class First:
    """The first pass, of all questions at once."""

    questions: Sequence[Question]

    def __call__(self, block: Block) -> Tally:
        """The tally of a block."""
        return {
            (number, *part): cell
            for number, each in enumerate(self.questions)
            for part, cell in each.first(block).items()
        }


@dataclass(frozen=True)
class Second:
    """The second pass, of those that have more to ask."""

    questions: Sequence[Question]
    first: Tally

    def __call__(self, block: Block) -> Tally:
        """The tally of a block."""
        return {
            (number, *part): cell
            for number, each in enumerate(self.questions)
            for part, cell in each.second(block, of_question(self.first, number)).items()
        }


def findings(questions: Sequence[Question], reduce: Reduce) -> Mapping[str, Finding]:
    """By the keys of their needs. Raises whatever `reduce` raises."""
    first = reduce(First(questions))
    again = any(each.asks_again for each in questions)
    second: Tally = reduce(Second(questions, first)) if again else {}
    return {
        each.need.key: _finding(each, of_question(first, number), of_question(second, number))
        for number, each in enumerate(questions)
    }


def _finding(question: Question, first: Parts, second: Parts) -> Finding:
    try:
        return question.finding(first, second)
    except Unmeasured as unmeasured:
        return unmeasured.gap
    except MetricUndefined as undefined:
        return Gap(reason=str(undefined), fault=undefined.fault)
