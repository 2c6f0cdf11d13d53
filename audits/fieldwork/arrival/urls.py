from django.urls import path

from audits.fieldwork.arrival import views

urlpatterns = [
    path("visits/<uuid:visit_id>/proof/", views.visit_proof, name="visit_proof"),
    path("visits/<uuid:visit_id>/place/", views.visit_place, name="visit_place"),
]
