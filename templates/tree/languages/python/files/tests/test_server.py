import io
import socket
import threading
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor

import pytest
from gunicorn.http.errors import NoMoreData

from config.server import Unreader, Workers
from tests.conftest import Caller


def test_a_request_that_trickles_in_ends() -> None:
    server, client = socket.socketpair()
    with server, client:
        unreader = Unreader(server)
        unreader.seconds = 0.2
        client.sendall(b"ab")
        assert unreader.read(1) == b"a"
        with pytest.raises(NoMoreData):
            unreader.read(100)
        client.sendall(b"c")
        with pytest.raises(NoMoreData):
            unreader.read(100)


def test_a_silent_database_does_not_stop_everything() -> None:
    silence = threading.Event()

    def application(environ: dict, start_response: object) -> Iterable[bytes]:
        if environ["PATH_INFO"] == "/slow" and not environ.get("app.busy"):
            silence.wait()
            return [b"late"]
        return [b"busy" if environ.get("app.busy") else b"at once"]

    workers = Workers(application, threads=1)
    workers.patience = 0.1

    def get(path: str) -> list[bytes]:
        return list(workers({"PATH_INFO": path, "wsgi.input": io.BytesIO()}, None))

    with ThreadPoolExecutor() as clients:
        first = clients.submit(get, "/slow")
        try:
            assert clients.submit(get, "/slow").result() == [b"busy"]
            assert get("/healthz") == [b"at once"]
        finally:
            silence.set()
        assert first.result() == [b"late"]


def test_a_busy_service_says_so(service: Caller) -> None:
    answer = service.client.get("/readyz", **{"app.busy": True})
    assert answer.status_code == 503
    assert answer["Content-Type"] == "application/problem+json"
