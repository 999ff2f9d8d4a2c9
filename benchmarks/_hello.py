"""The peer of the receiver: an empty Flask view under the same server."""

from flask import Flask

app = Flask(__name__, static_folder=None)


@app.post("/webhooks/mlflow")
def hello() -> tuple[str, int, dict[str, str]]:
    """Reads nothing, checks nothing, stores nothing; the answer is the receiver's."""
    return '{"status": "accepted"}\n', 202, {"Content-Type": "application/json"}


@app.get("/healthz")
def healthz() -> str:
    """It is up."""
    return "ok"
