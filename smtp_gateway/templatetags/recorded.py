"""What was recorded in English, in the language of the page."""

from django import template

from smtp_gateway.recorded.wording import recorded

register = template.Library()

register.filter("recorded", recorded)
