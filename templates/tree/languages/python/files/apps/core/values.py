"""Values that the service draws itself."""

import secrets
import time
from datetime import UTC, datetime
from uuid import UUID


def uuid7() -> UUID:
    """Draws an id that sorts by the time at which it was drawn (RFC 9562)."""
    milliseconds = time.time_ns() // 1_000_000
    return UUID(int=milliseconds << 80 | 0x7 << 76 | secrets.randbits(12) << 64 | 0b10 << 62 | secrets.randbits(62))


def milliseconds(moment: datetime) -> datetime:
    """Cuts a moment to what every database keeps."""
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


def now() -> datetime:
    return milliseconds(datetime.now(UTC))
