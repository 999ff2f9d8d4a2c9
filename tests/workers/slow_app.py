"""Our queue with a look that takes its time and leaves a line: `celery -A tests.workers.slow_app worker`."""

import os
import time
from pathlib import Path

from workers.queue import LOOK, make_queue

LOOK_S = 1.5
app = make_queue(os.environ["GATEHOUSE_REDIS_URL"])


@app.task(name=LOOK)
def look():
    with Path(os.environ["LOOKS"]).open("a") as file:
        file.write("begun\n")
    time.sleep(LOOK_S)
    with Path(os.environ["LOOKS"]).open("a") as file:
        file.write("done\n")
