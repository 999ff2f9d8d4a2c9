"""The one table of roles, said a second time; and every address of the console held against it."""

import itertools

import pytest

from console.app import create_app
from console.roles import ALLOWED, MEANING, NAMED, Permission, Role, allowed
from console.signin.caller import STRANGER, VISITOR, Caller, Way
from console.signin.groups import Reviewers
from console.signin.guard import needed, needs, unmarked

# What each role may do, in the order of `Permission`: see review promote replay retry hold tokens sessions.
TABLE = {
    Role.VIEWER: "10000000",
    Role.REVIEWER: "11000000",
    Role.KEYHOLDER: "10100000",
    Role.OPERATOR: "10011100",
    Role.ADMIN: "10011111",
}
CELLS = [
    pytest.param(role, permission, mark == "1", id=f"{role}-{permission}")
    for role, marks in TABLE.items()
    for permission, mark in zip(Permission, marks, strict=True)
]
EVERY_SET = [frozenset(some) for size in range(len(Role) + 1) for some in itertools.combinations(Role, size)]


def test_the_table_knows_every_role_and_says_what_each_permission_means():
    assert set(ALLOWED) == set(TABLE) == set(Role)
    assert set(MEANING) == set(Permission)


@pytest.mark.parametrize(("role", "permission", "may"), CELLS)
def test_each_role_may_do_what_the_table_says(role, permission, may):
    assert Caller("ann", Way.LINK, frozenset({role})).may(permission) is may


@pytest.mark.parametrize("roles", EVERY_SET, ids=lambda roles: "+".join(sorted(roles)) or "none")
def test_several_roles_may_do_what_one_of_them_may(roles):
    for permission in Permission:
        assert (permission in allowed(roles)) is any(permission in ALLOWED[role] for role in roles)


@pytest.mark.parametrize("roles", EVERY_SET, ids=lambda roles: "+".join(sorted(roles)) or "none")
def test_a_token_may_do_what_its_scope_and_its_roles_both_allow(roles):
    for scope, permission in itertools.product(Permission, repeat=2):
        token = Caller("ci", Way.TOKEN, roles, scopes=frozenset({scope}))
        assert token.may(permission) is (permission is scope and permission in allowed(roles))


@pytest.mark.parametrize("permission", Permission)
def test_whoever_is_not_signed_in_may_read_at_most(permission):
    assert VISITOR.may(permission) is (permission is Permission.SEE)
    assert not STRANGER.may(permission)


def test_every_view_that_changes_something_says_who_may(engine):
    app = create_app(engine)
    app.add_url_rule("/forgotten", "forgotten", lambda: "", methods=["POST"])
    assert unmarked(app) == ["forgotten"]


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("permission", Permission)
def test_a_view_lets_in_whom_the_table_lets_in(engine, story, sign_in, role, permission):
    app = create_app(engine, clock=lambda: story.NOW)
    asked = frozenset({"pricing"})
    members = {"pricing": frozenset({"grace"} if role is Role.REVIEWER else ())}
    breaking = frozenset({"Grace"} if role is Role.KEYHOLDER else ())
    app.config["REVIEWERS"] = lambda: Reviewers(members, asked, breaking=breaking)
    app.add_url_rule("/guarded", "guarded", needs(permission)(lambda: "in"), methods=["POST"])
    client = app.test_client()
    sign_in(client, "grace", Role.VIEWER if role in NAMED else role)
    answer = client.post("/guarded", data={"csrf_token": story.form_token(client)})
    expected = 200 if TABLE[role][list(Permission).index(permission)] == "1" else 403
    assert answer.status_code == expected
    if expected == 403:
        assert MEANING[permission] in answer.get_data(as_text=True)


def test_every_address_asks_for_a_permission_but_those_that_everybody_needs(engine):
    app = create_app(engine)
    open_ones = {rule.endpoint for rule in app.url_map.iter_rules() if needed(app, rule.endpoint) is None}
    assert open_ones == {
        "static",
        "pages.healthz",
        "signin.page",
        "signin.by_link",
        "signin.by_provider",
        "signin.vouched",
    }
