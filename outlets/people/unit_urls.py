from django.urls import path

from outlets.people import outlet_views, unit_views

urlpatterns = [
    path("units/", unit_views.unit_list, name="unit_list"),
    path("units/new/", unit_views.unit_create, name="unit_create"),
    path("units/<uuid:public_id>/", unit_views.unit_detail, name="unit_detail"),
    path("units/<uuid:public_id>/outlets/", outlet_views.unit_outlets, name="unit_outlets"),
    path("units/<uuid:public_id>/rename/", unit_views.unit_rename, name="unit_rename"),
    path("units/<uuid:public_id>/move/", unit_views.unit_move, name="unit_move"),
    path("units/<uuid:public_id>/merge/", unit_views.unit_merge, name="unit_merge"),
    path("units/<uuid:public_id>/split/", unit_views.unit_split, name="unit_split"),
    path("units/<uuid:public_id>/close/", unit_views.unit_close, name="unit_close"),
    path("outlets/", outlet_views.outlet_list, name="outlet_list"),
    path("outlets/new/", outlet_views.outlet_create, name="outlet_create"),
    path("outlets/<uuid:public_id>/edit/", outlet_views.outlet_edit, name="outlet_edit"),
]
