from django.urls import include, path

app_name = "outlets"
urlpatterns = [
    path("", include("outlets.organisation.urls")),
    path("", include("outlets.people.urls")),
]
