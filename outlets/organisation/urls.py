from django.urls import path
from django.views.generic import TemplateView

urlpatterns = [
    path("units/", TemplateView.as_view(template_name="home.html"), name="unit_list"),
    path("outlets/", TemplateView.as_view(template_name="home.html"), name="outlet_list"),
    path("staff/", TemplateView.as_view(template_name="home.html"), name="staff_list"),
]
