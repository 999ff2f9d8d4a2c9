"""What can go wrong at the registry, named by what to do about it."""


class RegistryError(Exception):
    """Anything the registry's door raises."""


class RegistryUnavailable(RegistryError):
    """The registry did not answer, or answered with a fault of its own: worth trying again."""


class RegistryRefused(RegistryError):
    """The registry understood and said no: trying the same again cannot succeed."""


class VersionMissing(RegistryRefused):
    """No such registered model or model version (deleted, or never there)."""


class RunMissing(RegistryRefused):
    """The version was made by no run, or by one that is deleted: there is nowhere to log to."""


class ArtifactsUnavailable(RegistryUnavailable):
    """The registry answers, the store that holds the version's artifacts does not, or cannot be read here."""


class ArtifactsMissing(RegistryRefused):
    """The version exists, its artifacts do not: MLflow says READY all the same."""
