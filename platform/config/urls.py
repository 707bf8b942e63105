"""All doors of the house."""

from django.urls import include, path

urlpatterns = [
    path("", include("disclosure.urls")),
    path("", include("web.urls")),
    path("", include("reception.urls")),
    path("", include("documents.urls")),
    path("", include("postbox.urls")),
    path("", include("sealing.urls")),
    path("", include("draws.urls")),
    path("", include("credit.urls")),
    path("", include("agencies.urls")),
    path("", include("experts.urls")),
    path("", include("trading.urls")),
    path("", include("supervision.urls")),
    path("", include("config.demo.urls")),
    path("", include("config.demo.bank.urls")),
]

handler400 = "config.errors.bad_request"
handler403 = "config.errors.forbidden"
handler404 = "config.errors.not_found"
handler500 = "config.errors.broken"
