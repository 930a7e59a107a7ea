import os
import threading

from django.contrib.auth import hashers

# Hashes take 19 MiB and a processor each; the workers share the processors.
running = threading.Semaphore(max(1, (os.cpu_count() or 1) // 2))


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
