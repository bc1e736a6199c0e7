"""Another address for the own account or for somebody's, and the page behind the link."""

from django.urls import path

from directmail.email_change import views

urlpatterns = [
    path("account/email/", views.change_own, name="account_change_email"),
    path("account/email/withdraw/", views.withdraw_own, name="account_withdraw_email"),
    path("people/<int:pk>/email/", views.change_of_person, name="change_person_email"),
    path("people/<int:pk>/email/withdraw/", views.withdraw_of_person, name="withdraw_person_email"),
    path("email/<str:token>/", views.confirm, name="confirm_email"),
]
