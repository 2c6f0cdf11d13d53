from django.urls import path
from django.views.generic import TemplateView

urlpatterns = [
    path("received/", TemplateView.as_view(template_name="home.html"), name="received_list"),
]
