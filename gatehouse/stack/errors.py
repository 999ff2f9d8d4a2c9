"""What can go wrong with the local stack, in sentences for whoever typed the command."""


class StackError(Exception):
    """Anything the local stack raises."""


class StackRefused(StackError):
    """The stack cannot run here as it is: a home in use or not writable, a missing package."""


class ServiceDied(StackError):
    """One service stopped by itself or never answered; the end of its log is in the message."""

    def __init__(self, name: str, how: str, log: str) -> None:
        super().__init__(f"{name} {how}; the end of its log:\n{log or '(nothing was logged)'}")
        self.name = name
        self.how = how
