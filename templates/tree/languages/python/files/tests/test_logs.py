import json
import logging
import sys
from uuid import UUID

from config.logs import JSONFormatter


def test_a_line_holds_what_the_caller_adds() -> None:
    values = {"levelname": "INFO", "msg": "%s of it", "args": ("all",), "user_id": UUID(int=1)}
    line = json.loads(JSONFormatter().format(logging.makeLogRecord(values)))
    assert line.pop("time").endswith("+00:00")
    assert line == {"level": "INFO", "msg": "all of it", "user_id": "00000000-0000-0000-0000-000000000001"}


def test_a_line_holds_the_cause() -> None:
    try:
        raise ValueError("\ud800\n")
    except ValueError:
        record = logging.makeLogRecord({"exc_info": sys.exc_info()})
    text = JSONFormatter().format(record)
    assert "\n" not in text
    assert "ValueError" in json.loads(text)["exc_info"]
