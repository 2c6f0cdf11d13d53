from django.urls import path
from django.views.generic import TemplateView

urlpatterns = [
    path("accounts/", TemplateView.as_view(template_name="home.html"), name="account_list"),
    path("password/", TemplateView.as_view(template_name="home.html"), name="password_change"),
]
