"""A client gone mad: any command in any order, cut anywhere, on two connections at once."""

from collections.abc import Callable

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from smtp_gateway.models import Message
from tests.smtp_gateway.submission.fuzzing import material
from tests.smtp_gateway.submission.fuzzing.judging import body_of, is_relayed_form, said
from tests.smtp_gateway.submission.fuzzing.speaker import Speaker, World
from tests.smtp_gateway.submission.talking import APP, as_data, eventually

which = st.sampled_from([0, 0, 0, 1])
places = st.lists(st.integers(0, 30_000), max_size=4)


class MadClient(RuleBasedStateMachine):
    """Rules put bytes into a connection's outbox; `send` and what ends a session says them."""

    def __init__(self, world: World) -> None:
        super().__init__()
        self.world = world
        self.speakers: dict[int, Speaker] = {}
        self.all: list[Speaker] = []
        self.outbox = {0: b"", 1: b""}

    # --- What is said -----------------------------------------------------------------------------

    @initialize(log_ins=st.lists(material.right_log_ins, min_size=5, max_size=5))
    def begins_like_a_good_client(self, log_ins: list[list[str]]) -> None:
        """And does so again for the next sessions of one of the two."""
        self.log_ins = log_ins

    @rule(which=which, hello=st.sampled_from(material.HELLO), log_in=material.log_ins)
    def logs_in(self, which: int, hello: str, log_in: list[str]) -> None:
        self._say(which, *map(material.as_line, [hello, *log_in]))

    @rule(which=which, line=material.lines)
    def says_a_line(self, which: int, line: str) -> None:
        self._say(which, material.as_line(line))

    @rule(which=which, line=material.lines, spoiling=material.spoiling)
    def says_a_spoilt_line(self, which: int, line: str, spoiling: tuple[int, bytes]) -> None:
        self._say(which, material.spoil(material.as_line(line), *spoiling))

    @rule(which=which, data=st.binary(max_size=40))
    def says_anything(self, which: int, data: bytes) -> None:
        self._say(which, data)

    @rule(which=which, recipients=material.recipient_lists)
    def sends_a_good_mail(self, which: int, recipients: list[str]) -> None:
        content = material.new_mail(body=b".Hello\r\n.\r\n\r\n")
        self.world.pristine.add(content)
        self._transaction(which, recipients, as_data(content))

    @rule(
        which=which, recipients=material.recipient_lists,
        content=material.odd_mails, encode=material.encodings,
    )  # fmt: skip
    def sends_an_odd_mail(
        self, which: int, recipients: list[str], content: bytes, encode: Callable[[bytes], bytes]
    ) -> None:
        self._transaction(which, recipients, encode(content))

    @rule(which=which, recipients=material.recipient_lists, spoiling=material.spoiling)
    def sends_a_spoilt_mail(
        self, which: int, recipients: list[str], spoiling: tuple[int, bytes]
    ) -> None:
        content = material.new_mail(body=b"Hello\r\n")
        self._transaction(which, recipients, material.spoil(as_data(content), *spoiling))

    @rule(
        which=which, recipients=material.recipient_lists, content=material.odd_mails,
        places=places, is_last=st.booleans(),
    )  # fmt: skip
    def sends_chunks(
        self, which: int, recipients: list[str], content: bytes, places: list[int], is_last: bool
    ) -> None:
        speaker = self._speaker(which)
        if not speaker.dialogue.has_bdat:
            return
        self._envelope(which, recipients)
        for chunk in material.cut(content, places):
            self._say(which, b"BDAT %d\r\n" % len(chunk) + chunk)
        if is_last:
            self._say(which, b"BDAT 0 LAST\r\n")

    # --- How it is said ---------------------------------------------------------------------------

    @rule(which=which, places=places)
    def sends(self, which: int, places: list[int]) -> None:
        self._send(which, places)

    @rule(which=which, places=places)
    def sends_and_reads(self, which: int, places: list[int]) -> None:
        self.world.run(self._send(which, places).settle())

    @rule(
        which=which, injected=st.sampled_from([b"", b"NOOP\r\n", b"RSET\r\nMAIL FROM:<x@y.z>\r\n"])
    )
    def starts_tls(self, which: int, injected: bytes) -> None:
        speaker = self._send(which, [])
        self.world.run(speaker.settle())
        dialogue = speaker.dialogue
        if not speaker.is_tls and dialogue.mode == "command" and not dialogue.unanswered:
            self.world.run(speaker.start_tls(injected))

    @rule(which=which, how=st.sampled_from(["in order", "half", "abruptly"]), places=places)
    def ends(self, which: int, how: str, places: list[int]) -> None:
        speaker = self._send(which, places)
        del self.speakers[which]
        if how == "abruptly":
            speaker.abort()
        elif how == "half" and not speaker.is_tls and speaker.dialogue.mode != "closed":
            self.world.run(speaker.half_close())
        else:
            self.world.run(speaker.leave())

    # --- What must hold in the end ----------------------------------------------------------------

    def teardown(self) -> None:
        try:
            for which in list(self.speakers):
                self.ends(which, "in order", [])
            self.world.run(eventually(self.world.is_idle))
            self._queue_holds_what_was_accepted()
            assert self.world.faults.is_empty(), self.world.faults.text()
        finally:
            for speaker in self.all:
                speaker.abort()
            self.world.faults.faults.clear()
            self.world.run(eventually(self.world.is_idle))
            self._new_rows()

    def _queue_holds_what_was_accepted(self) -> None:
        new_rows = self._new_rows()
        assert len({row.message_id for row in new_rows}) == len(new_rows), "a mail is there twice"
        rows = {row.queue_id: row for row in new_rows}
        for accepted in (each for speaker in self.all for each in speaker.dialogue.accepted):
            row = rows.pop(accepted.queue_id)
            assert is_relayed_form(bytes(row.content.body), accepted.content), accepted
            assert row.mail_from == row.sender_address == APP
            recipients = [delivery.recipient for delivery in row.deliveries.all()]
            assert len(recipients) == len(set(recipients))
            assert set(recipients) == accepted.recipients
        in_flight = said(b"".join(speaker.dialogue.unanswered for speaker in self.all))
        for row in rows.values():
            assert said(body_of(bytes(row.content.body))).strip() in in_flight

    def _new_rows(self) -> list[Message]:
        rows = Message.objects.filter(id__gt=self.world.seen_id).order_by("id")
        found = self.world.run(
            self.world.gateway.database(
                lambda: list(rows.select_related("content").prefetch_related("deliveries"))
            )
        )
        self.world.seen_id = found[-1].pk if found else self.world.seen_id
        return found

    # --- Inside -----------------------------------------------------------------------------------

    def _speaker(self, which: int) -> Speaker:
        if which not in self.speakers or self.speakers[which].dialogue.mode == "closed":
            self.speakers[which] = Speaker(self.world)
            self.all.append(self.speakers[which])
            self.world.run(self.speakers[which].connect())
            if which == 0 and self.log_ins:
                lines = [material.HELLO[0], *self.log_ins.pop()]
                self.outbox[0] = b"".join(map(material.as_line, lines)) + self.outbox[0]
        return self.speakers[which]

    def _say(self, which: int, *said: bytes) -> None:
        self.outbox[which] += b"".join(said)

    def _envelope(self, which: int, recipients: list[str]) -> None:
        self._say(which, material.as_line(f"MAIL FROM:<{APP}>"))
        self._say(which, *(material.as_line(f"RCPT TO:<{address}>") for address in recipients))

    def _transaction(self, which: int, recipients: list[str], data: bytes) -> None:
        self._envelope(which, recipients)
        self._say(which, b"DATA\r\n", data)

    def _send(self, which: int, places: list[int]) -> Speaker:
        speaker = self._speaker(which)
        data, self.outbox[which] = self.outbox[which], b""
        self.world.run(speaker.say(material.cut(data, places)))
        return speaker
