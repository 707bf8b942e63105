"""The yardstick of pages: a Django with one view, no middleware and no database."""

import os
from pathlib import Path

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.http import HttpResponse
from django.urls import path

BODY = Path(os.environ["BARE_BODY"]).read_bytes()

settings.configure(ROOT_URLCONF=__name__, ALLOWED_HOSTS=["*"], MIDDLEWARE=[])
urlpatterns = [path("<path:anything>", lambda request, anything: HttpResponse(BODY, headers={"Content-Length": str(len(BODY))}))]
application = get_wsgi_application()
