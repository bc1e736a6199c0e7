"""The address in every opt-out link. Without a slash at its end: a POST cannot be redirected."""

from django.urls import path

from senders.opting_out import views

app_name = "opting_out"
urlpatterns = [path("u/<str:token>", views.opt_out, name="opt_out")]
