"""What Slack says `invalid_blocks` to: limits of https://docs.slack.dev/reference/block-kit, and our budget."""

import json

PLAIN, MARKED = {"plain_text"}, {"plain_text", "mrkdwn"}
TOTAL = 13_000


def faults_of(body, files=()):
    """Every fault of a message; none is said by an empty list."""
    blocks = body.get("blocks", [])
    faults = [] if str(body.get("text", "")).strip() else ["no_text"]
    faults += ["too many blocks"] if len(blocks) > 50 else []
    faults += ["msg_blocks_too_long"] if len(json.dumps(blocks, ensure_ascii=False)) > TOTAL else []
    return faults + [fault for block in blocks for fault in _block(block, files)]


def faults_of_view(view):
    """Every fault of a modal."""
    faults = [] if view.get("type") == "modal" else ["no modal"]
    for key in ("title", "submit", "close"):
        faults += _text(view[key], 24, PLAIN)
    faults += ["private_metadata too long"] if len(view.get("private_metadata", "")) > 3000 else []
    return faults + [fault for block in view["blocks"] for fault in _block(block, ())]


def _block(block, files):
    if len(block.get("block_id", "")) > 255:
        return ["block_id too long"]
    judge = _KINDS.get(block["type"])
    return judge(block, files) if judge else [f"unknown block {block['type']}"]


def _context(block, _):
    faults = [] if 1 <= len(block["elements"]) <= 10 else ["too many elements"]
    return faults + [f for element in block["elements"] for f in _text(element, 3000, MARKED)]


def _image(block, files):
    known = block["slack_file"]["id"] in files
    alt = 1 <= len(block["alt_text"]) <= 2000
    return ([] if known else ["slack_file is not there"]) + ([] if alt else ["alt_text"])


_KINDS = {
    "header": lambda block, _: _text(block["text"], 150, PLAIN),
    "section": lambda block, _: _text(block["text"], 3000, MARKED),
    "context": _context,
    "rich_text": lambda block, _: [] if block["elements"][0]["elements"][0]["text"] else ["empty rich text"],
    "image": _image,
    "actions": lambda block, _: _actions(block["elements"]),
    "input": lambda block, _: _text(block["label"], 2000, PLAIN) + _field(block["element"]),
}


def _actions(elements):
    faults = [] if 1 <= len(elements) <= 25 else ["too many elements"]
    ids = [element["action_id"] for element in elements]
    faults += ["an action_id twice"] if len(set(ids)) < len(ids) else []
    for element in elements:
        faults += _text(element["text"], 75, PLAIN)
        faults += ["value too long"] if len(element["value"]) > 2000 else []
        faults += ["action_id too long"] if len(element["action_id"]) > 255 else []
        faults += ["style"] if element.get("style", "primary") not in {"primary", "danger"} else []
        faults += _confirm(element["confirm"]) if "confirm" in element else []
    return faults


def _confirm(confirm):
    limits = {"title": 100, "text": 300, "confirm": 30, "deny": 30}
    return [fault for key, limit in limits.items() for fault in _text(confirm[key], limit, MARKED)]


def _field(element):
    faults = [] if element["type"] == "plain_text_input" else ["unknown element"]
    return faults + ([] if 1 <= element.get("max_length", 1) <= 3000 else ["max_length"])


def _text(text, limit, kinds):
    faults = [] if text["type"] in kinds else [f"{text['type']} not allowed here"]
    faults += [] if 1 <= len(text["text"]) <= limit else [f"text of {len(text['text'])} characters"]
    faults += ["verbatim is for mrkdwn"] if text["type"] == "plain_text" and "verbatim" in text else []
    return faults + (["emoji is for plain_text"] if text["type"] == "mrkdwn" and "emoji" in text else [])
