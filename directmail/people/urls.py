"""The pages about people."""

from django.urls import path

from directmail.people import views

app_name = "people"
urlpatterns = [
    path("", views.people, name="people"),
    path("<int:pk>/role/", views.change_role, name="change_role"),
    path("<int:pk>/deactivate/", views.deactivate, name="deactivate"),
    path("<int:pk>/reactivate/", views.reactivate, name="reactivate"),
    path("<int:pk>/two-factor/reset/", views.reset_two_factor, name="reset_two_factor"),
    path("<int:pk>/remove/", views.remove, name="remove"),
]
