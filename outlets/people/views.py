"""Accounts and roles, for the system administrator; and the pages on which a person sets their own password."""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout, update_session_auth_hash
from django.contrib.auth import views as auth_views
from django.contrib.auth.views import INTERNAL_RESET_SESSION_TOKEN
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from outlets.listing import Column, Filter, listing
from outlets.people import actions as accounts
from outlets.people import held, queries, tokens
from outlets.people.forms import EmployeeForm, MembershipForm, NewPasswordForm, OwnPasswordForm, ShopperForm, TokenForm
from outlets.people.models import AccessToken, AccountEvent, Membership, Role, User
from outlets.people.permissions import ReaderRequest, Right, requires


def _account(public_id: UUID) -> User:
    return get_object_or_404(User, public_id=public_id)


@require_safe
@requires(Right.MANAGE_ACCOUNTS)
def account_list(request: ReaderRequest) -> HttpResponse:
    """Every account, with the roles it holds."""
    found = listing(
        request,
        queries.accounts(),
        columns=[
            Column("name", _("Name or code"), ("sort_key",)),
            Column("username", _("User name"), ("username",)),
            Column("roles", _("Roles")),
            Column("created", _("Created"), ("joined_at",)),
            Column("state", _("State"), ("-is_active",)),
        ],
        default="name",
        filters=[
            Filter("role", _("Role"), Role.choices, queries.holding),
            Filter("kind", _("Kind"), User.Kind.choices, lambda rows, kind: rows.filter(kind=kind)),
            Filter(
                "state",
                _("State"),
                [("active", _("Enabled")), ("disabled", _("Disabled"))],
                lambda rows, state: rows.filter(is_active=state == "active"),
            ),
        ],
    )
    return render(request, "outlets/account_list.html", {"listing": found})


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Right.MANAGE_ACCOUNTS)
def account_create(request: ReaderRequest) -> HttpResponse:
    """A new account: of an employee, or of a shopper (?kind=shopper), of whom only the code is asked."""
    at = timezone.now()
    is_shopper = request.GET.get("kind") == User.Kind.SHOPPER
    data = request.POST if request.method == "POST" else held.held_data(request, at=at)
    form = (ShopperForm if is_shopper else EmployeeForm)(data)
    if request.method == "POST" and form.is_valid():
        create = accounts.create_shopper if is_shopper else accounts.create_employee
        try:
            user = create(**form.cleaned_data, by=request.user, at=at)
        except accounts.AccountRefused as refused:
            form.add_error("code" if is_shopper else "username", str(refused))
        else:
            held.release(request)
            messages.success(request, _("The account has been created. Make a one-time link so that it can be used."))
            return redirect("outlets:account_detail", user.public_id)
    status = 422 if request.method == "POST" else 200
    return render(request, "outlets/account_create.html", {"form": form, "is_shopper": is_shopper}, status=status)


@require_safe
@requires(Right.MANAGE_ACCOUNTS)
def account_detail(request: ReaderRequest, public_id: UUID) -> HttpResponse:
    """One account: its roles, what can be done with it, and what happened to it."""
    account = _account(public_id)
    current, past = queries.roles_of(account)
    events = listing(
        request,
        queries.events_of(account),
        columns=[
            Column("at", _("When"), ("at", "pk")),
            Column("what", _("What"), ("kind",)),
            Column("detail", _("Role and unit")),
            Column("by", _("By"), ("by__sort_key",)),
        ],
        default="-at",
        filters=[
            Filter("what", _("What"), AccountEvent.Kind.choices, lambda rows, kind: rows.filter(kind=kind)),
        ],
        search=None,
    )
    context = {
        "account": account,
        "current": current,
        "past": past,
        "listing": events,
        "lines": queries.event_lines(list(events.page)),
        "is_own": account.pk == request.user.pk,
        "takes_roles": account.kind == User.Kind.EMPLOYEE,
    }
    return render(request, "outlets/account_detail.html", context)


@require_POST
@requires(Right.MANAGE_ACCOUNTS)
def account_disable(request: ReaderRequest, public_id: UUID) -> HttpResponse:
    """Closes an account; its log-ins end at once."""
    account = _account(public_id)
    try:
        accounts.disable(user=account, by=request.user, at=timezone.now())
    except accounts.AccountRefused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, _("The account has been disabled. Whoever was logged in with it is logged out."))
    return redirect("outlets:account_detail", account.public_id)


@require_POST
@requires(Right.MANAGE_ACCOUNTS)
def account_enable(request: ReaderRequest, public_id: UUID) -> HttpResponse:
    """Opens a disabled account again."""
    account = _account(public_id)
    try:
        accounts.enable(user=account, by=request.user, at=timezone.now())
    except accounts.AccountRefused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, _("The account has been enabled, with the password and the roles it had."))
    return redirect("outlets:account_detail", account.public_id)


@require_POST
@requires(Right.MANAGE_ACCOUNTS)
def account_link(request: ReaderRequest, public_id: UUID) -> HttpResponse:
    """Makes a one-time link and shows it, this once: a redirect would have to keep it somewhere."""
    account = _account(public_id)
    try:
        link = accounts.make_link(user=account, by=request.user, at=timezone.now())
    except accounts.AccountRefused as refused:
        messages.error(request, str(refused))
        return redirect("outlets:account_detail", account.public_id)
    context = {
        "account": account,
        "link": request.build_absolute_uri(reverse("outlets:password_set", args=[account.public_id, link.token])),
        "hours": settings.PASSWORD_RESET_TIMEOUT // 3600,
    }
    return render(request, "outlets/account_link.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Right.MANAGE_ACCOUNTS)
def membership_grant(request: ReaderRequest, public_id: UUID) -> HttpResponse:
    """Gives the account a role."""
    account = _account(public_id)
    at = timezone.now()
    data = request.POST if request.method == "POST" else held.held_data(request, at=at)
    form = MembershipForm(data, user=account)
    if request.method == "POST" and form.is_valid():
        try:
            accounts.grant(
                user=account,
                role=Role(form.cleaned_data["role"]),
                unit=form.cleaned_data["unit"],
                by=request.user,
                at=at,
            )
        except (accounts.UnitNeeded, accounts.UnitNotWanted, accounts.UnitClosed) as refused:
            form.add_error("unit", str(refused))
        except accounts.AccountRefused as refused:
            form.add_error("role", str(refused))
        else:
            held.release(request)
            messages.success(request, _("The role has been given. It counts from the next page the person opens."))
            return redirect("outlets:account_detail", account.public_id)
    status = 422 if request.method == "POST" else 200
    return render(request, "outlets/membership_grant.html", {"form": form, "account": account}, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Right.MANAGE_ACCOUNTS)
def membership_end(request: ReaderRequest, public_id: UUID) -> HttpResponse:
    """Asks once more, then ends a role."""
    rows = Membership.objects.select_related("user", "unit")
    membership = get_object_or_404(rows, public_id=public_id)
    if request.method == "POST":
        try:
            accounts.end(membership=membership, by=request.user, at=timezone.now())
        except accounts.AccountRefused as refused:
            messages.error(request, str(refused))
        else:
            messages.success(request, _("The role has been ended."))
        return redirect("outlets:account_detail", membership.user.public_id)
    context = {"membership": membership, "account": membership.user}
    return render(request, "outlets/membership_end.html", context)


# --- One's own password -----------------------------------------------------------------------


@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def password_change(request: ReaderRequest) -> HttpResponse:
    """A new password for oneself, after the old one. The session gets a new id; every other session ends."""
    form = OwnPasswordForm(request.user, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        user = request.user
        accounts.change_password(user=user, password=form.cleaned_data["new_password1"], at=timezone.now())
        update_session_auth_hash(request, user)
        messages.success(request, _("Your password has been changed. You are logged out everywhere else."))
        return redirect("home")
    status = 422 if request.method == "POST" else 200
    return render(request, "registration/password_change.html", {"form": form}, status=status)


@method_decorator(require_http_methods(["GET", "HEAD", "POST"]), name="dispatch")
class PasswordSet(auth_views.PasswordResetConfirmView):
    """A password by one-time link. Opening the link moves its key from the address into the session at once."""

    template_name = "registration/password_set.html"
    form_class = NewPasswordForm
    user: User  # wherever `form_valid` runs

    def get_user(self, uidb64: Any) -> User | None:
        """The account by its public id; none for one that cannot log in anyway."""
        user = User.objects.filter(public_id=uidb64, is_active=True).first()
        return user if user and (settings.DEMO or not user.is_demo) else None

    def form_valid(self, form: Any) -> HttpResponse:
        """Sets the password, unless the link has just been used elsewhere. Whoever was logged in here is logged out."""
        token = self.request.session.get(INTERNAL_RESET_SESSION_TOKEN, "")
        try:
            accounts.use_link(
                user=self.user, token=token, password=form.cleaned_data["new_password1"], at=timezone.now()
            )
        except accounts.LinkUsed:
            self.validlink = False
            return self.render_to_response(self.get_context_data())
        logout(self.request)
        messages.success(self.request, _("Your password has been set. Log in with it."))
        return redirect("login")

    def form_invalid(self, form: Any) -> HttpResponse:
        return self.render_to_response(self.get_context_data(form=form), status=422)

    def render_to_response(self, context: dict[str, Any], **response_kwargs: Any) -> HttpResponse:
        """The form; or 410 and a page that says what to do where the link opens nothing."""
        if not self.validlink:
            response_kwargs["status"] = 410
        return super().render_to_response(context, **response_kwargs)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Right.READ_UNIT_RESULTS)
def token_list(request: ReaderRequest) -> HttpResponse:
    """The reader's own tokens, with the last use of each. A new one shows its key this once."""
    at = timezone.now()
    data = request.POST if request.method == "POST" else held.held_data(request, at=at)
    form, key = TokenForm(data), ""
    if request.method == "POST" and form.is_valid():
        try:
            key = tokens.make(user=request.user, name=form.cleaned_data["name"], at=at)
        except tokens.TokenRefused as refused:
            form.add_error("name", str(refused))
        else:
            held.release(request)
            form = TokenForm()
    found = list(AccessToken.objects.filter(user=request.user))
    context = {"form": form, "key": key, "tokens": found, "address": request.build_absolute_uri("/api/results/")}
    return render(request, "outlets/token_list.html", context, status=422 if form.errors else 200)


@require_POST
@requires(Right.READ_UNIT_RESULTS)
def token_revoke(request: ReaderRequest, public_id: UUID) -> HttpResponse:
    """The key of a token opens nothing any more."""
    token = get_object_or_404(AccessToken.objects.select_related("user"), user=request.user, public_id=public_id)
    tokens.revoke(token=token, at=timezone.now())
    messages.success(request, _("The token has been revoked: its key opens nothing any more."))
    return redirect("outlets:token_list")
