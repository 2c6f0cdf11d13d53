"""Configuration of the servers that the tests start: each worker says in the log when it can serve."""

from tests.faults import failpoints

WORKER_READY = "Worker is ready"


def post_worker_init(worker):
    failpoints.install()
    worker.log.info(WORKER_READY)
