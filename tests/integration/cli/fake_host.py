"""A host that says what the test wants: HTTPS with a throw-away certificate; what it is asked is written down.

Documents and requests are held against api/openapi.yaml, so that neither side of a test can drift away from it.
"""
import http.server
import json
import os
import shutil
import socket
import ssl
import subprocess
import tempfile
import threading

import contract

TOKEN = "test-token-0123456789abcdefghijklmnopqrstuv"
DEADLINE_S = 20


def openssl(*words):
    subprocess.run(["openssl", *words], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=DEADLINE_S)


def make_certificate(folder, names="IP:127.0.0.1,DNS:localhost", authority=None, use="basicConstraints=critical,CA:FALSE",
                     name="certificate"):
    """certificate.pem and key.pem in the folder: signed by itself, or by an authority."""
    certificate, key = (os.path.join(folder, file) for file in (f"{name}.pem", "key.pem" if name == "certificate" else
                                                                f"{name}-key.pem"))
    openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
            "-subj", f"/CN={name}", "-addext", f"subjectAltName={names}", "-addext", use,
            *(["-CA", authority[0], "-CAkey", authority[1]] if authority else []), "-keyout", key, "-out", certificate)
    return certificate, key


def make_authority(folder):
    return make_certificate(folder, names="DNS:authority", use="basicConstraints=critical,CA:TRUE", name="authority")


class Answer:
    """`body`: a document, or bytes as they are. `size`: what Content-Length says, when that is a lie."""

    def __init__(self, body=None, status=200, kind="application/json", size=None, checked=True):
        self.body, self.status, self.kind, self.size, self.checked = body, status, kind, size, checked


def problem(status, detail, **members):
    return Answer({"type": "about:blank", "title": "Fault", "status": status, "detail": detail, **members}, status,
                  "application/problem+json")


class Asked:
    def __init__(self, method, path, headers, body):
        self.method, self.path, self.headers, self.body = method, path, headers, body


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def handle_error(self, request, client_address):
        pass  # a client that goes away in the middle is what some tests are about


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = DEADLINE_S

    def setup(self):
        self.request.do_handshake()
        super().setup()

    def log_message(self, *arguments):
        pass

    def handle_any(self):
        host = self.server.host
        size = int(self.headers.get("Content-Length") or 0)
        text = self.rfile.read(size)
        path = self.path.removeprefix("/api/v1")
        body = json.loads(text) if text else None
        asked = Asked(self.command, path, dict(self.headers), body)
        host.asked.append(asked)
        try:
            contract.check_request(self.command, path, body)
        except Exception as error:  # noqa: BLE001 - told at the end of the test
            if not host.lenient:
                host.faults.append(f"request {self.command} {path}: {str(error)[:300]}")
        answer = host.answer(asked)
        if callable(answer):
            answer(self)
            self.close_connection = True
        else:
            self.send(answer, path)

    do_GET = do_PUT = do_POST = do_PATCH = do_DELETE = handle_any

    def send(self, answer, path):
        host = self.server.host
        if isinstance(answer.body, bytes):
            text = answer.body
        else:
            text = json.dumps(answer.body, ensure_ascii=False).encode() if answer.body is not None else b""
            if answer.checked:
                try:
                    contract.check_answer(self.command, path, answer.status, answer.body)
                except Exception as error:  # noqa: BLE001
                    host.faults.append(f"answer {self.command} {path}: {str(error)[:300]}")
        self.send_response(answer.status)
        if text or answer.size:
            self.send_header("Content-Type", answer.kind)
            self.send_header("Content-Length", str(answer.size if answer.size is not None else len(text)))
        elif answer.status != 204:
            self.send_header("Content-Length", "0")
        self.end_headers()
        self.wfile.write(text)
        if answer.size is not None:
            self.close_connection = True

    def begin_events(self):
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Connection", "close")
        self.end_headers()

    def event(self, topic, document, identity="run-1"):
        self.wfile.write(f"event: {topic}\nid: {identity}\ndata: {json.dumps(document)}\n\n".encode())
        self.wfile.flush()


class FakeHost:
    """`routes`: (method, path) -> Answer, a list of them that are given in turn, or a function of the request."""

    def __init__(self, routes, token=TOKEN):
        self.folder = tempfile.mkdtemp(prefix="lodge-cli-")
        self.state = os.path.join(self.folder, "state")
        os.mkdir(self.state, 0o700)
        certificate, key = make_certificate(self.state)
        with open(os.path.join(self.state, "admin-token"), "w") as file:
            file.write(token + "\n")
        os.chmod(os.path.join(self.state, "admin-token"), 0o600)
        self.routes, self.asked, self.faults, self.lenient = dict(routes), [], [], False
        self.over = threading.Event()
        context = self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        self.server = Server(("127.0.0.1", 0), Handler)
        self.server.host = self
        # The handshake is the connection's own thread's: one that hangs does not hold up the others.
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True, do_handshake_on_connect=False)
        self.port = self.server.server_address[1]
        self.url = f"https://127.0.0.1:{self.port}"
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        self.thread.start()

    def use_certificate(self, folder, name="certificate.pem", key="key.pem"):
        """For connections from now on."""
        self.context.load_cert_chain(os.path.join(folder, name), os.path.join(folder, key))

    def answer(self, asked):
        """Anything but one of the routes needs the token."""
        route = self.routes.get((asked.method, asked.path))
        if asked.headers.get("Authorization") != f"Bearer {TOKEN}" and asked.path != "/summary":
            return problem(401, "this needs the admin token")
        if isinstance(route, list):
            route = route.pop(0) if len(route) > 1 else route[0]
        if callable(route):
            return route(asked)
        return route or problem(404, "there is no such route")

    def hang(self, handler):
        """Says nothing until the test is over."""
        self.over.wait(DEADLINE_S)

    def of(self, method, path):
        return [asked for asked in self.asked if (asked.method, asked.path) == (method, path)]

    def close(self):
        self.over.set()
        self.server.shutdown()
        self.server.server_close()
        self.thread.join(DEADLINE_S)
        shutil.rmtree(self.folder, ignore_errors=True)
        if self.faults:
            raise AssertionError("against the contract: " + "; ".join(self.faults))


def dead_port():
    """A port of this machine that nobody listens on."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]
