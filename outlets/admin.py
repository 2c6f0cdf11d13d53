"""Django's admin, mounted only with ADMIN=1: reference data for the system administrator, and the tree to look at.

Who may come in is decided by `permissions`, as everywhere; Django's own groups and permissions are not used.
"""

from typing import Any

from django.contrib import admin
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext_lazy as _

from outlets.organisation.models import Province, Unit, UnitName, UnitParent, UnitType
from outlets.people.models import JobRole
from outlets.people.permissions import Right, access_of


class ReferenceSite(admin.AdminSite):
    """For a system administrator whose account is also marked `is_staff`."""

    site_header = site_title = _("VNPT Smile: reference data")
    index_title = _("Reference data")

    def has_permission(self, request: HttpRequest) -> bool:
        """Both: the membership, and the mark on the account that is set from the command line."""
        user = request.user
        return user.is_active and user.is_staff and access_of(user).may(Right.MANAGE_ORGANISATION)

    @method_decorator(login_not_required)
    def login(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """The product's own log-in, with its lock-out. Somebody signed in without the right gets 403."""
        if self.has_permission(request):
            return redirect("admin:index")
        if request.user.is_authenticated:
            raise PermissionDenied
        return redirect_to_login(request.GET.get("next") or reverse("admin:index"))

    def password_change(  # type: ignore[override]  # a redirect in place of a page
        self, request: HttpRequest, extra_context: Any = None
    ) -> HttpResponse:
        """The product's own page, which ends the other log-ins."""
        return redirect("outlets:password_change")


class ReferenceAdmin(admin.ModelAdmin):
    """Rows that the administrator adds and changes. What is in use is not deleted, so nothing is."""

    def has_module_permission(self, request: HttpRequest) -> bool:
        return True

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return True

    def has_add_permission(self, request: HttpRequest) -> bool:
        return True

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return True

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class ReadOnly:
    """Looked at here; changed only by the actions, which keep history and closure right."""

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return True

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


site = ReferenceSite(name="admin")


@admin.register(UnitType, site=site)
class UnitTypeAdmin(ReferenceAdmin):
    list_display = ("code", "name_vi", "name_en", "position")
    ordering = ("position", "code")


@admin.register(JobRole, site=site)
class JobRoleAdmin(ReferenceAdmin):
    list_display = ("code", "name_vi", "name_en", "channel", "position")
    list_filter = ("channel",)
    ordering = ("position", "code")


@admin.register(Province, site=site)
class ProvinceAdmin(ReferenceAdmin):
    list_display = ("code", "full_name", "valid_from", "valid_to", "successor", "landline")
    list_filter = ("kind", "valid_from")
    list_select_related = ("successor",)
    search_fields = ("name", "code")
    ordering = ("sort_key", "valid_from")


class ParentInline(ReadOnly, admin.TabularInline):
    model = UnitParent
    fk_name = "unit"
    fields = ("parent", "valid_from", "valid_to")
    ordering = ("valid_from",)


class NameInline(ReadOnly, admin.TabularInline):
    model = UnitName
    fields = ("name", "valid_from", "valid_to")
    ordering = ("valid_from",)


@admin.register(Unit, site=site)
class UnitAdmin(ReadOnly, ReferenceAdmin):
    list_display = ("code", "name", "unit_type", "opened_on", "closed_on")
    list_filter = ("unit_type",)
    list_select_related = ("unit_type",)
    search_fields = ("search_text",)
    ordering = ("sort_key", "pk")
    fields = ("code", "name", "unit_type", "opened_on", "closed_on")
    inlines = (NameInline, ParentInline)
