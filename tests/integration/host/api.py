"""The management API of a host under test."""
import json
import os
import ssl
import urllib.error
import urllib.request

from host import wait_for


class Refused(Exception):
    def __init__(self, status, problem):
        super().__init__(f"{status}: {json.dumps(problem)}")
        self.status = status
        self.problem = problem


class Api:
    def __init__(self, host):
        self.host = host
        self.url = host.url + "api/v1/"
        self.context = ssl.create_default_context(cafile=os.path.join(host.state, "certificate.pem"))
        self.context.check_hostname = False

    def token(self):
        with open(os.path.join(self.host.state, "admin-token")) as file:
            return file.read().strip()

    def ask(self, method, path, body=None):
        request = urllib.request.Request(self.url + path, method=method)
        request.add_header("Authorization", "Bearer " + self.token())
        if body is not None:
            request.add_header("Content-Type", "application/json")
            request.data = json.dumps(body).encode()
        try:
            with urllib.request.urlopen(request, context=self.context, timeout=15) as answer:
                text = answer.read()
                kind = answer.headers.get("Content-Type") or ""
        except urllib.error.HTTPError as error:
            raise Refused(error.code, json.loads(error.read() or b"{}")) from None
        return json.loads(text) if kind.startswith("application/json") else text.decode()

    def get(self, path):
        return self.ask("GET", path)

    def put(self, path, body):
        return self.ask("PUT", path, body)

    def post(self, path, body):
        return self.ask("POST", path, body)

    def displays(self):
        return self.get("display/state")["displays"]

    def display(self, label, state=None, slot=None):
        """The display of the client with this label, in this state; waits for it."""
        def find():
            for display in self.displays():
                if display["label"] == label and (state is None or display["state"] == state) and \
                        (slot is None or display["slot"] == slot):
                    return display
            return None
        return wait_for(f"a display of {label} that is {state or 'there'}", find)

    def nothing(self, label, deadline_s=20):
        wait_for(f"the end of {label}'s display",
                 lambda: not [one for one in self.displays() if one["label"] == label], deadline_s)
