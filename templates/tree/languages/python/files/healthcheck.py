"""Asks the service in the same container how it is."""

import os
import urllib.request

urllib.request.urlopen(f"http://127.0.0.1:{os.environ.get('PORT') or 8080}/healthz", timeout=3).close()
