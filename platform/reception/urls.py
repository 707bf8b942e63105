from django.urls import path

from reception import calendar_pages, certificates, passkeys, permissions, register, stepup, views

app_name = "accounts"

urlpatterns = [
    path("sign-in/", views.sign_in, name="sign_in"),
    path("sign-in/code/", views.second_step, name="second_step"),
    path("sign-in/certificate/", certificates.sign_in, name="certificate_sign_in"),
    path("sign-in/certificate/challenge/", certificates.challenge, name="certificate_challenge"),
    path("sign-in/certificate/session/", certificates.session, name="certificate_session"),
    path("sign-out/", views.sign_out, name="sign_out"),
    path("sign-up/", views.sign_up, name="sign_up"),
    path("password/", views.reset_password, name="reset_password"),
    path("me/", views.profile, name="profile"),
    path("me/totp/", views.totp, name="totp"),
    path("me/certificates/", certificates.own, name="certificates"),
    path("me/certificates/new/", certificates.enrol, name="enrol_certificate"),
    path("me/certificates/<int:pk>/revocation/", certificates.revoke, name="revoke_certificate"),
    path("me/acting/", views.switch, name="switch"),
    path("me/organisation/", views.organisation, name="organisation"),
    path("me/organisation/papers/", views.add_paper, name="add_paper"),
    path("me/organisation/submission/", views.submit, name="submit_organisation"),
    path("me/register/", register.register, name="register"),
    path("me/register/<int:pk>/end/", register.end, name="end_register_entry"),
    path("me/members/", views.members, name="members"),
    path("me/members/<int:pk>/end/", views.end_membership, name="end_membership"),
    path("staff/organisations/", views.review_list, name="review_list"),
    path("staff/organisations/<str:uscc>/", views.review, name="review"),
    path("administration/", views.admin_desk, name="admin_desk"),
    path("administration/calendar/", calendar_pages.calendar, name="calendar"),
    path("administration/calendar/<int:pk>/removal/", calendar_pages.remove_holiday, name="remove_holiday"),
    path("administration/permissions/", permissions.permissions, name="permissions"),
    path("administration/permissions/<int:pk>/", permissions.decide, name="decide_permission"),
    path("sign-in/passkey/", passkeys.sign_in, name="passkey_sign_in"),
    path("sign-in/passkey/options/", passkeys.sign_in_options, name="passkey_options"),
    path("me/strong/", passkeys.strong, name="strong"),
    path("me/passkeys/", passkeys.enrol, name="passkeys"),
    path("me/passkeys/options/", passkeys.enrolment_options, name="new_passkey_options"),
    path("me/passkeys/<int:pk>/name/", passkeys.name, name="name_passkey"),
    path("me/passkeys/<int:pk>/revocation/", passkeys.revoke, name="revoke_passkey"),
    path("acts/challenge/", stepup.challenge, name="act_challenge"),
]
