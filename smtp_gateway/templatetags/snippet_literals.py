"""Text as a literal of a snippet's language: `{{ user|as_php }}`."""

from django import template

from smtp_gateway.sender_page import literals

register = template.Library()

register.filter("as_shell", literals.shell)
register.filter("as_python", literals.double_quoted)
register.filter("as_js", literals.double_quoted)
register.filter("as_go", literals.double_quoted)
register.filter("as_csharp", literals.double_quoted)
register.filter("as_java", literals.java)
register.filter("as_php", literals.php)
