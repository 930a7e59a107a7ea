"""The tests' own database, which pytest-django makes beside that of DATABASE_URL and drops in the end."""

import pytest


@pytest.fixture(autouse=True)
def database(transactional_db: None) -> None:
    """Empties the database after each test."""
