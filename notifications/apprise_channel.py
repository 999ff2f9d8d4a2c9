"""AppriseChannel: one address of Apprise, which knows e-mail, Microsoft Teams, Discord and a hundred others.

https://appriseit.com/services/. The address holds its secrets, so it stays out of every error and log line.
"""

import logging
from collections.abc import Collection
from datetime import datetime

from notifications.errors import ChannelRefused, ChannelUnavailable
from notifications.message import Message
from notifications.plain_text import plain_body, plain_title

INSTALL = "pip install 'gatehouse[apprise]'"

# It writes addresses into its log; what matters is raised.
logging.getLogger("apprise").setLevel(logging.CRITICAL + 1)


class AppriseChannel:
    """Tells what is for one of `audience` (all, if that is empty).

    Raises ChannelRefused where Apprise is not installed, or cannot make anything of the address.
    """

    def __init__(self, name: str, url: str, audience: Collection[str] = ()) -> None:
        self._name = name
        self._audience = frozenset(audience)
        try:
            import apprise
        except ModuleNotFoundError as error:
            raise ChannelRefused(f"the channel '{name}' needs Apprise: {INSTALL}") from error
        asset = apprise.AppriseAsset(app_id="Gatehouse", app_desc="Gatehouse", async_mode=False)
        self._apprise = apprise.Apprise(asset=asset)
        self._text = apprise.NotifyFormat.TEXT
        service = apprise.Apprise.instantiate(url, asset=asset)
        if service is None:
            raise ChannelRefused(
                f"Apprise cannot read the address of the channel '{name}'; see https://appriseit.com/services/"
            )
        # What does not fit is cut, where the address itself says nothing else; what is asked stands on top.
        if "overflow=" not in url.lower():
            service.overflow_mode = apprise.OverflowMode.TRUNCATE
        self._apprise.add(service)

    @property
    def name(self) -> str:
        """As the channels file calls it."""
        return self._name

    def __repr__(self) -> str:
        return f"AppriseChannel({self._name!r}, …)"

    def takes(self, message: Message) -> bool:
        """What its people are told."""
        return not message.quiet and (not self._audience or message.channel in self._audience)

    def send(self, message: Message, *, since: datetime | None = None) -> None:  # noqa: ARG002 it cannot ask
        """Tell it. Apprise says whether, never why: a no is tried again. Raises ChannelUnavailable."""
        try:
            taken = self._apprise.notify(
                title=plain_title(message), body=plain_body(message), body_format=self._text
            )
        except (OSError, TypeError, ValueError) as error:
            raise ChannelUnavailable(f"'{self._name}' was not told: {type(error).__name__}") from None
        if not taken:
            raise ChannelUnavailable(f"'{self._name}' was not told: Apprise says no more than that")
