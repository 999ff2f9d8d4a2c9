"""Where the console listens; what it shows comes from the ledger alone."""

from registry.settings import RoomSettings


class ConsoleSettings(RoomSettings):
    """Read by whoever starts the server; links in messages use `console_url` of the notifications."""

    console_host: str = "127.0.0.1"
    console_port: int = 5080
