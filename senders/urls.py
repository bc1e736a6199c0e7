"""The pages of this package."""

from django.urls import path, re_path

from senders.views import (
    addresses,
    audit_log,
    credentials,
    dkim_keys,
    domains,
    policies,
    reply_to,
    smtp,
    suppressions,
    suppressions_imported,
    suppressions_lifted,
    ticked,
)

_CREDENTIAL = "sender-addresses/<int:pk>/credentials/<int:credential_pk>"

app_name = "senders"
urlpatterns = [
    path("sender-addresses/", addresses.address_list, name="list"),
    path("sender-addresses/export/", addresses.export, name="export"),
    re_path(
        f"^sender-addresses/ticked/(?P<name>{'|'.join(each.name for each in ticked.ACTIONS)})/$",
        ticked.act_on_ticked,
        name="act_on_ticked",
    ),
    path("sender-addresses/create/", addresses.create, name="create"),
    path("sender-addresses/<int:pk>/reply-to/", reply_to.change, name="change_reply_to"),
    path("sender-addresses/<int:pk>/reply-to/smtp/", reply_to.on_smtp, name="reply_to_on_smtp"),
    path("sender-addresses/<int:pk>/reply-to/verify/", reply_to.verify, name="verify"),
    path("sender-addresses/<int:pk>/reply-to/state/", reply_to.state, name="reply_to_state"),
    path("sender-addresses/<int:pk>/smtp-password/", smtp.set_password, name="set_smtp_password"),
    path("sender-addresses/<int:pk>/smtp-off/", smtp.switch_off, name="switch_smtp_off"),
    path("sender-addresses/<int:pk>/credentials/", credentials.credentials, name="credentials"),
    path("sender-addresses/<int:pk>/credentials/add/", credentials.add, name="add_credential"),
    path(f"{_CREDENTIAL}/rotate/", credentials.rotate, name="rotate_credential"),
    path(f"{_CREDENTIAL}/revoke/", credentials.revoke, name="revoke_credential"),
    path(f"{_CREDENTIAL}/rename/", credentials.rename, name="rename_credential"),
    path("sender-addresses/<int:pk>/suspend/", addresses.suspend, name="suspend"),
    path("sender-addresses/<int:pk>/resume/", addresses.resume, name="resume"),
    path("sender-addresses/<int:pk>/delete/", addresses.delete, name="delete"),
    path("domains/", domains.domains, name="domains"),
    path("domains/export/", domains.export, name="export_domains"),
    path("domains/add/", domains.add, name="add_domain"),
    path("domains/<int:pk>/", domains.domain, name="domain"),
    path("domains/<int:pk>/check/", domains.check, name="check_domain"),
    path("domains/<int:pk>/rotate/", domains.rotate, name="rotate_domain_keys"),
    path("domains/<int:pk>/return-path/", domains.change_return_path, name="change_return_path"),
    path("domains/<int:pk>/remove/", domains.remove, name="remove_domain"),
    path("dkim-keys/", dkim_keys.dkim_keys, name="dkim_keys"),
    path("dkim-keys/export/", dkim_keys.export, name="export_dkim_keys"),
    path("dkim-keys/generate/", dkim_keys.generate, name="generate_dkim_keys"),
    path("dkim-keys/<int:pk>/activate/", dkim_keys.activate, name="activate_dkim_key"),
    path("dkim-keys/<int:pk>/retire/", dkim_keys.retire, name="retire_dkim_key"),
    path("dkim-keys/<int:pk>/delete/", dkim_keys.delete, name="delete_dkim_key"),
    path("suppressions/", suppressions.suppression_list, name="suppressions"),
    path("suppressions/export/", suppressions.export, name="export_suppressions"),
    path("suppressions/add/", suppressions.add, name="add_suppression"),
    path("suppressions/lift/", suppressions_lifted.lift_suppressions, name="lift_suppressions"),
    path(
        "suppressions/import/",
        suppressions_imported.import_suppressions,
        name="import_suppressions",
    ),
    path(
        "suppressions/import/<int:pk>/",
        suppressions_imported.suppression_import,
        name="suppression_import",
    ),
    path("suppressions/<int:pk>/", suppressions.suppression, name="suppression"),
    path("policies/", policies.show, name="policies"),
    re_path("^policies/(?P<mail_type>trigger|batch)/$", policies.change, name="change_policy"),
    path("audit/", audit_log.audit_log, name="audit_log"),
    path("audit/export/", audit_log.export, name="export_audit_log"),
]
