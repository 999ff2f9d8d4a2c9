"""A Slack on this machine, which the real SDK speaks to: its API, its response URLs, and people who click."""

import json
import threading

from werkzeug.serving import make_server
from werkzeug.wrappers import Request, Response

from tests.notifications.fake_slack.methods import METHODS, Refused
from tests.notifications.fake_slack.workspace import NEEDED, TOKEN, Workspace


class FakeSlack:
    """`space` is the workspace; `url` what GATEHOUSE_SLACK_API_URL is set to."""

    def __init__(self):
        self.space = Workspace()
        self._server = make_server("127.0.0.1", 0, self._app, threaded=True)
        self.root = f"http://127.0.0.1:{self._server.server_port}"
        self.url = self.space.url = f"{self.root}/api/"
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})
        self._thread.start()

    def close(self):
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def _app(self, environ, start_response):
        request = Request(environ)
        with self.space.lock:
            answer = self._answer(request)
        return answer(environ, start_response)

    def _answer(self, request):
        area, _, name = request.path.lstrip("/").partition("/")
        if area == "respond":
            return self._response(request, name)
        if name.startswith("upload/"):
            return self._upload(request, name.removeprefix("upload/"))
        words = _words(request)
        self.space.calls.append((name, words))
        if mood := self._mood(name):
            return mood
        if request.headers.get("Authorization") != f"Bearer {TOKEN}":
            return _json({"ok": False, "error": "invalid_auth"})
        needed = NEEDED.get(name)
        if needed and needed not in self.space.scopes:
            provided = ",".join(sorted(self.space.scopes))
            return _json({"ok": False, "error": "missing_scope", "needed": needed, "provided": provided})
        try:
            said = {"ok": True} | METHODS[name](self.space, words)
        except Refused as refused:
            said = refused.answer
        except KeyError:
            said = {"ok": False, "error": "unknown_method"}
        answer = _json(said)
        answer.headers["x-oauth-scopes"] = ",".join(sorted(self.space.scopes))
        after = self.space.always.get(f"after {name}")
        return after() if after else answer

    def _mood(self, name):
        waiting = next((each for each in self.space.moods if each[0] in {name, "*"}), None)
        if waiting:
            self.space.moods.remove(waiting)
        kind = waiting[1] if waiting else self.space.always.get("*")
        return {
            None: lambda: None,
            "down": lambda: Response("<html>upstream</html>", 503),
            "busy": lambda: _json({"ok": False, "error": "ratelimited"}, 429, {"Retry-After": "30"}),
            "odd": lambda: Response("<html>Sign in</html>", 200, content_type="text/html"),
            "internal_error": lambda: _json({"ok": False, "error": "internal_error"}),
        }[kind]()

    def _upload(self, request, file):
        held = self.space.files[file]
        held["content"] = request.get_data()
        return Response("OK", 200 if len(held["content"]) == held["length"] else 400)

    def _response(self, request, name):
        left = self.space.responses.get(name, 0)
        if left <= 0:
            return _json({"ok": False, "error": "expired_url"}, 404)
        self.space.responses[name] = left - 1
        self.space.ephemeral.append((name, "response_url", request.get_json()["text"]))
        return Response("ok")


def _words(request):
    if request.is_json:
        return request.get_json(silent=True) or {}
    return {key: _plain(value) for key, value in {**request.args, **request.form}.items()}


def _plain(value):
    try:
        return json.loads(value) if value[:1] in "[{" else value
    except ValueError:
        return value


def _json(said, status=200, headers=None):
    return Response(json.dumps(said), status, headers, content_type="application/json; charset=utf-8")
