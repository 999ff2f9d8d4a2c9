"""Checks and cases as JUnit XML, which CI servers draw as tables of tests."""

import re
from collections.abc import Iterable, Sequence
from itertools import groupby

from junitparser import Error, Failure, JUnitXml, TestCase, TestSuite

from policies.book import PolicyBook
from policies.cases import CaseResult
from policies.language import Policy
from policies.problems import Problem

_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that XML 1.0 cannot hold, and a quoted text in YAML can."""


def of_check(book: PolicyBook) -> str:
    """One test for each file: it fails with all its problems."""
    sound = [_case(one.name, str(one.path)) for one in book.policies if one.path not in _troubled(book)]
    return _document([_suite("policies", [*sound, *_broken(book.problems, Failure)])])


def of_test(results: Sequence[tuple[Policy, CaseResult]], problems: Iterable[Problem]) -> str:
    """One suite for each policy, one test for each case; files that cannot be read are errors."""
    suites = []
    for _, group in groupby(results, key=lambda one: one[0].path):
        told = list(group)
        suites.append(_suite(told[0][0].name, [_tried(policy, result) for policy, result in told]))
    if broken := _broken(problems, Error):
        suites.append(_suite("policies", broken))
    return _document(suites)


def _tried(policy: Policy, result: CaseResult) -> TestCase:
    case = _case(result.case, str(policy.path))
    if not result.passed:
        case.result = [_found(Failure, [f"{result.place}: {each}" for each in result.differences])]
    return case


def _broken(problems: Iterable[Problem], kind: type[Failure | Error]) -> list[TestCase]:
    cases = []
    for file, group in groupby(problems, key=lambda problem: problem.file):
        cases.append(_case(file, file))
        cases[-1].result = [_found(kind, [str(problem) for problem in group])]
    return cases


def _troubled(book: PolicyBook) -> set[object]:
    files = {problem.file for problem in book.problems}
    return {one.path for one in book.policies if str(one.path) in files}


def _case(name: str, file: str) -> TestCase:
    return TestCase(_xml(name), classname=_xml(file))


def _found(kind: type[Failure | Error], sentences: Sequence[str]) -> Failure | Error:
    found = kind(_xml(sentences[0]))
    found.text = _xml("\n".join(sentences))
    return found


def _suite(name: str, cases: list[TestCase]) -> TestSuite:
    suite = TestSuite(_xml(name))
    suite.add_testcases(cases)
    return suite


def _document(suites: Iterable[TestSuite]) -> str:
    document = JUnitXml("gatehouse policy")
    for suite in suites:
        document.add_testsuite(suite)
    told: bytes = document.tostring()  # type: ignore[no-untyped-call]
    return told.decode()


def _xml(text: str) -> str:
    return _NOT_XML.sub("\ufffd", text)
