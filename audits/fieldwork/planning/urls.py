from django.urls import path
from django.views.generic import TemplateView

urlpatterns = [
    path("plan/waves/", TemplateView.as_view(template_name="home.html"), name="wave_list"),
    path("plan/scenarios/", TemplateView.as_view(template_name="home.html"), name="scenario_list"),
    path("plan/shoppers/", TemplateView.as_view(template_name="home.html"), name="shopper_list"),
]
