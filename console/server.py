"""How gunicorn serves the console: `gunicorn --config python:console.server console.wsgi:app`."""

threads = 200
"""An open page waits in a thread of its own, which costs next to nothing while nothing happens."""
control_socket_disable = True
"""It would lie outside our folders, and be the same for every server on this machine."""
