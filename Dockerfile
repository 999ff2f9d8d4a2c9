# One stage per image: receiver and console are small, without MLflow, pandas or TensorFlow; the worker has them all,
# and is also what the MLflow server, the schedule and the trainer run. Nobody runs as root.
FROM python:3.11-slim-bookworm AS ground
WORKDIR /app
ENV PYTHONPATH=/app PYTHONUNBUFFERED=1 PIP_NO_CACHE_DIR=1
RUN useradd --system --uid 10001 --home-dir /app gatehouse
COPY docker/entrypoint.sh /entrypoint
ENTRYPOINT ["/entrypoint"]

FROM ground AS receiver
COPY requirements-receiver.lock .
RUN pip install --require-hashes -r requirements-receiver.lock
COPY registry registry
COPY policies policies
COPY ledger ledger
COPY notifications notifications
COPY workers workers
COPY webhooks webhooks
RUN python -m compileall -q /app
USER 10001
EXPOSE 8000
# Patient, since whoever waits for it gives up at the first "unhealthy" of a busy machine.
HEALTHCHECK --interval=5s --timeout=10s --start-period=30s --retries=12 \
    CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:8000/healthz', timeout=5)"]
CMD ["gunicorn", "--config", "python:webhooks.server", "webhooks.wsgi:app", "--bind", "0.0.0.0:8000", "--workers", "2"]

FROM ground AS console
COPY requirements-console.lock .
RUN pip install --require-hashes -r requirements-console.lock
COPY registry registry
COPY policies policies
COPY ledger ledger
COPY notifications notifications
COPY validation validation
COPY workers workers
COPY webhooks webhooks
COPY console console
RUN python -m compileall -q /app
USER 10001
EXPOSE 8000
HEALTHCHECK --interval=5s --timeout=10s --start-period=30s --retries=12 \
    CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:8000/healthz', timeout=5)"]
CMD ["gunicorn", "--config", "python:console.server", "console.wsgi:app", "--bind", "0.0.0.0:8000", "--workers", "1"]

FROM ground AS worker
COPY requirements-worker.lock .
RUN pip install --require-hashes -r requirements-worker.lock
COPY pyproject.toml README.md LICENSE ./
COPY registry registry
COPY policies policies
COPY ledger ledger
COPY notifications notifications
COPY validation validation
COPY workers workers
COPY webhooks webhooks
COPY training training
COPY gatehouse gatehouse
COPY console console
# Installed in place, for the command and for MLflow's entry point.
RUN pip install --no-deps --no-build-isolation -e . && python -m compileall -q /app
USER 10001
CMD ["celery", "-A", "workers.app", "worker", "--queues", "looks", "--concurrency", "2", \
     "--without-gossip", "--without-mingle", "--loglevel", "INFO"]
