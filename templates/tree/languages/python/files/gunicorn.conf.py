"""How gunicorn serves. It reads this file by itself."""

import contextlib
import importlib
import logging
import os
import shutil
import signal
import socket
import struct
import sys
import tempfile
from pathlib import Path

from gunicorn.http import parser
from gunicorn.workers import gthread

from config import environment

env = environment.load()

wsgi_app = "config.wsgi"
dualstack = socket.has_dualstack_ipv6()
bind = f"{'[::]' if dualstack else '0.0.0.0'}:{env.PORT}"
preload_app = True  # one copy of the code for all workers
workers = min(max(2, os.cpu_count() or 1), 4, env.DATABASE_POOL_SIZE)
worker_class = "gthread"
threads = 32  # that talk to clients; those that talk to the database are fewer: see post_worker_init
keepalive = 75
graceful_timeout = 10
gthread.DEFAULT_WORKER_DATA_TIMEOUT = 1  # seconds that a client which connects and says nothing holds a thread
WRITE_TIMEOUT = 15  # seconds to wait for a client to take more of an answer
control_socket_disable = True  # it would need a writable home

# What the workers share, in memory where the system has a place for that.
shared = Path(tempfile.mkdtemp(prefix="backend-", dir="/dev/shm" if os.access("/dev/shm", os.W_OK) else None))
worker_tmp_dir = str(shared)
os.environ["SHARED_DIR"] = str(shared)


def on_starting(server) -> None:
    from apps.core import startup

    try:
        family = socket.AF_INET6 if dualstack else socket.AF_INET
        socket.create_server(("", env.PORT), family=family, dualstack_ipv6=dualstack).close()
    except OSError as error:
        sys.exit(f"error: PORT: {env.PORT} cannot be listened on: {error.strerror}")
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: sys.exit())  # until gunicorn sets its own
    startup.wait_for_database()
    importlib.import_module("config.urls")  # which Django would do in each worker, at the first request


def when_ready(server) -> None:
    # gunicorn ends at once on SIGINT, and on a second signal; here both do the same as a first SIGTERM.
    signal.signal(signal.SIGINT, lambda *_: server.signal(signal.SIGTERM, None))
    for listener in server.LISTENERS:  # connections take it over
        listener.sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, struct.pack("ll", WRITE_TIMEOUT, 0))
    logging.getLogger("gunicorn").info("listening", extra={"port": env.PORT})


def post_worker_init(worker) -> None:
    from config import server

    gthread.TConn = server.Connection
    parser.SocketUnreader = server.Unreader
    worker.wsgi = server.Workers(worker.wsgi, max(1, env.DATABASE_POOL_SIZE // workers))

    def stop(number, frame) -> None:
        for connection in worker.pending_conns:
            connection.timeout = 0  # a client that has said nothing is not waited for
        worker.handle_exit(number, frame)

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop)


def post_request(worker, request, environ, response) -> None:
    # Of a body that nobody has read gunicorn takes 64 KiB, and closes the connection although it has promised to keep it.
    with contextlib.suppress(OSError):
        for _ in range(256):
            if not request.body.read(32 * 1024):
                request.unreader.deadline = None  # the next request has its own
                break


def child_exit(server, worker) -> None:
    from prometheus_client import multiprocess

    multiprocess.mark_process_dead(worker.pid)


def on_exit(server) -> None:
    shutil.rmtree(shared, ignore_errors=True)
