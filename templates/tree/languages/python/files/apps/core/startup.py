"""What is done before the service starts."""

import logging
import sys
import time

from apps.core import store

logger = logging.getLogger(__name__)


def wait_for_database(seconds: float = 30) -> None:
    """Gives the database time to come up."""
    deadline = time.monotonic() + seconds
    warned = False
    while True:
        try:
            store.ping()
            return
        except store.UNAVAILABLE as error:
            if time.monotonic() > deadline:
                sys.exit(f"error: the database of DATABASE_URL did not answer for {seconds:.0f} seconds: {error}".rstrip())
            if not warned:
                logger.warning("waiting for the database", extra={"error": str(error)})
                warned = True
            time.sleep(0.5)
        finally:
            store.disconnect()  # a connection must not be shared with the workers
