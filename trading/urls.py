from django.urls import include, path

app_name = "trading"

urlpatterns = [
    path("", include("trading.catalogue.urls")),
    path("", include("trading.projects.urls")),
    path("", include("trading.standards.urls")),
    path("", include("trading.holders.urls")),
    path("", include("trading.venues.urls")),
    path("", include("trading.tenders.urls")),
    path("", include("trading.outages.urls")),
    path("", include("trading.bidding.urls")),
    path("", include("trading.conduct.urls")),
    path("", include("trading.frameworks.urls")),
    path("", include("trading.deposits.urls")),
    path("", include("trading.opening.urls")),
    path("", include("trading.remote.urls")),
    path("", include("trading.evaluation.urls")),
    path("", include("trading.awards.urls")),
    path("", include("trading.refunds.urls")),
    path("", include("trading.witness.urls")),
    path("", include("trading.performance.urls")),
    path("", include("trading.archive.urls")),
]
