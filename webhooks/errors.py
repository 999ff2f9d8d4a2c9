"""Why a delivery is not taken. The HTTP answers are chosen in `webhooks.receiver`."""


class DeliveryError(Exception):
    """A delivery that is not taken."""


class SignatureInvalid(DeliveryError):
    """Forged, or too old: the sender is told no more than that."""


class DeliveryInvalid(DeliveryError):
    """Signed, yet not understood; the sentence says what is wrong."""
