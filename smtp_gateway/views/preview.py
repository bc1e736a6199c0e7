"""What would happen to this message?"""

from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from smtp_gateway.preview.answering import answer
from smtp_gateway.preview.forms import PreviewForm

_PAGE = "smtp_gateway/preview.html"


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required("smtp_gateway.act_on_mail", raise_exception=True)
@never_cache
def preview(request: HttpRequest) -> TemplateResponse:
    """A POST since a mail is too long for an address; it changes nothing.

    `sender`: the id of the address to begin with.
    """
    form = PreviewForm(
        request.POST if request.method == "POST" else None,
        initial={"sender": request.GET.get("sender", "")},
    )
    if not form.is_valid():
        status = 422 if form.is_bound else 200
        return TemplateResponse(request, _PAGE, {"form": form}, status=status)
    sender = form.cleaned_data["sender"]
    sections = answer(sender, form.asked(timezone.now()))
    context = {
        "form": form,
        "sender": sender,
        "sections": sections,
        "is_refused": any(section.is_refused for section in sections),
    }
    return TemplateResponse(request, _PAGE, context)
