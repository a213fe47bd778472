#!/usr/bin/env python3
"""Writes the seeds of the fuzz targets to tests/fuzz/corpus: one of everything, and its likely mistakes.

Packs the messages by docs/protocol.md itself, without the codecs that the seeds test. Its output is committed;
inputs that a fuzzer found (named otherwise) are left alone.
"""
import json
import os
import struct

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "corpus")
KEY = b"\x04" + bytes(range(64))
SIGNATURE = bytes(range(64, 128))
NONCE = bytes(range(200, 232))


def write(target, name, data):
    folder = os.path.join(ROOT, target)
    os.makedirs(folder, exist_ok=True)
    with open(os.path.join(folder, name), "wb") as file:
        file.write(data)


def text(value):
    data = value if isinstance(value, bytes) else value.encode()
    return struct.pack("<H", len(data)) + data


def mode(width=1280, height=720, refresh=60000, scale=100):
    return struct.pack("<HHIH", width, height, refresh, scale)


def client_messages():
    attach = struct.pack("<H", 1) + KEY + SIGNATURE
    yield "authenticate", b"\x01" + attach + text("laptop")
    yield "authenticate-label-empty", b"\x01" + attach + text("")
    yield "authenticate-label-long", b"\x01" + attach + text("x" * 65)
    yield "authenticate-compressed-point", b"\x01\x01\x00\x02" + KEY[1:] + SIGNATURE + text("x")
    yield "pair", b"\x02" + attach + text("123456") + text("Bürorechner")
    yield "pair-pin-empty", b"\x02" + attach + text("") + text("x")
    yield "pair-pin-no-utf8", b"\x02" + attach + text(b"\xff") + text("x")
    yield "pair-cut", (b"\x02" + attach + text("123456") + text("x"))[:-1]
    yield "open-display", b"\x03\x00" + mode()
    yield "open-display-absurd", b"\x03\xff" + mode(65535, 0, 0xFFFFFFFF, 65535)
    yield "set-mode", b"\x04\x01" + mode(2560, 1440, 143999, 150)
    yield "close-display", b"\x05\x00\x00"
    yield "close-display-quit", b"\x05\x00\x01"
    yield "close-display-flags", b"\x05\x00\x80"
    yield "request-keyframe", b"\x06\x00"
    yield "acknowledge", b"\x07\x00" + struct.pack("<I", 123456)
    yield "ping", b"\x08" + struct.pack("<Q", 1 << 60)
    yield "set-stream", b"\x09\x00" + struct.pack("<II", 8000, 30000)
    yield "key", b"\x10\x1e\x00\x01"
    yield "key-pressed-2", b"\x10\x1e\x00\x02"
    yield "pointer-absolute", b"\x11\x00" + struct.pack("<HH", 640, 360)
    yield "pointer-relative", b"\x12\x00" + struct.pack("<ii", -256, 512)
    yield "pointer-button", b"\x13\x00" + struct.pack("<HB", 0x110, 1)
    yield "pointer-button-low", b"\x13\x00" + struct.pack("<HB", 0x10F, 1)
    yield "pointer-axis", b"\x14\x00\x00" + struct.pack("<ii", 15 * 256, 120)
    yield "pointer-axis-2", b"\x14\x00\x02" + struct.pack("<ii", 0, 0)
    yield "release-all", b"\x15"
    yield "release-all-long", b"\x15\x00"
    yield "text", b"\x16" + text("añ€😀")
    yield "text-longest", b"\x16" + text("t" * 4096)
    yield "text-too-long", b"\x16" + text("t" * 4097)
    yield "text-surrogate", b"\x16" + text(b"\xed\xa0\x80")
    yield "text-nul", b"\x16" + text(b"a\0b")
    yield "text-size-lies", b"\x16\xff\xff" + b"abc"
    yield "listen", b"\x18\x01\x02" + struct.pack("<I", 128)
    yield "listen-channels-4", b"\x18\x01\x04" + bytes(4)
    yield "microphone", b"\x19" + struct.pack("<I", 1) + b"\xfc" + bytes(60)
    yield "microphone-off", b"\x19" + struct.pack("<I", 2)
    yield "microphone-too-long", b"\x19" + struct.pack("<I", 3) + bytes(1276)
    yield "gamepad", b"\x1a\x00" + struct.pack("<I4h2H", 0x1FFFF, -32768, 32767, 0, 1, 65535, 0)
    yield "gamepad-buttons", b"\x1a\x00" + struct.pack("<I4h2H", 0x20000, 0, 0, 0, 0, 0, 0)
    yield "gamepad-plug", b"\x1b\x03\x01\x02" + text("Wireless Controller")
    yield "gamepad-plug-pad-4", b"\x1b\x04\x01\x02" + text("")
    yield "open-app", b"\x1c\x00" + mode() + text("game")
    yield "open-app-nothing", b"\x1c\x00" + mode() + text("")
    yield "get-icon", b"\x1d" + text("game")
    yield "get-icon-empty", b"\x1d" + text("")
    yield "unknown-type", b"\x0a\x00"
    yield "empty", b""


def host_messages():
    yield "challenge", b"\x81\x01\x00" + NONCE + b"\x03" + text("host")
    yield "welcome", b"\x82" + struct.pack("<I", 7) + NONCE + text("laptop") + struct.pack("<I", 7)
    yield "welcome-label-empty", b"\x82" + struct.pack("<I", 7) + NONCE + text("") + bytes(4)
    yield "refused", b"\x83\x04\x00" + text("the PIN is wrong")
    yield "refused-no-utf8", b"\x83\x04\x00" + text(b"\xc0\xaf")
    yield "display-opened", b"\x84\x00\x01" + struct.pack("<I", 3) + mode() + b"\x01"
    yield "display-opened-cut", b"\x84\x00\x01" + struct.pack("<I", 3) + mode()
    yield "display-declined", b"\x85\x00\x01\x00" + text("the mode's width is too large")
    yield "stream-config", b"\x86\x00" + struct.pack("<HH", 1280, 720) + text("avc1.42e01f")
    yield "frame-is-read-elsewhere", b"\x87" + bytes(23)
    yield "pong", b"\x88" + struct.pack("<QQ", 1, 2)
    yield "ended", b"\x89\x05\x00" + text("the host is shutting down")
    yield "notice", b"\x8a\x01\x00" + text("")
    head = b"OpusHead\x01\x02" + struct.pack("<HIhB", 312, 48000, 0, 0)
    config = b"\x8f\x02" + struct.pack("<HI", 50, 48000) + text("opus")
    yield "audio-config", config + text(head)
    yield "audio-config-head-short", config + text(head[:-1])
    yield "audio", b"\x90" + struct.pack("<IQ", 7, 10**12) + b"\xfc" + bytes(100)
    yield "audio-empty", b"\x90" + struct.pack("<IQ", 7, 10**12)
    yield "rumble", b"\x91\x00" + struct.pack("<3H", 65535, 1, 500)
    apps = text("game") + text("Space Game") + b"\x03" + text("term") + text("Terminal") + b"\x04"
    yield "apps", b"\x92\x02\x00" + apps
    yield "apps-none", b"\x92\x00\x00"
    yield "apps-count-lies", b"\x92\x03\x00" + apps
    yield "apps-id-empty", b"\x92\x01\x00" + text("") + text("x") + b"\x00"
    yield "sound", b"\x93\x0f" + text("")
    yield "app", b"\x94\x05" + text("game")
    yield "icon", b"\x95\x01" + text("game") + b"abc"
    yield "icon-format-none", b"\x95\x04" + text("game")
    yield "unknown-type", b"\x9f"


def frame(rects=(), tiles=(), video=b"", flags=0, reserved=0, sequence=1):
    """tiles: (x, y, width, height, format, payload)"""
    data = struct.pack("<BBBBIQHHI", 0x87, 0, flags, reserved, sequence, 10**12, len(rects),
                       len(tiles), len(video))
    data += b"".join(struct.pack("<4H", *rect) for rect in rects)
    data += b"".join(struct.pack("<4HBI", *tile[:5], len(tile[5])) for tile in tiles)
    return data + b"".join(tile[5] for tile in tiles) + video


def frames():
    solid = (0, 0, 64, 64, 1, b"\x10\x20\x30\x00")
    png = (64, 0, 64, 64, 0, b"\x89PNG\r\n\x1a\n")
    whole = (0, 0, 1280, 720)
    unit = b"\x00\x00\x00\x01\x65\x88\x84"
    yield "nothing", frame()
    yield "keyframe", frame([whole], video=unit, flags=1)
    yield "tiles", frame(tiles=[solid, png])
    yield "refinement", frame(tiles=[png, png, png], flags=2)
    yield "both", frame([(0, 0, 16, 16), (32, 32, 8, 8)], [solid, png], unit)
    yield "largest", frame([(0, 0, 16384, 16384), (16383, 16383, 1, 1)])
    yield "beyond", frame([(1, 0, 16384, 1)])
    yield "empty-rect", frame([(0, 0, 0, 1)])
    yield "tile-empty", frame(tiles=[(0, 0, 1, 0, 1, b"\0\0\0\0")])
    yield "tile-format", frame(tiles=[(0, 0, 1, 1, 2, b"\0\0\0\0")])
    yield "solid-of-3-bytes", frame(tiles=[(0, 0, 1, 1, 1, b"\0\0\0")])
    yield "flags", frame(flags=4)
    yield "reserved", frame(reserved=1)
    yield "cut-header", frame()[:-1]
    yield "cut-video", frame([whole], video=unit)[:-1]
    yield "a-byte-more", frame([whole], [solid], unit) + b"\0"
    many = bytearray(frame([whole]))
    many[16:18] = b"\xff\xff"
    yield "too-many-rects", bytes(many)
    wrap = bytearray(frame(tiles=[png, solid]))
    wrap[24 + 9:24 + 13] = b"\xff\xff\xff\xff"
    yield "tile-size-wraps", bytes(wrap)
    yield "other-type", b"\x88" + frame()[1:]
    yield "empty", b""


def client_list(*entries, version=1, **more):
    return json.dumps({"version": version, "clients": list(entries), **more}).encode()


def client_lists():
    def entry(label="laptop", fill=1, **other):
        return {"label": label, "key": "04" + f"{fill:02x}" * 64, "paired_at": 1700000000, **other}

    yield "nobody", client_list()
    yield "one", client_list(entry())
    yield "three", client_list(entry(), entry("Büro 😀", 2), entry("\u0001\"\\", 3))
    yield "twice", client_list(entry(), entry("again"))
    yield "label-empty", client_list(entry(""))
    yield "label-long", client_list(entry("x" * 65))
    yield "label-nul", client_list(entry("a\0b"))
    yield "label-missing", client_list({"key": "04", "paired_at": 1})
    yield "key-short", client_list(entry(key="04"))
    yield "key-compressed", client_list(entry(key="02" + "01" * 64))
    yield "key-no-digits", client_list(entry(key="04" + "zz" * 64))
    yield "paired-at-negative", client_list(entry(paired_at=-1))
    yield "paired-at-huge", client_list(entry(paired_at=2**63 - 1))
    yield "paired-at-too-huge", client_list(entry(paired_at=2**64))
    yield "paired-at-real", client_list(entry(paired_at=1e308))
    yield "field-unknown", client_list(entry(admin=True))
    yield "entry-null", client_list(None, entry())
    yield "version-2", client_list(version=2)
    yield "member-unknown", client_list(more=1)
    yield "member-twice", b'{"version":1,"version":1,"clients":[]}'
    yield "cut", client_list(entry())[:-5]
    yield "no-utf8", b'{"version":1,"clients":[{"label":"\xff"}]}'
    yield "lone-surrogate", b'{"version":1,"clients":[{"label":"\\ud800"}]}'
    yield "deep", b"[" * 3000
    yield "no-json", b"clients"
    yield "empty", b""


UPGRADE = (b"GET /session HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
           b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
           b"Sec-WebSocket-Protocol: lodge.v1\r\n")


def web_frame(first, payload=b"", mask=b"\1\2\3\4", length=None):
    size = len(payload)
    if length is None:
        length = bytes([size]) if size < 126 else struct.pack(">BH", 126, size)
    masked = bytes(byte ^ mask[i % 4] for i, byte in enumerate(payload)) if mask else payload
    return bytes([first, length[0] | (0x80 if mask else 0)]) + length[1:] + mask + masked


def web_bytes():
    def http(text, piece=0):
        return bytes([piece, 0]) + text

    def frames(*parts, piece=0):
        return bytes([piece, 1]) + b"".join(parts)

    host = b"Host: localhost\r\n"
    yield "page", http(b"GET / HTTP/1.1\r\n" + host + b"\r\n")
    yield "page-by-bytes", http(b"GET /?query HTTP/1.1\r\n" + host + b"If-None-Match: *\r\n\r\n", 1)
    yield "pipelined", http((b"HEAD /healthz HTTP/1.1\r\n" + host + b"\r\n") * 3, 7)
    yield "missing", http(b"GET /missing HTTP/1.1\r\n" + host + b"Connection: close\r\n\r\nmore")
    yield "method", http(b"DELETE / HTTP/1.1\r\n" + host + b"\r\n")
    yield "body", http(b"POST / HTTP/1.1\r\n" + host + b"Content-Length: 3\r\n\r\nabcGET / HTTP/1.1\r\n")
    yield "chunked", http(b"POST / HTTP/1.1\r\n" + host + b"Transfer-Encoding: chunked\r\n\r\n"
                          b"3;x=y\r\nabc\r\n0\r\nTrailer: t\r\n\r\n", 5)
    yield "body-huge", http(b"POST / HTTP/1.1\r\n" + host + b"Content-Length: 99999999999\r\n\r\n")
    yield "length-and-chunked", http(b"POST / HTTP/1.1\r\n" + host + b"Content-Length: 1\r\n"
                                     b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n")
    yield "folded", http(b"GET / HTTP/1.1\r\n" + host + b"X: a\r\n  b\r\n\r\n")
    yield "no-host", http(b"GET / HTTP/1.1\r\n\r\n")
    yield "version-1.0", http(b"GET / HTTP/1.0\r\n" + host + b"\r\n")
    yield "preface-h2", http(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
    yield "upgrade", http(UPGRADE + b"Origin: https://localhost\r\n\r\n" + web_frame(0x82, b"hi"))
    yield "upgrade-by-bytes", http(UPGRADE + b"\r\n" + web_frame(0x82, b"hi"), 1)
    yield "upgrade-foreign", http(UPGRADE + b"Origin: https://elsewhere.test\r\n\r\n")
    yield "upgrade-version", http(UPGRADE.replace(b"13", b"12") + b"\r\n")
    yield "upgrade-protocol", http(UPGRADE.replace(b"lodge", b"other") + b"\r\n")
    yield "upgrade-key", http(UPGRADE.replace(b"dGhl", b"====") + b"\r\n")
    yield "message", frames(web_frame(0x82, b"hello"), web_frame(0x82))
    yield "message-longest", frames(web_frame(0x82, bytes(4112)), piece=255)
    yield "message-too-long", frames(web_frame(0x82, bytes(4113)))
    yield "message-huge", frames(web_frame(0x82, b"x", length=b"\x7f" + b"\x7f" + b"\xff" * 7))
    yield "fragments", frames(web_frame(0x02, b"a"), web_frame(0x89, b"p"), web_frame(0x00), web_frame(0x80, b"b"),
                              piece=3)
    yield "message-in-message", frames(web_frame(0x02, b"a"), web_frame(0x82, b"b"))
    yield "continuation-alone", frames(web_frame(0x80, b"a"))
    yield "session-closes", frames(web_frame(0x82, b"C"), web_frame(0x82, b"x"), web_frame(0x88, b"\x03\xe8"))
    yield "close", frames(web_frame(0x88, b"\x03\xe9bye"))
    yield "close-empty", frames(web_frame(0x88))
    yield "close-half-code", frames(web_frame(0x88, b"\x03"))
    yield "close-no-utf8", frames(web_frame(0x88, b"\x03\xe8\xc3\x28"))
    yield "pong", frames(web_frame(0x8a, b"x" * 125))
    yield "ping-long", frames(web_frame(0x89, bytes(126)))
    yield "text", frames(web_frame(0x81, b"text"))
    yield "unmasked", frames(web_frame(0x82, b"x", mask=b""))
    yield "reserved-opcode", frames(web_frame(0x83, b"x"))
    yield "reserved-bit", frames(web_frame(0xc2, b"x"))
    yield "length-wide", frames(web_frame(0x82, b"x", length=b"\x7e\0\1"))


def event_streams():
    """The first byte: in pieces of how many bytes the rest comes."""
    yield "event", b"\x01event: displays\nid: run-1\ndata: {\"displays\":[]}\n\n:\n\n"
    yield "line-ends", b"\x03data: a\r\ndata\rdata:  b\n\r\nretry: 250\n\r"
    yield "ids", b"\x02\xef\xbb\xbfid: 1\ndata\n\nid\ndata: x\n\nid: a\0b\n\n"


def main():
    for target, seeds in (("client-list", client_lists()), ("wire-client", client_messages()),
                          ("wire-host", host_messages()), ("wire-frame", frames()),
                          ("web-connection", web_bytes()), ("sse", event_streams())):
        for name, data in seeds:
            write(target, name, data)


main()
