"""The page of the preferences."""

from django.urls import path

from directmail.preferences import views

urlpatterns = [path("account/preferences/", views.preferences, name="account_preferences")]
