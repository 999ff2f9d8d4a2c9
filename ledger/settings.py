"""Where the ledger lives."""

from registry.settings import RoomSettings, home


class LedgerSettings(RoomSettings):
    """Without a URL, the ledger is an SQLite file in the home folder."""

    ledger_url: str = ""

    @property
    def url(self) -> str:
        """The database address in force."""
        return self.ledger_url or f"sqlite:///{home() / 'ledger.db'}"
