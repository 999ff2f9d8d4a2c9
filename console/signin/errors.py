"""What can go wrong when somebody signs in, named by what to do about it."""


class SigninRefused(Exception):
    """This way in is closed to them; the sentence says why."""


class TokenRefused(Exception):
    """This token opens nothing; the sentence says why, as far as whoever holds it may know."""


class ProviderUnavailable(Exception):
    """The OpenID provider does not answer, or not as one: it is worth trying again."""
