import threading

from django.contrib.auth import hashers

# A hash takes 19 MiB and a processor: each worker computes one at a time.
running = threading.Lock()


class Argon2PasswordHasher(hashers.Argon2PasswordHasher):
    """Argon2id with the parameters that OWASP recommends, and a bound on how many run at once."""

    time_cost = 2
    memory_cost = 19_456
    parallelism = 1

    def encode(self, password: str, salt: str) -> str:
        with running:
            return super().encode(password, salt)

    def verify(self, password: str, encoded: str) -> bool:
        with running:
            return super().verify(password, encoded)
