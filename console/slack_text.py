"""A message's blocks as this console draws them: Slack's escapes undone, and its one mark-up of ours read."""

import re
from html import unescape
from typing import Any

from markupsafe import Markup, escape

from notifications.message import Message
from notifications.slack_blocks import blocks

_LINK = re.compile(r"<(https?://[^|>]+)\|([^>]*)>")


def slack_blocks(message: Message) -> list[dict[str, Any]]:
    """The blocks that Slack is sent."""
    return blocks(message)


def slack_text(element: dict[str, Any]) -> Markup:
    """A text object: plain text as it is; of mark-up the links, since nothing else is ours."""
    text = str(element.get("text", ""))
    if element.get("type") != "mrkdwn":
        return escape(unescape(text))
    drawn, at = Markup(), 0
    for link in _LINK.finditer(text):
        drawn += escape(unescape(text[at : link.start()]))
        drawn += Markup('<a href="{}">{}</a>').format(unescape(link[1]), unescape(link[2]))
        at = link.end()
    return drawn + escape(unescape(text[at:]))
