"""What the models raise, whatever database is behind them."""


class NotFound(Exception):
    """There is no such record, or it belongs to somebody else."""


class NoAccount(Exception):
    """The owner of a new record does not exist any more."""


class Conflict(Exception):
    """A unique value is taken."""

    def __init__(self, field: str) -> None:
        super().__init__(field)
        self.field = field
