"""How gunicorn serves the receiver: `gunicorn --config python:webhooks.server webhooks.wsgi:app`.

Greenlets, since a delivery mostly waits for the commit that it shares with others: threads spend more CPU on
waking each other than on the work.
"""

worker_class = "gevent"
control_socket_disable = True
"""It would lie outside our folders, and be the same for every server on this machine."""
