from django.urls import path

from audits.results import closing_views, views

urlpatterns = [
    path("results/", views.scorecard_list, name="scorecard_list"),
    path("results/<uuid:unit_id>/", views.scorecard_detail, name="scorecard_detail"),
    path("results/<uuid:unit_id>/scorecard.csv", views.scorecard_export, name="scorecard_export"),
    path("months/", closing_views.period_list, name="period_list"),
    path("months/close/", closing_views.month_close, name="month_close"),
]
