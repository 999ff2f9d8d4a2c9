"""What can hold a worker up."""


class ModelBusy(Exception):
    """Another worker is moving a version of this model: worth trying again in a moment."""


class WorldChanged(Exception):
    """What the decision rests on is no longer so: it must be taken anew."""


class ModelHeld(Exception):
    """Somebody has stopped all moves of this model: what is planned waits until it is resumed."""
