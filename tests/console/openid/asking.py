"""Goes to the provider and back, as a browser does."""

import requests

from ledger import sessions
from ledger.engine import reading


def to_provider(client):
    """Where the console sends the browser."""
    answer = client.get("/signin/oidc")
    assert answer.status_code == 302, answer.get_data(as_text=True)
    return answer.headers["Location"]


def back(client):
    """The way there and back; the address with the code, as the provider gives it."""
    answer = requests.get(to_provider(client), allow_redirects=False, timeout=10)
    assert answer.status_code == 302, answer.text
    return answer.headers["Location"].removeprefix("http://127.0.0.1:5080")


def enter(client):
    return client.get(back(client))


def seen(engine, clock):
    """The one session there is."""
    with reading(engine) as session:
        [found] = sessions.all_open(session, clock.now)
    return found


def refused(answer, sentence):
    assert answer.status_code == 403
    assert sentence in answer.get_data(as_text=True)
    assert "gatehouse=" not in str(answer.headers.getlist("Set-Cookie"))
