from django.urls import path

from outlets.people import views

urlpatterns = [
    path("accounts/", views.account_list, name="account_list"),
    path("accounts/new/", views.account_create, name="account_create"),
    path("accounts/<uuid:public_id>/", views.account_detail, name="account_detail"),
    path("accounts/<uuid:public_id>/disable/", views.account_disable, name="account_disable"),
    path("accounts/<uuid:public_id>/enable/", views.account_enable, name="account_enable"),
    path("accounts/<uuid:public_id>/link/", views.account_link, name="account_link"),
    path("accounts/<uuid:public_id>/roles/new/", views.membership_grant, name="membership_grant"),
    path("memberships/<uuid:public_id>/end/", views.membership_end, name="membership_end"),
    path("tokens/", views.token_list, name="token_list"),
    path("tokens/<uuid:public_id>/revoke/", views.token_revoke, name="token_revoke"),
    path("password/", views.password_change, name="password_change"),
    path("password/set/<uuid:uidb64>/<str:token>/", views.PasswordSet.as_view(), name="password_set"),
]
