from django.urls import path
from django.views.generic import TemplateView

urlpatterns = [
    path("visits/", TemplateView.as_view(template_name="home.html"), name="visit_list"),
]
