"""The pages below /mailbox/."""

from email.message import EmailMessage

import pytest
from django.utils import timezone

from smtp_gateway import mailbox
from smtp_gateway.linked_text import linked
from smtp_gateway.models import CaughtMail, MessageContent
from tests.smtp_gateway.mails import PLAIN, catch_all, make_caught, make_mail

PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(64))


def make_html_mail(html, **headers):
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "app@example.com", "anna@example.org", "Hello"
    for name, value in headers.items():
        mail[name.replace("_", "-")] = value
    mail.set_content("The text.\n")
    mail.add_alternative(html, subtype="html")
    mail.get_payload()[1].add_related(PNG, "image", "png", cid="<logo@example.com>")
    mail.add_attachment(b"%PDF-1.7", maintype="application", subtype="pdf", filename="bill.pdf")
    return mail.as_bytes()


def page(console, queue_id, **query):
    response = console.get(f"/mailbox/{queue_id}/", query)
    assert response.status_code == 200
    return response.content.decode()


def html_of(console, queue_id):
    return console.get(f"/mailbox/{queue_id}/html/").content.decode()


# --- The list ------------------------------------------------------------------------------------


def test_an_empty_mailbox_says_what_lands_here(console):
    assert "The local mailbox is empty" in console.get("/mailbox/").content.decode()


def test_without_log_in_nothing_is_shown(client, db):
    queue_id = make_caught()
    for path in ("", f"{queue_id}/", f"{queue_id}/html/", f"{queue_id}/source/"):
        assert client.get(f"/mailbox/{path}").status_code == 302


def test_caught_mails_are_listed_newest_first(console):
    first, second = make_caught(subject="First"), make_caught(subject="Second")
    text = console.get("/mailbox/").content.decode()
    assert text.index(f"/mailbox/{second}/") < text.index(f"/mailbox/{first}/")


def test_a_mail_to_many_is_one_row(console):
    make_caught(recipients=["a@example.org", "b@example.org", "c@example.org"])
    text = console.get("/mailbox/").content.decode()
    assert "a@<wbr>example.org" in text
    assert "and 2 more" in text


def test_mail_that_is_still_queued_is_not_listed(console):
    make_mail(subject="Waiting")
    assert "Waiting" not in console.get("/mailbox/").content.decode()


@pytest.mark.parametrize("search", ["RECEIPT", "shop@", "@example.ORG", "r 17"])
def test_search_finds_any_part_of_subject_sender_and_recipient(console, search):
    make_caught(recipients=["anna@example.net"])
    found = make_caught(
        subject="Receipt for 17", mail_from="shop@example.com", recipients=["bert@example.org"]
    )
    mails = console.get("/mailbox/", {"q": search}).context["mails"]
    assert [mail.message.queue_id for mail in mails] == [found]


def test_an_address_is_found_as_it_is_shown(console):
    make_caught(recipients=["anna@xn--bcher-kva.example"])
    assert len(console.get("/mailbox/", {"q": "anna@bücher.example"}).context["mails"]) == 1


def test_a_search_without_result_says_so(console):
    make_caught()
    assert "No mail found" in console.get("/mailbox/", {"q": "%_\0"}).content.decode()


def test_the_list_has_pages_of_fifty(console):
    for n in range(60):
        make_mail(subject=f"Mail {n}")
    catch_all()
    first = console.get("/mailbox/")
    assert len(first.context["mails"]) == 50
    second = console.get(first.context["list"].below_url)
    assert [mail.message.subject for mail in second.context["mails"]] == [
        f"Mail {n}" for n in range(9, -1, -1)
    ]
    assert second.context["list"].below_url == ""


# --- One mail ------------------------------------------------------------------------------------


def test_a_mail_that_was_not_caught_is_not_found(console):
    queue_id = make_mail()
    for path in ("", "html/", "source/", "attachments/1/"):
        assert console.get(f"/mailbox/{queue_id}/{path}").status_code == 404


def test_it_shows_the_envelope_and_the_headers(console):
    content = make_html_mail("<p>Hi</p>", Reply_To="help@example.com")
    queue_id = make_caught(
        content, mail_from="bounces@example.com", recipients=["real@example.org"]
    )
    text = page(console, queue_id)
    for fact in ("bounces@example.com", "real@example.org", "anna@example.org", "help@example.com"):
        assert fact in text
    assert "multipart/mixed" in page(console, queue_id, view="headers")


def test_html_is_preferred_and_each_view_is_a_link(console):
    queue_id = make_caught(make_html_mail("<p>Hi</p>"))
    text = page(console, queue_id)
    assert f'src="/mailbox/{queue_id}/html/"' in text
    for view in ("html", "text", "headers", "source"):
        assert f'href="?view={view}"' in text
    assert "The text." in page(console, queue_id, view="text")


def test_a_mail_without_html_shows_its_text(console):
    text = page(console, make_caught())
    assert "Hello Anna." in text
    assert "<iframe" not in text
    assert 'href="?view=html"' not in text


def test_an_unknown_view_shows_the_preferred_one(console):
    assert "Hello Anna." in page(console, make_caught(), view="../x")


def test_web_addresses_in_the_text_are_links(console):
    content = b"Subject: x\r\n\r\nOpen https://example.com/verify/a?b=1&c=2. <b>Bold</b>\r\n"
    text = page(console, make_caught(content))
    assert (
        '<a href="https://example.com/verify/a?b=1&amp;c=2" target="_blank"'
        ' rel="noopener noreferrer">' in text
    )
    assert "&lt;b&gt;Bold&lt;/b&gt;" in text


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("see http://example.com/a, then", "http://example.com/a"),
        ("(https://example.com/a)", "https://example.com/a"),
        ("https://example.com/a_(b)", "https://example.com/a_(b)"),
        ("<HTTPS://example.com/a>", "HTTPS://example.com/a"),
    ],
)
def test_a_link_ends_where_the_address_ends(text, url):
    assert f'href="{url}"' in linked(text)


def test_other_schemes_are_no_links():
    assert "<a" not in linked("javascript:alert(1) data:text/html,x ftp://example.com")


def test_the_source_is_the_mail_byte_for_byte(console):
    queue_id = make_caught(b"Subject: \xff\r\n\r\n\x01\r\n")
    response = console.get(f"/mailbox/{queue_id}/source/")
    assert b"".join(response) == b"Subject: \xff\r\n\r\n\x01\r\n"
    assert response["Content-Disposition"] == f'attachment; filename="{queue_id}.eml"'
    assert response["Content-Type"] == "message/rfc822"
    assert "Subject: \ufffd" in page(console, queue_id, view="source")


def test_an_attachment_is_only_ever_saved(console):
    mail = EmailMessage()
    mail["Subject"] = "x"
    mail.set_content("x")
    mail.add_attachment("<script>alert(1)</script>", subtype="html", filename="é.html")
    queue_id = make_caught(mail.as_bytes())
    assert "é.html" in page(console, queue_id)
    response = console.get(f"/mailbox/{queue_id}/attachments/1/")
    assert response["Content-Type"] == "application/octet-stream"
    assert response["Content-Disposition"].startswith("attachment;")
    assert response["X-Content-Type-Options"] == "nosniff"
    assert b"<script>" in response.content


def test_the_name_of_a_file_reads_as_it_is(console):
    mail = EmailMessage()
    mail.set_content("x")
    mail.add_attachment(b"x", maintype="a", subtype="b", filename="bill_\u202efdp.exe")
    queue_id = make_caught(mail.as_bytes())
    response = console.get(f"/mailbox/{queue_id}/attachments/1/")
    assert response["Content-Disposition"] == 'attachment; filename="bill_fdp.exe"'


@pytest.mark.parametrize("number", [0, 2, 10**30])
def test_an_attachment_that_does_not_exist_is_not_found(console, number):
    mail = EmailMessage()
    mail.set_content("x")
    mail.add_attachment(b"x", maintype="a", subtype="b", filename="a.b")
    queue_id = make_caught(mail.as_bytes())
    assert console.get(f"/mailbox/{queue_id}/attachments/{number}/").status_code == 404


# --- HTML ----------------------------------------------------------------------------------------


def test_the_html_runs_nothing_and_loads_nothing(console):
    queue_id = make_caught(make_html_mail("<script>alert(1)</script>"))
    response = console.get(f"/mailbox/{queue_id}/html/")
    policy = response["Content-Security-Policy"].split("; ")
    assert "default-src 'none'" in policy
    assert "img-src data:" in policy
    assert "form-action 'none'" in policy
    assert "base-uri 'none'" in policy
    assert "sandbox allow-popups allow-popups-to-escape-sandbox" in policy
    assert not any(part.startswith("script-src") for part in policy)
    assert response["Referrer-Policy"] == "no-referrer"
    assert response["X-Content-Type-Options"] == "nosniff"


def test_the_frame_is_sandboxed_too(console):
    text = page(console, make_caught(make_html_mail("<p>Hi</p>")))
    assert 'sandbox="allow-popups allow-popups-to-escape-sandbox"' in text
    assert "allow-scripts" not in text
    assert "allow-same-origin" not in text


def test_links_in_html_open_beside_the_console(console):
    html = '<html><head><base target="_self"></head><a href="https://x.example" target="_top">x</a>'
    shown = html_of(console, make_caught(make_html_mail(html)))
    assert shown.startswith('<!doctype html><base target="_blank">')
    assert 'target="_top"' not in shown


def test_images_of_the_mail_itself_are_shown(console):
    shown = html_of(console, make_caught(make_html_mail('<img src="cid:logo@example.com">')))
    assert '<img src="data:image/png;base64,iVBORw0K' in shown


def test_remote_content_is_named_where_there_is_some(console):
    note = "Images and styles from the internet are not loaded here."
    remote = make_html_mail('<img src="https://tracker.example/x.gif">')
    assert note in page(console, make_caught(remote))
    local = make_html_mail('<a href="https://x.example">x</a><img src="cid:logo@example.com">')
    assert note not in page(console, make_caught(local))


def test_html_in_another_charset_arrives_as_utf_8(console):
    content = b"Content-Type: text/html; charset=iso-8859-1\r\n\r\n<p>Caf\xe9</p>"
    response = console.get(f"/mailbox/{make_caught(content)}/html/")
    assert response["Content-Type"] == "text/html; charset=utf-8"
    assert "Café" in response.content.decode()


def test_a_mail_of_ten_megabytes_is_shown_in_part(console):
    content = PLAIN + b"A line of text that goes on and on.\r\n" * 280_000
    queue_id = make_caught(content)
    for view in ("text", "source"):
        text = page(console, queue_id, view=view)
        assert len(text) < 1_000_000
        assert "Only the beginning is shown." in text


def test_recipients_are_added_when_more_are_caught_later(console):
    queue_id = make_caught(recipients=["a@example.org"])
    caught = CaughtMail.objects.get()
    assert caught.recipient_list == ["a@example.org"]
    assert mailbox.find_caught(queue_id) == caught
    assert caught.caught_at <= timezone.now()


def test_a_caught_mail_can_be_sent_again_from_its_page(console):
    queue_id = make_caught()
    text = console.get(f"/mailbox/{queue_id}/").content.decode()
    assert f'href="/mail-log/actions/send-again/?of=mail&amp;queue_id={queue_id}"' in text


def test_a_mail_whose_content_is_gone_is_not_found(console):
    queue_id = make_caught()
    MessageContent.objects.all().delete()
    for path in ("", "html/", "source/", "attachments/1/"):
        assert console.get(f"/mailbox/{queue_id}/{path}").status_code == 404
