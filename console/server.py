"""How gunicorn serves the console: `gunicorn --config python:console.server console.wsgi:app`."""

threads = 8
control_socket_disable = True
"""It would lie outside our folders, and be the same for every server on this machine."""
