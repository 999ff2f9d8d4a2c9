"""The methods of Slack's API that we call, each judging what it is sent as Slack does."""

import json

from tests.notifications.fake_slack.limits import faults_of, faults_of_view
from tests.notifications.fake_slack.workspace import BOT, TEAM


class Refused(Exception):
    def __init__(self, error, **more):
        super().__init__(error)
        self.answer = {"ok": False, "error": error} | more


def auth_test(_space, _words):
    return {"team": "Ours", "team_id": TEAM, "user_id": BOT, "user": "gatehouse"}


def chat_post_message(space, words):
    channel = _channel(space, words)
    _judge(space, words)
    message = {"ts": space.now(), "user": BOT, **{k: words[k] for k in ("text", "blocks") if k in words}}
    if thread := words.get("thread_ts"):
        if space.find(channel, thread) is None:
            raise Refused("thread_not_found")
        message |= {"thread_ts": thread, "broadcast": bool(words.get("reply_broadcast"))}
    metadata = words.get("metadata")
    if metadata is not None:
        if set(metadata) != {"event_type", "event_payload"} or len(json.dumps(metadata)) > 8000:
            raise Refused("invalid_metadata_format")
        message["metadata"] = metadata
    space.channels[channel].append(message)
    return {"channel": channel, "ts": message["ts"], "message": message}


def chat_update(space, words):
    """Keeps ts and metadata; takes only what the bot itself wrote."""
    channel = _channel(space, words)
    message = space.find(channel, words["ts"])
    if message is None:
        raise Refused("message_not_found")
    if message["user"] != BOT:
        raise Refused("cant_update_message")
    _judge(space, words)
    message |= {"text": words["text"], "blocks": words["blocks"], "edited": True}
    return {"channel": channel, "ts": message["ts"], "text": message["text"]}


def chat_post_ephemeral(space, words):
    channel = _channel(space, words)
    if words["user"] not in space.people:
        raise Refused("user_not_in_channel")
    space.ephemeral.append((channel, words["user"], words["text"]))
    return {"message_ts": space.now()}


def conversations_history(space, words):
    """Newest first, in pages, without the answers in threads."""
    channel = _channel(space, words)
    found = [m for m in space.heads(channel) if float(m["ts"]) >= float(words.get("oldest", 0))]
    return _page(list(reversed(found)), words)


def conversations_replies(space, words):
    """The message itself, then its answers."""
    channel = _channel(space, words)
    head = space.find(channel, words["ts"])
    if head is None:
        raise Refused("thread_not_found")
    return _page([head, *space.thread(head, channel)], words)


def users_info(space, words):
    person = space.people.get(words.get("user"))
    if person is None:
        raise Refused("user_not_found")
    seen = dict(person)
    if "users:read.email" not in space.scopes:
        seen["profile"] = {k: v for k, v in person["profile"].items() if k != "email"}
    return {"user": seen}


def views_open(space, words):
    if words["trigger_id"] not in space.triggers:
        raise Refused("expired_trigger_id")
    space.triggers.discard(words["trigger_id"])
    view = words["view"]
    if faults := faults_of_view(view):
        raise Refused("invalid_arguments", response_metadata={"messages": faults})
    space.views.append(view)
    return {"view": {"id": f"V{len(space.views)}"}}


def files_get_upload_url(space, words):
    file = f"F{len(space.files)}"
    space.files[file] = {"name": words["filename"], "length": int(words["length"]), "done": False}
    return {"upload_url": f"{space.url}upload/{file}", "file_id": file}


def files_complete_upload(space, words):
    files = json.loads(words["files"]) if isinstance(words["files"], str) else words["files"]
    for each in files:
        space.files[each["id"]]["done"] = True
    return {"files": files}


METHODS = {
    "auth.test": auth_test,
    "chat.postMessage": chat_post_message,
    "chat.update": chat_update,
    "chat.postEphemeral": chat_post_ephemeral,
    "conversations.history": conversations_history,
    "conversations.replies": conversations_replies,
    "users.info": users_info,
    "views.open": views_open,
    "files.getUploadURLExternal": files_get_upload_url,
    "files.completeUploadExternal": files_complete_upload,
}


def _channel(space, words):
    channel = words["channel"]
    if channel not in space.channels:
        raise Refused("channel_not_found")
    if channel in space.archived:
        raise Refused("is_archived")
    return channel


def _judge(space, words):
    shown = {file for file, held in space.files.items() if held["done"] and space.ready}
    if faults := faults_of(words, shown):
        raise Refused("invalid_blocks", response_metadata={"messages": faults})


def _page(messages, words):
    start, limit = int(words.get("cursor") or 0), int(words["limit"])
    shown = messages[start : start + limit]
    if str(words.get("include_all_metadata", "")).lower() not in {"true", "1"}:
        shown = [{k: v for k, v in each.items() if k != "metadata"} for each in shown]
    after = str(start + limit) if start + limit < len(messages) else ""
    return {"messages": shown, "response_metadata": {"next_cursor": after}}
