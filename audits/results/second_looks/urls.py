from django.urls import path

from audits.results.second_looks import office_views, views

urlpatterns = [
    path("second-looks/", views.second_look_list, name="second_look_list"),
    path("second-looks/ask/", views.second_look_blocks, name="second_look_blocks"),
    path("second-looks/ask/<uuid:block_id>/", views.second_look_criteria, name="second_look_criteria"),
    path("second-looks/ask/<uuid:block_id>/<str:code>/", views.second_look_create, name="second_look_create"),
    path("second-looks/<uuid:second_look_id>/", views.second_look_detail, name="second_look_detail"),
    path("second-looks/<uuid:second_look_id>/withdraw/", views.second_look_withdraw, name="second_look_withdraw"),
    path("second-looks/<uuid:second_look_id>/read/", views.second_look_read, name="second_look_read"),
    path("second-looks/<uuid:second_look_id>/rule/", office_views.second_look_rule, name="second_look_rule"),
    path("second-looks/<uuid:second_look_id>/reopen/", office_views.second_look_reopen, name="second_look_reopen"),
    path(
        "second-looks/<uuid:second_look_id>/files/<uuid:file_id>/",
        views.second_look_file,
        {"size": "full"},
        name="second_look_file",
    ),
    path(
        "second-looks/<uuid:second_look_id>/files/<uuid:file_id>/thumbnail/",
        views.second_look_file,
        {"size": "thumbnail"},
        name="second_look_thumbnail",
    ),
]
