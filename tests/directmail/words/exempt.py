"""Pages whose texts are not all marked yet: whoever marks them takes them out."""

ROUTES = frozenset(
    {
        "",
        "mail-log/",
        "mail-log/<queue_id:queue_id>/",
        "mail-log/<queue_id:queue_id>/attempts/<int:pk>/",
        "routes/",
        "routes/<int:pk>/",
        "routes/<int:pk>/test/",
        "routes/add/",
        "routes/default/test/",
        "sender-addresses/<int:pk>/",
        "sender-addresses/<int:pk>/mails/",
        "sender-addresses/<int:pk>/test-mail/",
        "smtp-sessions/",
        "smtp-sessions/<session_id:session_id>/",
    }
)
