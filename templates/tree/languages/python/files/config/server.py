"""What gunicorn does not do by itself: end a request that arrives too slowly, and keep answering when the database does not."""

import io
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from gunicorn.http.errors import NoMoreData
from gunicorn.http.unreader import SocketUnreader
from gunicorn.workers import gthread

from apps.core.body import MAX_BODY

Application = Callable[[dict[str, Any], Any], Iterable[bytes]]


class Unreader(SocketUnreader):
    """Reads the requests of a connection. Each must arrive as a whole within some seconds."""

    seconds: float = 10
    deadline: float | None = None

    def chunk(self, size_hint: int | None = None) -> bytes:
        if self.deadline is None:
            self.deadline = time.monotonic() + self.seconds
        try:
            self.sock.settimeout(max(self.deadline - time.monotonic(), 0.001))
            return super().chunk(size_hint)
        except TimeoutError:
            raise NoMoreData from None
        finally:
            self.sock.settimeout(None)


class Connection(gthread.TConn):
    def close(self, graceful: bool = False) -> None:
        """Closes at once. gunicorn would wait for the client to close first, and let all other clients wait too."""
        super().close()


class Workers:
    """Runs the application in a few threads, each of which holds a connection to the database at most.

    gunicorn's own threads, of which there are more, talk to the clients: slow ones keep no connection from others.
    """

    patience: float = 1  # seconds; together with the limit on a statement's time, less than five

    def __init__(self, application: Application, threads: int) -> None:
        self.application = application
        self.threads = ThreadPoolExecutor(threads)

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        if environ["PATH_INFO"] != "/healthz":  # which needs no database
            environ["wsgi.input"] = io.BytesIO(environ["wsgi.input"].read(MAX_BODY + 1))
            work = self.threads.submit(self.application, environ, start_response)
            try:
                return work.result(self.patience)
            except TimeoutError:
                if not work.cancel():  # it has begun
                    return work.result()
            environ["app.busy"] = True
        return self.application(environ, start_response)
