"""The DNS record that publishes a DKIM key (RFC 6376 section 3.6.1, RFC 8463 section 4). Pure."""

from dataclasses import dataclass

# RFC 1035 section 3.3: the most octets of one character string of a TXT record.
_LONGEST_STRING = 255


@dataclass(frozen=True, slots=True)
class TxtRecord:
    """A TXT record: its full name without the last dot, and its value in one piece."""

    name: str
    value: str

    @property
    def strings(self) -> list[str]:
        """The value in pieces of at most 255 octets; whoever reads the record joins them."""
        starts = range(0, len(self.value), _LONGEST_STRING)
        return [self.value[at : at + _LONGEST_STRING] for at in starts]

    @property
    def quoted(self) -> str:
        """The strings as zone files and most DNS tools take them."""
        return " ".join(f'"{string}"' for string in self.strings)

    @property
    def zone_line(self) -> str:
        return f"{self.name}. IN TXT ( {self.quoted} )"


def dkim_record(*, domain: str, selector: str, key_type: str, public_key: str) -> TxtRecord:
    """`key_type` is `rsa` or `ed25519`, `public_key` what stands in `p=`."""
    return TxtRecord(f"{selector}._domainkey.{domain}", f"v=DKIM1; k={key_type}; p={public_key}")
