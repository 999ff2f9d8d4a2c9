"""How gunicorn serves the console: `gunicorn --config python:console.server console.wsgi:app`."""

threads = 200
"""An open page waits in a thread of its own, which costs next to nothing while nothing happens."""
limit_request_line = 8190
"""A model may have a name of 256 signs, and each may take twenty in an address."""
control_socket_disable = True
"""It would lie outside our folders, and be the same for every server on this machine."""
