"""How long whom the provider vouched for stays: renewed, removed, or the provider away."""

from datetime import timedelta

from console.roles import Role
from ledger import signins
from ledger.engine import reading
from tests.console.openid.asking import enter, seen


def test_a_removed_person_is_out_within_minutes_and_before_any_act(client, story, clock, provider):
    enter(client)
    token = story.form_token(client)
    provider.person = {}
    assert client.get("/").status_code == 200
    clock.now += timedelta(seconds=10)
    assert client.get("/").status_code == 200
    assert client.post("/signout/everywhere", data={"csrf_token": token}).status_code == 401
    assert client.get("/").status_code == 303


def test_a_page_asks_the_provider_again_after_some_minutes(client, engine, clock, provider):
    enter(client)
    provider.asked.clear()
    client.get("/")
    assert provider.asked == []
    provider.person["groups"] = ["platform"]
    clock.now += timedelta(minutes=5)
    client.get("/")
    assert provider.asked == ["/userinfo"]
    assert seen(engine, clock).roles == {Role.VIEWER, Role.ADMIN}
    provider.person = {}
    clock.now += timedelta(minutes=5)
    assert client.get("/").status_code == 303
    with reading(engine) as session:
        assert signins.latest(session, limit=1)[0].what == "ended"


def test_a_token_that_ran_out_is_renewed_and_the_new_one_kept(client, engine, clock, provider):
    provider.lasts = 1
    enter(client)
    before = seen(engine, clock).vouched
    for _ in range(2):
        clock.now += timedelta(minutes=5)
        provider.asked.clear()
        assert client.get("/").status_code == 200
        assert provider.asked == ["/token", "/userinfo"]
    assert seen(engine, clock).vouched != before


def test_the_token_of_the_provider_is_kept_sealed(client, engine, clock, provider, tmp_path):
    enter(client)
    [token] = provider.tokens
    engine.dispose()
    kept = b"".join(file.read_bytes() for file in tmp_path.glob("ledger.db*"))
    assert b"grace@example.org" in kept
    for secret in (token.access_token, token.refresh_token, client.get_cookie("gatehouse").value):
        assert secret.encode() not in kept


def test_while_the_provider_is_away_who_was_vouched_for_stays_for_an_hour(client, clock, provider):
    enter(client)
    provider.down = True
    clock.now += timedelta(minutes=30)
    assert client.get("/").status_code == 200
    clock.now += timedelta(minutes=31)
    answer = client.get("/")
    assert answer.status_code == 503
    assert client.get("/signin").status_code == 200
    provider.down = False
    clock.now += timedelta(minutes=5)
    assert client.get("/").status_code == 200


def test_a_person_who_is_called_otherwise_now_signs_in_anew(client, clock, provider):
    enter(client)
    provider.person["email"] = "mallory@example.org"
    clock.now += timedelta(minutes=5)
    assert client.get("/").status_code == 303
