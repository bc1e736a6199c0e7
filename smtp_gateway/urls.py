"""The pages of this package."""

from django.urls import URLPattern

app_name = "smtp_gateway"
urlpatterns: list[URLPattern] = []
