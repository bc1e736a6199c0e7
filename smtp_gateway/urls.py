"""The pages of this package."""

from django.urls import path

from smtp_gateway.views import mail_log, mail_page, mailbox, test_mail

app_name = "smtp_gateway"
urlpatterns = [
    path("mail-log/", mail_log.mail_log, name="mail_log"),
    path("mail-log/<str:queue_id>/", mail_page.mail, name="mail"),
    path("mailbox/", mailbox.mailbox, name="mailbox"),
    path("mailbox/<str:queue_id>/", mailbox.caught_mail, name="caught_mail"),
    path("mailbox/<str:queue_id>/html/", mailbox.html, name="caught_mail_html"),
    path("mailbox/<str:queue_id>/source/", mailbox.source, name="caught_mail_source"),
    path(
        "mailbox/<str:queue_id>/attachments/<int:number>/",
        mailbox.attachment,
        name="caught_mail_attachment",
    ),
    path("sender-addresses/<int:pk>/test-mail/", test_mail.test_mail, name="test_mail"),
]
