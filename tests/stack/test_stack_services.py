"""The table of services: each is told what it needs and no more, and no secret stands in a command."""

from dataclasses import replace
from pathlib import Path

import pytest

from gatehouse.stack.health import LogSays, RedisAnswers
from gatehouse.stack.ports import Ports
from gatehouse.stack.services import services
from gatehouse.stack.site import Site

ENVIRON = {
    "PATH": "/bin",
    "AWS_SECRET_ACCESS_KEY": "not asked for",
    "GATEHOUSE_OIDC_ISSUER": "https://login.example.org",
    "GATEHOUSE_SLACK_WEBHOOK_URL": "https://hooks.slack.com/services/T/B/X",
}
SITE = Site(Path("/home/gate"), Ports(), Path("/policies"), ENVIRON, {"TAXI_HOLDOUT": "/trips.csv"})
SECRETS = {
    "webhook_secret": "hook-secret",
    "plugin_secret": "plugin-secret",
    "mlflow_key": "mlflow-key",
    "console_secret": "console-secret",
}
WORKING = {"REGISTRY_URL", "LEDGER_URL", "REDIS_URL", "POLICIES", "CONSOLE_URL", "SLACK_WEBHOOK_URL"}


@pytest.fixture
def table():
    return {each.name: each for each in services(SITE, **SECRETS)}


@pytest.mark.parametrize(
    ("name", "settings"),
    [
        ("redis", set()),
        ("mlflow", {"RECEIVER_URL", "PLUGIN_SECRET"}),
        ("receiver", {"LEDGER_URL", "REDIS_URL", "WEBHOOK_SECRET", "PLUGIN_SECRET"}),
        (
            "console",
            {
                "LEDGER_URL",
                "CONSOLE_URL",
                "POLICIES",
                "REDIS_URL",
                "CONSOLE_SECRET",
                "OIDC_ISSUER",
                "MLFLOW_URL",
            },
        ),
        ("worker", WORKING),
        ("rounds", WORKING | {"SPARES"}),
        ("beat", {"REDIS_URL"}),
    ],
)
def test_each_service_is_told_what_it_needs_and_no_more(table, name, settings):
    told = {key for key in table[name].environment if key.startswith("GATEHOUSE_")}
    assert told == {f"GATEHOUSE_{setting}" for setting in settings}
    assert "AWS_SECRET_ACCESS_KEY" not in table[name].environment


def test_the_table_is_whole(table):
    assert set(table) == {"redis", "mlflow", "receiver", "console", "worker", "rounds", "beat"}


def test_a_trainer_is_there_where_it_is_told_what_to_train_on_and_knows_no_ledger():
    told = {"GATEHOUSE_TRAINING_DATA": "trips.csv", "GATEHOUSE_TRAINING_OWNER": "pricing"}
    site = replace(SITE, environ=ENVIRON | told)
    trainer = {each.name: each for each in services(site, **SECRETS)}["trainer"]
    settings = {key for key in trainer.environment if key.startswith("GATEHOUSE_")}
    assert settings == {*told, "GATEHOUSE_REGISTRY_URL", "GATEHOUSE_REDIS_URL", "GATEHOUSE_TRAINING_WORK"}


def test_only_the_workers_know_where_the_data_lie(table):
    assert {n for n, each in table.items() if "TAXI_HOLDOUT" in each.environment} == {"worker", "rounds"}


def test_only_mlflow_knows_the_key_of_its_secrets(table):
    knowing = {n for n, each in table.items() if "mlflow-key" in each.environment.values()}
    assert knowing == {"mlflow"}


def test_no_secret_stands_in_a_command_or_in_what_is_printed(table):
    for service in table.values():
        for secret in ("hook-secret", "plugin-secret", "mlflow-key", "console-secret", "hooks.slack.com"):
            assert secret not in " ".join(service.command)
            assert secret not in repr(service)


def test_every_need_is_in_the_table(table):
    assert {need for each in table.values() for need in each.needs} <= set(table)


def test_redis_that_is_not_there_is_not_up(free_port):
    assert not RedisAnswers(free_port)("")


def test_celery_is_up_when_it_says_so():
    assert not LogSays(" ready.")("Connected to redis")
    assert LogSays(" ready.")("[INFO/MainProcess] worker@host ready.\n")
