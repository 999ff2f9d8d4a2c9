"""What can go wrong with the plug-in, named by what to do. None of it may ever reach MLflow's requests."""


class PluginError(Exception):
    """Anything the plug-in raises."""


class SettingsInvalid(PluginError):
    """A variable is missing or wrong: changes are written down, and delivered once it is set right."""


class ReceiverUnavailable(PluginError):
    """The receiver takes nothing now: every change waits and is tried again."""


class ChangeRefused(PluginError):
    """The receiver answers, and does not take this one change: its version waits, others go on."""
