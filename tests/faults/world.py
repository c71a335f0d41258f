"""What the fault programs share: a small service, a hub, an agent's root that is copied for each try, and the judgement.

Standard library only. Processes are ended by their id, and what a try starts is gone after it.
"""
import contextlib
import hashlib
import http.client
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "support"))
import tenon  # noqa: E402  pylint: disable=wrong-import-position
from tenon import run, until  # noqa: E402  pylint: disable=wrong-import-position

TENON = os.environ.get("TENON_PROGRAM", os.path.join(HERE, "..", "..", "build", "release", "bin", "tenon"))
TENON = os.path.abspath(TENON)
SERVICE = "tick"
NOISE = 300_000  # bytes that a cut can lose, another in each release
SHARED = 2_000_000  # bytes of every release: with them a package is large enough that an upgrade fetches only pieces of it

APP = """#!/usr/bin/env python3
import http.server, os
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        body = os.environ["SERVICE_VERSION"].encode()
        self.send_response(200); self.send_header("Content-Length", str(len(body))); self.end_headers(); self.wfile.write(body)
    def log_message(self, *args): pass
http.server.HTTPServer(("127.0.0.1", int(os.environ["SERVICE_PORT"])), Handler).serve_forever()
"""


# Ended from outside, it still ends what it has started.
signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))


def service_json(version, strategy):
    return json.dumps({
        "service_id": SERVICE, "version": version, "name": "Tick",
        "platforms": {"linux-x64": {"entrypoint": "app/serve", "exec": {"type": "argv", "program": "app/serve"}}},
        "health_check": {"type": "http", "endpoint": "/", "startup_grace_ms": 15000, "interval_ms": 1000},
        "env_schema": {}, "upgrade": {"strategy": strategy, "probation_ms": 50, "drain_ms": 10}})


class Hub:
    """Two releases in mode `root`: two roots wait to be published, and the hub signs its index."""

    def __init__(self, folder):
        self.folder, self.shared = folder, os.urandom(SHARED)
        os.makedirs(folder)
        for key in ("root", "index", "release"):
            run(TENON, "key", "gen", "--out", self.path(key))
        run(TENON, "trust", "create", self.path("roots"), "--root-key", self.path("root.pub"), "--index-key", self.path("index.pub"),
            "--release-key", self.path("release.pub"))
        run(TENON, "trust", "sign", self.path("roots/1.json"), "--key", self.path("root.key"))
        self.served = tenon.Hub(TENON, folder, "--index-key", self.path("index.key"))
        self.url = self.served.url
        try:
            self.publish_root(1)
        except BaseException:
            self.stop()
            raise

    def path(self, name):
        return os.path.join(self.folder, name)

    def publish_root(self, number):
        run(TENON, "trust", "publish", self.path(f"roots/{number}.json"), "--hub", self.url, "--token-file", self.served.token)

    def rotate(self):
        run(TENON, "trust", "rotate", self.path("roots"), "--revoke-release", f"{SERVICE}@0.0.1")
        run(TENON, "trust", "sign", self.path("roots/2.json"), "--key", self.path("root.key"))
        self.publish_root(2)

    def publish(self, version, sequence, strategy):
        folder = self.path(f"source-{version}")
        os.makedirs(os.path.join(folder, "app", "lib"))
        for name, text in (("service.json", service_json(version, strategy)), ("app/serve", APP), ("app/lib/same.txt", "the same\n" * 400),
                           ("app/lib/version.txt", version * 300)):
            with open(os.path.join(folder, name), "w") as file:
                file.write(text)
        for name, noise in (("noise.bin", os.urandom(NOISE)), ("shared.bin", self.shared)):
            with open(os.path.join(folder, "app", "lib", name), "wb") as file:
                file.write(noise)
        package = self.path(f"{version}.zip")
        run(TENON, "pack", folder, "-o", package, "--sequence", str(sequence), "--key", self.path("release.key"))
        self.served.publish(package)

    def stop(self):
        self.served.stop()


class Node:
    """An agent over one root."""

    def __init__(self, root, hub):
        self.root, self.hub, self.process = root, hub, None
        self.log = open(os.path.join(hub.folder, "agents.log"), "a")

    def tenon(self, *argv, check=False):
        return run(TENON, "--root", self.root, *argv, check=check, timeout=120)

    def start(self, environment=None):
        # What a killed agent leaves there names a socket that nobody answers on.
        run_json = os.path.join(self.root, "run", "agent.json")
        if os.path.exists(run_json):
            os.unlink(run_json)
        self.process = subprocess.Popen([TENON, "--root", self.root, "agent", "--hub", self.hub.url, "--trust", self.hub.path("roots/1.json")],
                                        stdout=self.log, stderr=self.log, stdin=subprocess.DEVNULL, env=environment)
        until(lambda: self.process.poll() is not None or (os.path.exists(run_json) and self.tenon("status").returncode == 0))
        if self.process.poll() is not None:
            raise RuntimeError("the agent does not start: " + open(self.log.name).read()[-2000:])

    def kill(self):
        if self.process and self.process.poll() is None:
            self.process.kill()
        if self.process:
            self.process.wait()

    def status(self):
        answer = self.tenon("-o", "json", "status")
        if answer.returncode != 0:
            return None
        for service in json.loads(answer.stdout)["services"]:
            if service["service_id"] == SERVICE:
                return service
        return {}

    def downloaded(self):
        """The bytes that this agent has got from the hub."""
        page = tenon.AgentApi(self.root).exchange("GET", "/metrics")[1].decode()
        return int(float(re.search(r"^tenon_download_bytes_total (\S+)$", page, re.MULTILINE)[1]))

    @contextlib.contextmanager
    def upgrading(self):
        """Around an undisturbed upgrade: it has to go by pieces, or the tries would never be cut on that way."""
        before = self.downloaded()
        yield
        got = self.downloaded() - before
        if not NOISE <= got < SHARED:
            raise RuntimeError(f"an upgrade got {got} bytes from the hub: not by pieces")

    def installed(self):
        return set(os.listdir(os.path.join(self.root, "services", SERVICE, "versions")))

    def serves(self):
        """The version that answers on the service's port, once it is ready; "" where there is no such service."""
        def settled():
            status = self.status()
            if status is None or self.process.poll() is not None:
                raise RuntimeError("the agent died")
            if status == {} or not status.get("version"):
                return ("",)
            if status.get("state") != "ready":
                return None
            return (ask(status["port"]),)
        return until(settled)[0]

    def end_services(self):
        """Every process that was started in this root."""
        for pid in processes_of(self.root):
            if self.process is None or pid != self.process.pid:
                try:
                    os.kill(pid, signal.SIGKILL)
                except ProcessLookupError:
                    pass

    def end(self):
        self.kill()
        self.end_services()


def ask(port):
    connection = http.client.HTTPConnection("127.0.0.1", int(port), timeout=5)
    connection.request("GET", "/")
    return connection.getresponse().read().decode()


def processes_of(root):
    found = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            if os.readlink(f"/proc/{pid}/cwd").startswith(os.path.join(root, "services") + "/"):
                found.append(int(pid))
        except OSError:
            pass
    return found


def damage(root, resumable):
    """What is wrong in a root with no change under way: names of temporaries, trees that are not what was signed. `resumable`: a download
    may wait to go on."""
    wrong = []
    for folder, folders, files in os.walk(root):
        place = os.path.relpath(folder, root)
        for name in files + folders:
            half = place.split(os.sep)[0] == "cache" and not resumable
            if half or ".tmp" in name or name.endswith(".new") or name in ("_staging", "journal.json"):
                wrong.append(f"left over: {os.path.join(place, name)}")
        if "MANIFEST" in files and "versions" in place:
            wrong += [f"{place}: {each}" for each in tree_damage(folder)]
    return wrong


def lasting_damage(root, resumable=False):
    """What is wrong also once the agent has had time to end what it found."""
    end = time.monotonic() + 3
    while True:
        wrong = damage(root, resumable)
        if not wrong or time.monotonic() > end:
            return wrong
        time.sleep(0.02)


def lasting_strays(root, known):
    """How many processes of a root run beside those that its agent knows, also once it has had time to end them."""
    end = time.monotonic() + 3
    while True:
        strays = len(processes_of(root)) - known
        if strays <= 0 or time.monotonic() > end:
            return max(strays, 0)
        time.sleep(0.02)


def tree_damage(tree):
    with open(os.path.join(tree, "MANIFEST")) as file:
        lines = file.read().split("\n\n", 1)[1].splitlines()
    wanted = {"MANIFEST": None, "MANIFEST.sig": None}
    for line in lines:
        digest, kind, size, path = line.split(" ", 3)
        wanted[path] = (digest, kind)
    found = {os.path.relpath(os.path.join(folder, name), tree) for folder, _, files in os.walk(tree) for name in files}
    wrong = [f"{path} is missing" for path in wanted if path not in found] + [f"{path} is extra" for path in found if path not in wanted]
    for path, expected in wanted.items():
        if expected and path in found:
            with open(os.path.join(tree, path), "rb") as file:
                if hashlib.sha256(file.read()).hexdigest() != expected[0]:
                    wrong.append(f"{path} has other content")
    return wrong


def copy_root(source, target):
    if os.path.exists(target):
        shutil.rmtree(target)
    run("cp", "-a", source, target)
