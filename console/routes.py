"""How a registered model's name stands in a path: any name is one segment."""

from urllib.parse import unquote

from werkzeug.routing import BaseConverter, ValidationError

from notifications.message import quote_model


class ModelName(BaseConverter):
    """The server undoes one quoting, this the other: see `notifications.message.quote_model`."""

    def to_python(self, value: str) -> str:
        """The name as the registry spells it; one with a NUL is none, and PostgreSQL would not search it."""
        name = unquote(value)
        if "\0" in name:
            raise ValidationError
        return name

    def to_url(self, value: str) -> str:
        """The name as one segment."""
        return quote_model(value)
