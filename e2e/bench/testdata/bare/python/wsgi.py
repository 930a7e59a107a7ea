import os

os.environ["DJANGO_SETTINGS_MODULE"] = "bare.settings"

from django.core.wsgi import get_wsgi_application  # noqa: E402

application = get_wsgi_application()

from apps.core import store  # noqa: E402

store.disconnect()  # the workers are forked from here
