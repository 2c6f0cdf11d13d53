from django.urls import path

from audits.fieldwork.planning.views import bulk, scenarios, shoppers, visits, waves

urlpatterns = [
    path("plan/waves/", waves.wave_list, name="wave_list"),
    path("plan/waves/new/", waves.wave_create, name="wave_create"),
    path("plan/waves/<uuid:wave_id>/", waves.wave_detail, name="wave_detail"),
    path("plan/waves/<uuid:wave_id>/edit/", waves.wave_edit, name="wave_edit"),
    path("plan/waves/<uuid:wave_id>/extend/", waves.wave_extend, name="wave_extend"),
    path("plan/waves/<uuid:wave_id>/cancel/", waves.wave_cancel, name="wave_cancel"),
    path("plan/waves/<uuid:wave_id>/visits/", visits.visit_plan_list, name="visit_plan_list"),
    path("plan/waves/<uuid:wave_id>/visits/assign/", bulk.visit_assign_many, name="visit_assign_many"),
    path("plan/waves/<uuid:wave_id>/visits/withdraw/", bulk.visit_withdraw_many, name="visit_withdraw_many"),
    path("plan/waves/<uuid:wave_id>/visits/void/", bulk.visit_void_many, name="visit_void_many"),
    path("plan/visits/<uuid:visit_id>/", visits.visit_plan_detail, name="visit_plan_detail"),
    path("plan/visits/<uuid:visit_id>/assign/", visits.visit_assign, name="visit_assign"),
    path("plan/visits/<uuid:visit_id>/withdraw/", visits.visit_withdraw, name="visit_withdraw"),
    path("plan/visits/<uuid:visit_id>/reschedule/", visits.visit_reschedule, name="visit_reschedule"),
    path("plan/visits/<uuid:visit_id>/void/", visits.visit_void, name="visit_void"),
    path("plan/shoppers/", shoppers.shopper_list, name="shopper_list"),
    path("plan/shoppers/<uuid:shopper_id>/", shoppers.shopper_detail, name="shopper_detail"),
    path("plan/shoppers/<uuid:shopper_id>/block/", shoppers.shopper_block, name="shopper_block"),
    path("plan/shoppers/<uuid:shopper_id>/unblock/<uuid:unit_id>/", shoppers.shopper_unblock, name="shopper_unblock"),
    path("plan/scenarios/", scenarios.scenario_list, name="scenario_list"),
    path("plan/scenarios/new/", scenarios.scenario_create, name="scenario_create"),
    path("plan/scenarios/<uuid:scenario_id>/", scenarios.scenario_detail, name="scenario_detail"),
    path("plan/scenarios/<uuid:scenario_id>/edit/", scenarios.scenario_edit, name="scenario_edit"),
    path("plan/scenarios/<uuid:scenario_id>/retire/", scenarios.scenario_retire, name="scenario_retire"),
    path("plan/scenarios/<uuid:scenario_id>/reinstate/", scenarios.scenario_reinstate, name="scenario_reinstate"),
    path("plan/scenarios/<uuid:scenario_id>/cards/add/", scenarios.answer_card_add, name="answer_card_add"),
    path(
        "plan/scenarios/<uuid:scenario_id>/cards/<str:valid_from>/", scenarios.answer_card_edit, name="answer_card_edit"
    ),
]
