"""The schedule: what `celery -A workers.schedule beat` runs. It knows names and times, and no task's code."""

from celery.signals import before_task_publish

from workers.queue import SWEEP, SWEEP_FULLY, make_queue
from workers.settings import WorkerSettings

settings = WorkerSettings()
app = make_queue(settings.redis_url)
app.conf.beat_schedule = {
    "sweep": {
        "task": SWEEP,
        "schedule": settings.sweep_every_s,
        # A sweep that waited for longer than its period says nothing that the next one does not.
        "options": {"expires": settings.sweep_every_s},
    },
    "sweep fully": {
        "task": SWEEP_FULLY,
        "schedule": settings.sweep_fully_every_s,
        "options": {"expires": settings.sweep_fully_every_s},
    },
}


@before_task_publish.connect
def _note_alive(**_: object) -> None:
    settings.note_alive()
