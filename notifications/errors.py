"""What can go wrong when a message is sent, named by what to do about it."""


class ChannelError(Exception):
    """Anything a channel raises; its words never hold an address, for a webhook's address is a secret."""


class ChannelUnavailable(ChannelError):
    """The channel did not take the message now: worth trying again, after `retry_after` seconds if told."""

    def __init__(self, reason: str, *, retry_after: float | None = None) -> None:
        super().__init__(reason)
        self.retry_after = retry_after


class ChannelRefused(ChannelError):
    """The channel understood and said no: trying the same again cannot succeed."""
