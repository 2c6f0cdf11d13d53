from django.urls import path

from outlets.people import staff_views

urlpatterns = [
    path("staff/", staff_views.staff_list, name="staff_list"),
    path("staff/new/", staff_views.staff_create, name="staff_create"),
    path("staff/<uuid:public_id>/", staff_views.staff_detail, name="staff_detail"),
    path("staff/<uuid:public_id>/edit/", staff_views.staff_edit, name="staff_edit"),
    path("staff/<uuid:public_id>/move/", staff_views.staff_move, name="staff_move"),
    path("staff/<uuid:public_id>/leave/", staff_views.staff_leave, name="staff_leave"),
]
