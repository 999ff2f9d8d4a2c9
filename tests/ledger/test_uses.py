"""How many candidates a hold-out has judged, and what is said of one that has judged many."""

import json
from datetime import timedelta

import pytest
from alembic import command
from sqlalchemy import text

from ledger import judgements
from ledger.engine import open_ledger, reading, writing
from ledger.migrate import alembic_config, upgrade
from ledger.uses import uses
from policies.evidence.evidence import Evidence
from policies.wear import MANY, Use, warnings
from registry.words import VersionFacts


def judge(ledger, now, version, model="fare", **datasets):
    facts = VersionFacts(name=model, version=version, source="s")
    evidence = Evidence(candidate=facts, datasets=datasets)
    with writing(ledger) as session:
        judgements.keep_evidence(session, evidence, inputs=f"{model} {version}", now=now)


def of(ledger, version, model="fare"):
    with reading(ledger) as session:
        return {use.dataset: use.candidates for use in uses(session, model).get((model, version), ())}


def test_each_candidate_is_counted_once_by_model_and_digest(ledger, now):
    for minute, version in enumerate([1, 2, 2, 1, 3]):
        judge(ledger, now + timedelta(minutes=minute), version, holdout="d1")
    judge(ledger, now, 1, model="other", holdout="d1")
    judge(ledger, now, 4, holdout="d2")
    assert [of(ledger, version)["holdout"] for version in (1, 2, 3, 4)] == [1, 2, 3, 1]
    assert of(ledger, 1, model="other") == {"holdout": 1}
    with reading(ledger) as session:
        assert {name for name, _ in uses(session)} == {"fare", "other"}


def test_a_version_is_told_of_the_data_that_it_was_judged_on_last(ledger, now):
    judge(ledger, now, 1, holdout="d1", fresh="f")
    judge(ledger, now + timedelta(days=1), 2, holdout="d1")
    judge(ledger, now + timedelta(days=2), 2, holdout="d2")
    assert of(ledger, 1) == {"holdout": 1, "fresh": 1}
    assert of(ledger, 2) == {"holdout": 1}


def test_two_data_sets_of_the_same_bytes_are_one(ledger, now):
    judge(ledger, now, 1, holdout="d", again="d")
    judge(ledger, now + timedelta(days=1), 2, holdout="d")
    assert of(ledger, 2) == {"holdout": 2}


@pytest.mark.parametrize(("candidates", "said"), [(MANY - 1, 0), (MANY, 1)])
def test_a_warning_stands_from_the_twentieth_candidate_on(candidates, said):
    found = warnings([Use(dataset="holdout", digest="d", candidates=candidates)])
    assert len(found) == said
    assert all(f"'holdout' has judged {candidates} candidates" in sentence for sentence in found)


def test_the_evidence_on_record_is_counted_when_a_ledger_is_upgraded(empty_url, now):
    engine = open_ledger(empty_url)
    with engine.begin() as connection:
        config = alembic_config()
        config.attributes["connection"] = connection
        command.upgrade(config, "0004")
        for number, (version, digest) in enumerate([(1, "d"), (2, "d"), (2, "d"), (3, "e")]):
            told = {"candidate": {"name": "fare", "version": version}, "datasets": {"holdout": digest}}
            row = {"digest": str(number), "evidence": json.dumps(told), "at": now + timedelta(days=number)}
            insert = (
                "insert into evidence (digest, inputs, evidence, at) values (:digest, 'i', :evidence, :at)"
            )
            connection.execute(
                text(insert), row | {"at": str(row["at"]) if engine.dialect.name == "sqlite" else row["at"]}
            )
    upgrade(engine)
    assert [of(engine, version)["holdout"] for version in (1, 2, 3)] == [1, 2, 1]
    engine.dispose()
