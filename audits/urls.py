from django.urls import include, path

app_name = "audits"
urlpatterns = [
    path("", include("audits.checklists.urls")),
    path("", include("audits.fieldwork.planning.urls")),
    path("", include("audits.fieldwork.visits.urls")),
    path("", include("audits.fieldwork.arrival.urls")),
    path("", include("audits.fieldwork.preview.urls")),
    path("sync/", include("audits.fieldwork.sync.urls")),
    path("", include("audits.review.urls")),
    path("", include("audits.results.urls")),
]
