"""As many workers and threads as the service has."""

import os

size = int(os.environ["DATABASE_POOL_SIZE"])
wsgi_app = "bare.wsgi"
bind = f"127.0.0.1:{os.environ['PORT']}"
preload_app = True
workers = min(os.cpu_count() or 1, 4, size)
worker_class = "gthread"
threads = max(1, size // workers)
keepalive = 75
control_socket_disable = True
