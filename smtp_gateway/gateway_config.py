"""The settings that sessions need, as the one value that they know."""

from django.conf import settings

from smtp_gateway.submission.config import Config


def submission_config() -> Config:
    """As the settings say."""
    return Config(
        hostname=settings.SMTP_HOSTNAME,
        max_message_bytes=settings.MAX_MESSAGE_BYTES,
        max_recipients=settings.MAX_RECIPIENTS,
        allow_plaintext_auth_on_loopback=settings.ALLOW_PLAINTEXT_AUTH_ON_LOOPBACK,
        max_connections=settings.SMTP_MAX_CONNECTIONS,
        max_connections_per_ip=settings.SMTP_MAX_CONNECTIONS_PER_IP,
        max_connections_per_sender=settings.SMTP_MAX_CONNECTIONS_PER_SENDER,
        proxies=settings.PROXY_PROTOCOL_FROM,
        unlimited_networks=settings.SMTP_UNLIMITED_NETWORKS,
        max_mails_per_session=settings.SMTP_MAX_MAILS_PER_SESSION,
        max_recipients_per_session=settings.SMTP_MAX_RECIPIENTS_PER_SESSION,
        max_mails_per_recipient=max(0, settings.SAME_RECIPIENT_MAX_MAILS),
        recipient_window=settings.SAME_RECIPIENT_WINDOW,
        max_fruitless_commands=settings.SMTP_MAX_COMMANDS_WITHOUT_MAIL,
        max_errors=settings.SMTP_MAX_ERRORS,
        command_timeout=settings.SMTP_COMMAND_TIMEOUT,
        data_timeout=settings.SMTP_DATA_TIMEOUT,
        data_total_timeout=settings.SMTP_DATA_TOTAL_TIMEOUT,
        idle_timeout=settings.SMTP_IDLE_TIMEOUT,
        handshake_timeout=settings.SMTP_HANDSHAKE_TIMEOUT,
        max_buffered_bytes=settings.SMTP_MAX_BUFFERED_BYTES,
        max_auth_failures_per_session=settings.SMTP_AUTH_MAX_FAILURES_PER_SESSION,
        max_auth_failures_per_ip=settings.SMTP_AUTH_MAX_FAILURES_PER_IP,
        max_auth_failures_per_user=settings.SMTP_AUTH_MAX_FAILURES_PER_USER,
        auth_failure_window=settings.SMTP_AUTH_FAILURE_WINDOW,
        max_waiting_log_ins=settings.SMTP_AUTH_MAX_WAITING,
        log_in_timeout=settings.SMTP_AUTH_TIMEOUT,
        credential_memory=settings.SMTP_AUTH_MEMORY,
        drain_timeout=settings.GATEWAY_DRAIN,
    )
