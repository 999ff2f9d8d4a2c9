"""Whatever is thrown at the receiver, it answers in words, stores nothing, and stays up."""

import gzip
import io
import json
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from ledger.engine import reading
from ledger.tables import DeliveryRow, WorkRow
from tests.databases import ON_BOTH
from tests.webhooks.senders import NOW, SECRETS, SIGN, post, recorded
from webhooks.receiver import create_app
from webhooks.settings import BODY_MAX

SOURCES = list(SIGN)
GOOD = {
    "mlflow": recorded("mlflow", "model_version.created"),
    "databricks": recorded("databricks", "MODEL_VERSION_CREATED"),
    "gatehouse": recorded("gatehouse", "model_version.stage_changed"),
}
NAME = {"mlflow": "name", "databricks": "model_name", "gatehouse": "name"}


def stored(ledger):
    with reading(ledger) as session:
        return session.scalar(select(func.count()).select_from(DeliveryRow))


def changed(source, **fields):
    """The good body with other fields; None takes one away."""
    told = json.loads(GOOD[source])
    data = told if source == "databricks" else told["data"]
    data.update(fields)
    for key in [key for key, value in fields.items() if value is None]:
        del data[key]
    return json.dumps(told).encode()


def named(source, name):
    return changed(source, **{NAME[source]: name})


@pytest.mark.parametrize("source", SOURCES)
@pytest.mark.parametrize("secret", ["whsec_" + "QUJD" * 8, "a guessed one"], ids=["like ours", "a guess"])
def test_a_forged_delivery_is_401(client, ledger, source, secret):
    if source == "gatehouse" and not secret.startswith("whsec_"):
        secret = "whsec_" + "Z3Vlc3NlZCBi" * 3
    answer = post(client, source, GOOD[source], secret=secret)
    assert (answer.status_code, answer.json) == (401, {"error": "bad or stale signature"})
    assert stored(ledger) == 0


@pytest.mark.parametrize("source", SOURCES)
@pytest.mark.parametrize("other", SOURCES)
def test_a_signature_of_another_dialect_does_not_count(client, source, other):
    if source != other:
        headers = {"Content-Type": "application/json"} | SIGN[other](GOOD[source])
        assert client.post(f"/webhooks/{source}", data=GOOD[source], headers=headers).status_code == 401


@pytest.mark.parametrize("source", SOURCES)
def test_a_body_changed_on_its_way_is_401(client, ledger, source):
    headers = {"Content-Type": "application/json"} | SIGN[source](GOOD[source])
    answer = client.post(f"/webhooks/{source}", data=GOOD[source].replace(b"taxi", b"cabs"), headers=headers)
    assert (answer.status_code, stored(ledger)) == (401, 0)


@pytest.mark.parametrize(
    ("source", "late"),
    [("mlflow", 901), ("mlflow", -901), ("gatehouse", 301), ("gatehouse", -301)],
)
def test_a_stale_delivery_is_401(client, source, late):
    assert post(client, source, GOOD[source], at=NOW - timedelta(seconds=late)).status_code == 401


@pytest.mark.parametrize("late", [3601, -3601])
def test_databricks_own_time_tells_a_stale_delivery(client, late):
    at = int((NOW.timestamp() - late) * 1000)
    assert post(client, "databricks", changed("databricks", event_timestamp=at)).status_code == 401


@pytest.mark.parametrize("header", ["webhook-timestamp", "webhook-id", "webhook-signature"])
@pytest.mark.parametrize("value", ["", "é", "9" * 400, "NaN", "v1,", "v1", "v2,AAAA", " "])
def test_no_header_brings_the_receiver_down(client, header, value):
    answer = post(client, "gatehouse", GOOD["gatehouse"], headers={header: value})
    assert answer.status_code == 401


@pytest.mark.parametrize("source", SOURCES)
@pytest.mark.parametrize(
    ("body", "said"),
    [
        pytest.param(b"", "not JSON", id="empty"),
        pytest.param(b'{"a": ', "not JSON", id="truncated JSON"),
        pytest.param(b'\xff\xfe{"a": 1}', "not JSON", id="not UTF-8"),
        pytest.param('{"a": "é"}'.encode("latin-1"), "not JSON", id="Latin-1"),
        pytest.param(b"[" * 200_000, "not JSON", id="nested lists"),
        pytest.param(b'{"a":' * 100_000, "not JSON", id="nested objects"),
        pytest.param(b'{"a": ' + b"9" * 5000 + b"}", "not JSON", id="a number of 5,000 digits"),
        pytest.param(b"[]", "must be a JSON object", id="a list"),
        pytest.param(b'{"a": 1, "b": 2, "a": 3}', "the key 'a' is given twice", id="a key twice"),
        pytest.param(b'{"data": {"x": {"y": 1, "y": 1}}}', "the key 'y' is given twice", id="a key twice, deep"),
        pytest.param(b'{"\\ud800": 1, "\\ud800": 2}', "is given twice", id="half a character twice"),
        pytest.param(b"{}", "", id="nothing in it"),
    ],
)  # fmt: skip
def test_a_signed_body_that_cannot_be_read_is_400_and_says_why(client, ledger, source, body, said):
    answer = post(client, source, body)
    assert answer.status_code == 400
    assert said in answer.json["error"]
    assert stored(ledger) == 0


@pytest.mark.parametrize("source", SOURCES)
@pytest.mark.parametrize(
    "version", ["abc", "1" + "0" * 30, 10**30, "0", "-1", "1.0", "٣", "", True, None, [1], {"v": 1}], ids=repr
)
def test_no_version_but_a_number_is_taken(client, ledger, source, version):
    answer = post(client, source, changed(source, version=version))
    assert answer.status_code == 400
    assert "'version' must be" in answer.json["error"]
    assert stored(ledger) == 0


@pytest.mark.parametrize("database", ON_BOTH, indirect=True)
@pytest.mark.parametrize("source", SOURCES)
@pytest.mark.parametrize(
    ("name", "said"),
    [
        pytest.param("x" * 10_000, "must be text of 1 to 1000", id="10,000 characters"),
        pytest.param("", "must be text of 1 to 1000", id="empty"),
        pytest.param(7, "must be text of 1 to 1000", id="a number"),
        pytest.param("a\0b", "NUL character", id="NUL"),
        pytest.param("a\ud800b", "surrogate", id="half a character"),
    ],
)
def test_a_name_that_cannot_be_one_is_400(client, ledger, source, name, said):
    answer = post(client, source, named(source, name))
    assert answer.status_code == 400
    assert said in answer.json["error"]
    assert stored(ledger) == 0


@pytest.mark.parametrize("database", ON_BOTH, indirect=True)
@pytest.mark.parametrize("source", SOURCES)
@pytest.mark.parametrize(
    "name", ["a/b", "模型 🚕", "..", "<script>", "a'b\"c\\", "x" * 1000, "a\nb", "\u202eevil"], ids=ascii
)
def test_any_other_name_is_kept_as_it_is(client, ledger, source, name):
    assert post(client, source, named(source, name)).status_code == 202
    with reading(ledger) as session:
        assert session.scalar(select(WorkRow.model)) == name


@pytest.mark.parametrize(
    ("source", "fields", "said"),
    [
        ("gatehouse", {"to_stage": "Canary"}, "'to_stage' must be one of None, Staging"),
        ("gatehouse", {"to_stage": None}, "'to_stage' must be one of None, Staging"),
        ("gatehouse", {"actor": "a\0"}, "'actor' has a NUL"),
        ("gatehouse", {"actor": ["ada"]}, "'actor' must be text"),
        ("databricks", {"event": "MODEL_VERSION_TRANSITIONED_STAGE"}, "'to_stage' must be one of"),
        ("databricks", {"event": "MODEL_VERSION_TAG_SET"}, "'tags' must be a list"),
        ("databricks", {"event": "MODEL_VERSION_TAG_SET", "tags": ["x"]}, "each of 'tags' must be"),
        ("databricks", {"event": None}, "there is no 'event'"),
        ("databricks", {"event_timestamp": "soon"}, "milliseconds since 1970"),
        ("databricks", {"event_timestamp": 10**40}, "milliseconds since 1970"),
        ("databricks", {"text": {"a": 1}}, "'text' must be text"),
    ],
    ids=str,
)
def test_a_field_that_makes_no_sense_is_400(client, ledger, source, fields, said):
    answer = post(client, source, changed(source, **fields))
    assert answer.status_code == 400
    assert said in answer.json["error"]
    assert stored(ledger) == 0


@pytest.mark.parametrize("when", ["yesterday", "2026-11-23T12:00:00", "", 5, None], ids=repr)
def test_the_plug_ins_time_must_be_one(client, when):
    told = json.loads(GOOD["gatehouse"]) | {"timestamp": when}
    answer = post(client, "gatehouse", json.dumps(told).encode())
    assert (answer.status_code, "'timestamp'" in answer.json["error"]) == (400, True)


@pytest.mark.parametrize("wrapped", [b"not JSON", b'{"no": "event"}', b"[]", b'{"event":1,"event":2}'])
def test_a_jobs_parameter_is_read_as_strictly(client, wrapped):
    body = json.dumps({"job_id": 1, "notebook_params": {"event_message": wrapped.decode()}}).encode()
    assert post(client, "databricks", body).status_code == 400


def test_a_packed_body_is_415_and_never_unpacked(client, ledger):
    bomb = gzip.compress(bytes(50_000_000))
    answer = post(client, "mlflow", bomb, headers={"Content-Encoding": "gzip"})
    assert (answer.status_code, stored(ledger)) == (415, 0)
    assert "Content-Encoding" in answer.json["error"]


class Endless(io.RawIOBase):
    """A body without end that counts what was taken of it."""

    def __init__(self):
        super().__init__()
        self.taken = 0

    def readable(self):
        return True

    def readinto(self, buffer):
        buffer[:] = b" " * len(buffer)
        self.taken += len(buffer)
        return len(buffer)


@pytest.mark.parametrize(
    ("announced", "read_at_most"),
    [
        pytest.param({"CONTENT_LENGTH": str(100 * 1024 * 1024)}, 0, id="100 MB, announced"),
        pytest.param(
            {"HTTP_TRANSFER_ENCODING": "chunked", "wsgi.input_terminated": True},
            2 * BODY_MAX,
            id="endless, in chunks",
        ),
    ],
)
def test_what_is_too_large_is_413_without_being_read(client, ledger, announced, read_at_most):
    endless = Endless()
    answer = client.post(
        "/webhooks/mlflow",
        content_type="application/json",
        environ_overrides={"wsgi.input": endless} | announced,
    )
    assert (answer.status_code, stored(ledger)) == (413, 0)
    assert endless.taken <= read_at_most


def test_a_body_cut_off_on_its_way_is_400(client, ledger):
    body = GOOD["mlflow"]
    answer = client.post(
        "/webhooks/mlflow",
        headers={"Content-Type": "application/json"} | SIGN["mlflow"](body),
        environ_overrides={"wsgi.input": io.BytesIO(body[:100]), "CONTENT_LENGTH": str(len(body))},
    )
    assert (answer.status_code, stored(ledger)) == (400, 0)


@pytest.mark.parametrize("source", SOURCES)
def test_a_dialect_without_a_secret_is_404_and_names_its_setting(ledger, bell, source):
    others = {name: held for name, held in SECRETS.items() if name != source}
    answer = post(create_app(ledger, bell, secrets=others).test_client(), source, GOOD[source])
    assert answer.status_code == 404
    assert "GATEHOUSE_" in answer.json["error"]


def test_no_such_dialect_is_404_and_names_those_there_are(client):
    answer = client.post("/webhooks/github", json={})
    assert (answer.status_code, "/webhooks/mlflow" in answer.json["error"]) == (404, True)


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(st.characters(), max_size=30),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=20,
)
FIELDS = ["name", "version", "key", "alias", "from_stage", "to_stage", "actor", "tags", "text", "comment"]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(source=st.sampled_from(SOURCES), fields=st.dictionaries(st.sampled_from(FIELDS), JSON, max_size=5))
def test_no_signed_body_is_answered_with_anything_but_202_or_400(client, source, fields):
    told = json.loads(GOOD[source])
    (told if source == "databricks" else told["data"]).update(fields)
    body = json.dumps(told).encode()
    assert post(client, source, body, delivery=str(hash(body))).status_code in {202, 400}
