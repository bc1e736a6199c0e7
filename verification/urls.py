"""The page behind a verification link."""

from django.urls import path

from verification import views

app_name = "verification"
urlpatterns = [path("verify/<str:token>/", views.confirm, name="confirm")]
