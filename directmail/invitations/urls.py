"""Invitations of people, and the page behind their link."""

from django.urls import path

from directmail.invitations import views

urlpatterns = [
    path("people/invite/", views.invite, name="invite"),
    path("people/invitations/<int:pk>/send-again/", views.send_again, name="invitation_send_again"),
    path("people/invitations/<int:pk>/withdraw/", views.withdraw, name="invitation_withdraw"),
    path("invitation/<str:token>/", views.accept, name="accept_invitation"),
]
