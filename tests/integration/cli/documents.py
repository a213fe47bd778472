"""Documents as a host sends them (api/openapi.yaml)."""

LAPTOP = "3f2a91c0" + "ab" * 28
TABLET = "3f2b77d1" + "cd" * 28
PHONE = "90ee11aa" + "ef" * 28


FULL = {"preset": "full", "planes": ["pointer", "keyboard", "gamepad", "clipboard", "microphone", "launch"]}


def mode(width, height, hz=60, scale=100):
    return {"width": width, "height": height, "refresh_hz": hz, "scale_percent": scale}


def place(x, y, width, height):
    return {"x": x, "y": y, "width": width, "height": height}


def display(slot, state, label, client, size=(1920, 1080), at=(0, 0), sessions=(), expires=None, **more):
    return {"slot": slot, "generation": slot, "state": state, "label": label, "client": client,
            "output": f"HEADLESS-{slot}", "mode": mode(*size), "place": place(*at, *size), "kept_scale_percent": None,
            "pinned": False, "sessions": list(sessions), "expires_in": expires, **more}


def state(displays=None, applied="extend", wanted="extend", ready=True):
    if displays is None:
        displays = [display(1, "active", "laptop", LAPTOP, sessions=[3, 5]),
                    display(2, "lingering", "Büro", TABLET, (1280, 720), (1920, 0), expires=250.4)]
    return {"desktop": {"backend": "sway", "ready": ready, "topology": {"wanted": wanted, "applied": applied}},
            "displays": displays, "max_displays": 4, "next": place(3200, 0, 1920, 1080),
            "own_desktops": [],
            "outputs": [{"name": "DP-1", "enabled": True, "mode": mode(2560, 1440), "place": place(-2560, 0, 2560, 1440)},
                        {"name": "HDMI-A-1", "enabled": False, "mode": mode(1920, 1080), "place": place(0, 0, 0, 0)}]}


FIELDS = {"keep_alive": {"mode": "duration", "seconds": 10}, "topology": "auto", "mode_conflict": "separate",
          "identity": "per-client", "layout": {"mode": "auto-row"}}
PRESETS = [{"name": "default", "builtin": True, **FIELDS},
           {"name": "hotdesk", "builtin": True, **FIELDS, "keep_alive": {"mode": "duration", "seconds": 300},
            "topology": "exclusive", "mode_conflict": "reject", "identity": "per-client-mode"},
           {"name": "mine", "builtin": False, **FIELDS, "keep_alive": {"mode": "forever"}}]


def settings(document=None, preset="default", source="default", **effective):
    ruling = next((one for one in PRESETS if one["name"] == preset), FIELDS)
    values = {"preset": preset, **{name: ruling[name] for name in FIELDS}, "max_displays": 4, "desktop": "shared",
              "confinement": {"mode": "off"},
              "presence": {"enabled": False}, "control": "free", "input": "shared", **effective}
    return {"revision": 7, "document": document or {"version": 1}, "effective": values,
            "sources": {name: source for name in values}, "presets": PRESETS,
            "capabilities": [{"option": "keep", "supported": True},
                             {"option": "exclusive", "supported": False, "fallback": "extend",
                              "reason": "sway-cannot-disable", "text": "This sway cannot turn outputs off."}]}


def client(fingerprint, label, sessions=(), slots=(), **overrides):
    return {"fingerprint": fingerprint, "label": label, "paired_at": 1767225600, "overrides": overrides,
            "sessions": list(sessions), "slots": list(slots), "user": "", "grants": FULL, "temporary_grants": None}


CLIENTS = {"clients": [client(LAPTOP, "laptop", [3, 5], [1]),
                       client(TABLET, "Büro", slots=[2], topology="extend", keep_alive={"mode": "duration", "seconds": 300}),
                       client(PHONE, "phone \x1b[31m\u202e画面")]}

BROWSER = {"id": "browser", "name": "Web \u202ebrowser", "command": ["firefox", "--kiosk", "it's", ""], "desktop": "isolated",
           "environment": {"LANG": "C"}, "mode": {"width": 1920, "height": 1080, "refresh_hz": 59.94}}
TERMINAL = {"id": "terminal", "name": "Terminal", "command": ["foot"], "desktop": "shared"}
APPS = {"version": 1, "apps": [BROWSER, TERMINAL]}

VIEW = {"preset": "view", "planes": []}

SESSIONS = {"sessions": [
    {"session": 3, "label": "laptop", "client": LAPTOP, "transport": "websocket", "peer": "192.0.2.7", "since": 75.2,
     "slot": 1, "joined": False, "mode": mode(1920, 1080, 59.94, 150), "dropped": 4, "grants": FULL, "guest": False},
    {"session": 5, "label": "guest", "client": None, "transport": "websocket", "peer": "192.0.2.9", "since": 3,
     "slot": 1, "joined": True, "mode": None, "dropped": 0, "grants": VIEW, "guest": True}]}

SUMMARY = {"version": "0.1.0", "uptime": 93784, "sessions": 2, "displays": 2, "kept": 1, "pairing_requests": 1}


def pairing(pin=None, requests=()):
    return {"armed": pin is not None, "pin": pin, "expires_in": 600 if pin else None, "requests": list(requests)}


EXPLANATION = {
    "decision": "steal", "rejection": None, "slot": 3, "mode": mode(1280, 720), "place": place(0, 0, 1280, 720),
    "topology": "extend", "policy": settings()["effective"], "joins": None, "ends": ["laptop"], "closes": [2],
    "reasons": [{"rule": 3, "code": "other-live", "text": "Another client is live.", "slot": 1},
                {"rule": 4, "code": "steal", "text": "The policy takes its display away.", "slot": None}],
    "text": "It would take the display of laptop."}


def person(number, name, state, sessions, transports=("browser",), view_only=False, since=75.2):
    return {"person": number, "name": name, "state": state, "transports": list(transports), "view_only": view_only,
            "sessions": list(sessions), "since": since}


PRESENCE = {"enabled": True, "people": [person(1, "Ada", "controlling", [3, 8], ["browser", "native"]),
                                        person(2, "gu\x1bst", "watching", [5], view_only=True, since=3)]}
NO_PRESENCE = {"enabled": False, "people": []}


def control(holder=None, line=(), away=None, mode="one-at-a-time"):
    return {"mode": mode, "holder": holder, "away_for": away,
            "line": [{"session": session, "asks_for": asks} for session, asks in line]}


def invitation(identity, label="", state="good", uses=1, stay=None, guests=0, grants=VIEW, **more):
    return {"id": identity, "label": label, "grants": grants, "uses_left": uses, "expires_in": 3599.5, "stay": stay,
            "state": state, "guests": guests, **more}


INVITATIONS = {"invitations": [invitation("00aabbccddeeff00", "Film night", uses=3, stay=7200, grants={
    "preset": "custom", "planes": ["pointer", "keyboard"]}), invitation("00aa11ccddeeff00", state="used-up", uses=0, guests=1)]}
INVITATION = invitation("22aabbccddeeff00", "Aunt", link="/?invite=22aabbccddeeff00", pin="01234567")
