"""How many mails one process takes in an hour at an address that anybody knows. Pure."""

_HOUR_SECONDS = 3600


class HourlyRoom:
    """Times are epoch seconds; the count begins anew with each whole hour."""

    def __init__(self, most: int) -> None:
        self.most = most
        self._hour = self._taken = 0

    def is_full(self, now: float) -> bool:
        """Whether this hour has had its mails."""
        return int(now // _HOUR_SECONDS) == self._hour and self._taken >= self.most

    def take(self, now: float) -> None:
        """One more was taken."""
        hour = int(now // _HOUR_SECONDS)
        if hour != self._hour:
            self._hour, self._taken = hour, 0
        self._taken += 1
