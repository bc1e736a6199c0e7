"""The pages of this package."""

from django.urls import path, register_converter

from smtp_gateway.models import ActionName
from smtp_gateway.views import (
    bulk,
    connection_check,
    mail_actions,
    mail_contents,
    mail_log,
    mail_page,
    mailbox,
    mailbox_list,
    preview,
    returns,
    route_test,
    routes,
    sender_address,
    smtp_sessions,
    standing,
    standings,
    test_mail,
)


class _IdConverter:
    """What is no id is no page, and never gets as far as the database."""

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


class QueueIdConverter(_IdConverter):
    """What `queue_id` makes."""

    regex = "[0-9A-Z]{16}"


class SessionIdConverter(_IdConverter):
    """What `submission.session` makes."""

    regex = "[0-9a-f]{16}"


class ActionConverter(_IdConverter):
    """The values of ActionName."""

    regex = "|".join(ActionName.values)


register_converter(ActionConverter, "action")
register_converter(QueueIdConverter, "queue_id")
register_converter(SessionIdConverter, "session_id")

app_name = "smtp_gateway"
urlpatterns = [
    path("mail-log/", mail_log.mail_log, name="mail_log"),
    path("mail-log/export/", mail_log.export, name="export_mail_log"),
    path("mail-log/<queue_id:queue_id>/", mail_page.mail, name="mail"),
    path("mail-log/<queue_id:queue_id>/headers/", mail_page.headers, name="mail_headers"),
    path("mail-log/<queue_id:queue_id>/attempts/<int:pk>/", mail_page.attempt, name="mail_attempt"),
    path("mail-log/<queue_id:queue_id>/contents/", mail_contents.contents, name="mail_contents"),
    path("mail-log/<queue_id:queue_id>/contents/html/", mail_contents.html, name="mail_html"),
    path("mail-log/<queue_id:queue_id>/source/", mail_contents.source, name="mail_source"),
    path(
        "mail-log/<queue_id:queue_id>/attachments/<int:number>/",
        mail_contents.attachment,
        name="mail_attachment",
    ),
    path("mail-log/actions/", mail_actions.trail, name="actions"),
    path("mail-log/actions/export/", mail_actions.export_trail, name="export_actions"),
    path("mail-log/actions/<action:name>/", mail_actions.act, name="act"),
    path("mailbox/", mailbox_list.mailbox, name="mailbox"),
    path("mailbox/export/", mailbox_list.export, name="export_mailbox"),
    path("mailbox/delete/", mailbox_list.delete_ticked, name="delete_caught_mails"),
    path("mailbox/<queue_id:queue_id>/", mailbox.caught_mail, name="caught_mail"),
    path("mailbox/<queue_id:queue_id>/html/", mailbox.html, name="caught_mail_html"),
    path("mailbox/<queue_id:queue_id>/source/", mailbox.source, name="caught_mail_source"),
    path(
        "mailbox/<queue_id:queue_id>/attachments/<int:number>/",
        mailbox.attachment,
        name="caught_mail_attachment",
    ),
    path("returns/", returns.returns, name="returns"),
    path("returns/export/", returns.export, name="export_returns"),
    path("returns/<int:pk>/", returns.returned, name="returned"),
    path("returns/<int:pk>/contents/", returns.contents, name="returned_contents"),
    path("returns/<int:pk>/source/", returns.source, name="returned_source"),
    path("smtp-sessions/", smtp_sessions.smtp_sessions, name="smtp_sessions"),
    path("smtp-sessions/export/", smtp_sessions.export, name="export_smtp_sessions"),
    path("smtp-sessions/<session_id:session_id>/", smtp_sessions.smtp_session, name="smtp_session"),
    path("routes/", routes.route_list, name="routes"),
    path("routes/export/", routes.export, name="export_routes"),
    path("routes/add/", routes.create_route, name="create_route"),
    path("routes/<int:pk>/", routes.change_route, name="change_route"),
    path("routes/<int:pk>/move/", routes.move_route, name="move_route"),
    path("routes/<int:pk>/enable/", routes.enable_route, name="enable_route"),
    path("routes/<int:pk>/disable/", routes.disable_route, name="disable_route"),
    path("routes/<int:pk>/delete/", routes.delete_route, name="delete_route"),
    path("routes/<int:pk>/test/", route_test.test_route, name="test_route"),
    path("routes/default/test/", route_test.test_default_route, name="test_default_route"),
    path("sender-addresses/<int:pk>/", sender_address.sender_address, name="sender_address"),
    path("sender-addresses/<int:pk>/mails/", sender_address.mails, name="sender_mails"),
    path("sender-addresses/certificate/", sender_address.certificate, name="certificate"),
    path(
        "sender-addresses/<int:pk>/check-connection/",
        connection_check.check_connection,
        name="check_connection",
    ),
    path("sender-addresses/<int:pk>/test-mail/", test_mail.test_mail, name="test_mail"),
    path("sender-addresses/<int:pk>/not-bulk/", bulk.not_bulk, name="not_bulk"),
    path("sender-addresses/<int:pk>/standing/", standing.standing, name="standing"),
    path("sender-addresses/<int:pk>/standing/limit/", standing.limit_level, name="limit_level"),
    path(
        "sender-addresses/<int:pk>/standing/release/", standing.release_brake, name="release_brake"
    ),
    path("preview/", preview.preview, name="preview"),
    path("standings/", standings.standings, name="standings"),
    path("standings/what-if/", standings.what_if, name="what_if"),
    path("standings/levels/", standings.change_levels, name="change_levels"),
    path("standings/warm-up/<str:name>/", standings.change_plan, name="change_plan"),
]
