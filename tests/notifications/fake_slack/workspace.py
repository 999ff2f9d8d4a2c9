"""The state of a workspace at the fake Slack: channels, messages, people, files, and what it may refuse."""

import threading
from dataclasses import dataclass, field

TOKEN = "xoxb-a-token-that-nobody-may-see"
TEAM, BOT = "T0OURS", "U0GATE"
SCOPES = frozenset({
    "chat:write", "files:write", "users:read", "users:read.email", "channels:history", "groups:history",
})  # fmt: skip
NEEDED = {
    "chat.postMessage": "chat:write",
    "chat.update": "chat:write",
    "chat.postEphemeral": "chat:write",
    "conversations.history": "channels:history",
    "conversations.replies": "channels:history",
    "users.info": "users:read",
    "files.getUploadURLExternal": "files:write",
    "files.completeUploadExternal": "files:write",
}


@dataclass
class Workspace:
    """`moods` are answers that wait to be given instead: (method, kind), each given once, or for ever."""

    scopes: set = field(default_factory=lambda: set(SCOPES))
    channels: dict = field(default_factory=lambda: {"C0REVIEWS": [], "C0OTHER": []})
    archived: set = field(default_factory=set)
    people: dict = field(default_factory=dict)
    files: dict = field(default_factory=dict)
    ready: bool = True
    """Whether what is uploaded can be shown at once."""
    ephemeral: list = field(default_factory=list)
    views: list = field(default_factory=list)
    triggers: set = field(default_factory=set)
    responses: dict = field(default_factory=dict)
    """By response URL's path: how often it may still be used; 0 once it has expired."""
    calls: list = field(default_factory=list)
    moods: list = field(default_factory=list)
    always: dict = field(default_factory=dict)
    clock: int = 1_700_000_000
    lock: threading.RLock = field(default_factory=threading.RLock)

    def now(self):
        self.clock += 1
        return f"{self.clock}.{self.clock % 1_000_000:06d}"

    def heads(self, channel="C0REVIEWS"):
        """The messages of a channel itself, oldest first."""
        return [each for each in self.channels[channel] if each.get("thread_ts", each["ts"]) == each["ts"]]

    def thread(self, head, channel="C0REVIEWS"):
        """The answers below a message."""
        return [m for m in self.channels[channel] if m.get("thread_ts") == head["ts"] and m is not head]

    def find(self, channel, ts):
        return next((each for each in self.channels.get(channel, ()) if each["ts"] == ts), None)

    def add_person(self, user, email="", **more):
        profile = {"email": email} if email else {}
        said = {"id": user, "team_id": TEAM, "deleted": False, "is_bot": False, "profile": profile}
        self.people[user] = said | {"is_email_confirmed": True} | more

    def called(self, method):
        return [words for name, words in self.calls if name == method]
