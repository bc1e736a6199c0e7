"""Whether a relay may take others for dead that it does not hear."""

from smtp_gateway.relay.silence import Silence

DEAD = 10.0


def silence_at(*heard: float) -> Silence:
    """Of a relay that began at 100 and was heard at these times; a negative one: it was not."""
    silence = Silence(DEAD, 100)
    for now in heard:
        if now < 0:
            silence.not_heard()
        else:
            silence.heard(now)
    return silence


def test_a_relay_that_has_just_begun_knows_nothing_of_the_others() -> None:
    assert not silence_at().is_telling()
    assert not silence_at(102, 104, 106, 108).is_telling()
    assert silence_at(102, 104, 106, 108, 110).is_telling()


def test_behind_a_database_that_hung_it_listens_anew() -> None:
    before = range(102, 200, 2)
    assert silence_at(*before, 203).is_telling()
    assert not silence_at(*before, 214).is_telling()
    assert not silence_at(*before, 214, 216, 218, 220, 222).is_telling()
    assert silence_at(*before, 214, 216, 218, 220, 222, 224).is_telling()


def test_behind_a_database_that_was_away_for_however_short_it_listens_anew() -> None:
    before = range(102, 200, 2)
    assert not silence_at(*before, -1, 201).is_telling()
    assert silence_at(*before, -1, *range(201, 213, 2)).is_telling()
