from django.urls import include, path

app_name = "outlets"
urlpatterns = [
    path("", include("outlets.people.unit_urls")),
    path("", include("outlets.people.staff_urls")),
    path("", include("outlets.people.urls")),
]
