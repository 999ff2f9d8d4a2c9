"""What can go wrong with the ledger, named by what to do about it."""


class LedgerError(Exception):
    """Anything the ledger raises."""


class LedgerUnavailable(LedgerError):
    """The database does not answer, is locked or is full: worth trying again."""


class LedgerRefused(LedgerError):
    """The database is of another version or cannot be written: a person has to act."""


class LedgerCollision(LedgerUnavailable):
    """Two transactions waited for each other, and this one was undone: worth trying again at once."""


class LedgerInvalid(LedgerError):
    """A text that the database cannot keep, such as one with a NUL: trying again changes nothing."""
