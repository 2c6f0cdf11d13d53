from django.conf import settings
from django.contrib.auth import views as auth_views
from django.urls import include, path

from vnpt_smile import home, offline, views

urlpatterns = [
    path("", home.home, name="home"),
    path("login/", views.Login.as_view(), name="login"),
    path("logout/", auth_views.LogoutView.as_view(), name="logout"),
    path("language/", views.language_set, name="language_set"),
    path("components/", home.components, name="components"),
    path("healthz", views.healthz, name="healthz"),
    path("readyz", views.readyz, name="readyz"),
    path("sw.js", offline.service_worker, name="service_worker"),
    path("offline/", offline.offline, name="offline"),
    path("", include("outlets.urls")),
    path("", include("audits.urls")),
]
if settings.ADMIN:
    # Here, not at the top: without the switch Django's admin is not installed, and its models cannot be imported.
    from outlets.admin import site

    urlpatterns.append(path("admin/", site.urls))

handler400 = "vnpt_smile.views.bad_request"
handler403 = "vnpt_smile.views.forbidden"
handler404 = "vnpt_smile.views.not_found"
handler500 = "vnpt_smile.views.server_error"
