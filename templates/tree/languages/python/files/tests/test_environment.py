import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

from config import environment


def run(command: str, **environment: str) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, "manage.py", *command.split()],
        cwd=settings.BASE_DIR,
        env=os.environ | {"DJANGO_SETTINGS_MODULE": "config.settings"} | environment,
        capture_output=True,
        text=True,
    )


def test_production_settings_are_clean() -> None:
    checked = run("check --deploy --fail-level WARNING", APP_ENV="production")
    assert checked.returncode == 0, checked.stderr


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("JWT_SECRET", ""),
        ("JWT_SECRET", "too-short"),
        ("PORT", "http"),
        ("DATABASE_URL", "gopher://user:too-short@host/name"),
        ("CORS_ORIGINS", "*"),
        ("LOG_LEVEL", "loud"),
    ],
)
def test_a_faulty_value_is_named_in_one_line(name: str, value: str) -> None:
    started = run("check", **{name: value})
    assert started.returncode == 1
    assert started.stderr.startswith(f"error: {name}: ")
    assert started.stderr.count("\n") == 1
    assert "too-short" not in started.stderr


def test_a_file_of_variables(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    assert environment.read_file(file) == {}
    file.write_text("""A='$x ${x} #"é'\nB=plain # comment\nC=\n""", encoding="utf-8")
    assert environment.read_file(file) == {"A": '$x ${x} #"é', "B": "plain"}
    for fault in (b"A='open", b"A=\xff"):
        file.write_bytes(fault)
        with pytest.raises(SystemExit, match="env"):
            environment.read_file(file)
