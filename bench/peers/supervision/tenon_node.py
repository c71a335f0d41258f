"""Tenon as a peer: nodes with N services each, packed, signed, published to a hub of this tree and installed from it once, below
build/bench-cache; and the agent over such a node."""
import concurrent.futures
import json
import os
import pathlib
import shutil
import subprocess
import sys
import time

from . import processes
from .peers import CLEAN, SETTLE

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[3] / "tests" / "support"))
import tenon  # noqa: E402  pylint: disable=wrong-import-position
from tenon import AgentApi, run, until  # noqa: E402  pylint: disable=wrong-import-position

# Probation is what an operator's install waits for; four installs at a time would wait 21 minutes for a thousand of the default 5 s.
SERVICE_JSON = {"platforms": {"linux-x64": {"exec": {"type": "argv", "program": "bin/bench_tick",
                                                     "args": [processes.SOCKET, "${SERVICE_ID}"]}}},
                "env_schema": {}, "upgrade": {"strategy": "cold", "probation_ms": 0}}
KINDS = {"tick": 5000, "fast": 1000}  # the service's name begins with it: how often it is asked, in ms


class Tenon:
    name = "tenon"
    patience = 120

    def __init__(self, build, cache):
        self.tenon, self.tick, self.cache = build / "bin" / "tenon", build / "bin" / "bench_tick", cache / "tenon"

    def folder(self, count, kind, _scratch=None):
        """The node's root, which stays."""
        return self.cache / f"{kind}-{count}"

    def names(self, count, kind):
        return [f"{kind}-{i:04}" for i in range(count)]

    def agent(self, root, *words):
        with open(root / "agent.out", "ab") as log:
            return subprocess.Popen([self.tenon, "--root", root, "agent", "--log-file", root / "agent.log", *words], env=CLEAN, cwd=root,
                                    stdin=subprocess.DEVNULL, stdout=log, stderr=log)

    def api(self, root):
        return AgentApi(root)

    # ---- as a peer ----

    def begin(self, folder, _names, _tick):
        """From the same state every time: each start leaves a change per service, and an agent that starts reads all there are."""
        shutil.rmtree(folder / "changes", ignore_errors=True)
        (folder / "events.jsonl").unlink(missing_ok=True)
        return folder

    def launch(self, root, _folder):
        return self.agent(root).pid

    def root(self, pid, _folder):
        return pid

    def settle(self, root, count):
        """Only what has been healthy is started again at once; and the changes of the start have to be over."""
        api = self.api(root)
        wait_ready(api, count, self.patience)
        until(lambda: all(each["state"] != "running" for each in api.ask("GET", "/v1/changes")["changes"]), self.patience)
        time.sleep(SETTLE)

    def tidy(self, root):
        """The control groups of what was killed behind the agent's back; the next agent of this root would do it."""
        mark = (root / "run" / "mark").read_text()
        for parent in pathlib.Path("/sys/fs/cgroup").rglob("tenon"):
            for group in parent.glob(f"{mark}.*"):
                group.rmdir()

    def start_again(self, root):
        """A new agent: its pid, seconds until it answers, seconds until it tells a pid of every service, and these pids."""
        file = root / "run" / "agent.json"
        file.unlink(missing_ok=True)  # of an agent that was killed
        began = time.monotonic()
        pid = self.agent(root).pid
        while not file.exists():
            time.sleep(0.0005)
        api = self.api(root)
        api.ask("GET", "/v1/node")
        answered = time.monotonic() - began

        def adopted():
            services = {each["service_id"]: each["pid"] for each in api.ask("GET", "/v1/services")["services"]}
            return all(services.values()) and (services,)
        services = until(adopted, pause=0.002)[0]
        return pid, answered, time.monotonic() - began, services

    # ---- once ----

    def prepare(self, wanted):
        """`wanted`: (count, kind) of each node."""
        missing = [each for each in wanted if not (self.folder(*each) / "complete").exists()]
        if not missing:
            return
        print(f"first run: makes Tenon's nodes in {self.cache} (some minutes, once) ...", flush=True)
        self.cache.mkdir(parents=True, exist_ok=True)
        with Hub(self.tenon, self.tick, self.cache / "hub") as hub:
            for kind in sorted({kind for _, kind in missing}):
                hub.publish(self.names(max(count for count, each in missing if each == kind), kind), KINDS[kind])
            for count, kind in missing:
                self.install(hub, self.folder(count, kind), self.names(count, kind))

    def install(self, hub, root, names):
        shutil.rmtree(root, ignore_errors=True)
        root.mkdir()
        began = time.monotonic()
        agent = self.agent(root, "--hub", hub.url, "--trust", hub.folder / "release.pub")
        try:
            api = until(lambda: (root / "run" / "agent.json").exists() and self.api(root))
            for name in names:
                api.ask("POST", f"/v1/services/{name}/install", {})
            wait_ready(api, len(names), 1200, True)
        finally:
            agent.terminate()
            agent.wait()
            processes.end_everything(spare=[hub.process.pid])
            self.tidy(root)
        took = time.monotonic() - began
        print(f"  {len(names)} installed in {took:.1f} s, {took / len(names) * 1000:.1f} ms each", flush=True)
        (root / "complete").touch()


class Hub:
    def __init__(self, program, tick, folder):
        self.program, self.tick, self.folder = program, tick, folder
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        run(program, "key", "gen", "--out", folder / "release")
        self.served = tenon.Hub(program, folder)
        self.process, self.url = self.served.process, self.served.url

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.served.stop()
        shutil.rmtree(self.folder)

    def publish(self, names, interval):
        began = time.monotonic()
        with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
            list(pool.map(lambda name: self.publish_one(name, interval), names))
        took = time.monotonic() - began
        print(f"  {len(names)} packed, signed and published in {took:.1f} s, {took / len(names) * 1000:.1f} ms each", flush=True)

    def publish_one(self, name, interval):
        tree = self.folder / name
        (tree / "bin").mkdir(parents=True)
        shutil.copy(self.tick, tree / "bin" / "bench_tick")
        health = {"type": "http", "endpoint": "/health", "interval_ms": interval}
        (tree / "service.json").write_text(json.dumps({"service_id": name, "version": "1.0.0", **SERVICE_JSON, "health_check": health}))
        package = self.folder / f"{name}.zip"
        run(self.program, "pack", tree, "-o", package, "--sequence", "1", "--key", self.folder / "release.key")
        self.served.publish(package)
        shutil.rmtree(tree)
        package.unlink()


def wait_ready(api, count, patience, telling=False):
    """The services of the agent, once `count` of them are ready."""
    told = time.monotonic()

    def ready():
        nonlocal told
        services = api.ask("GET", "/v1/services")["services"]
        well = sum(each["state"] == "ready" for each in services)
        failed = next((each for each in services if each["state"] == "failed"), None)
        if failed:
            raise RuntimeError(f"{failed['service_id']} failed: {failed['why']}")
        if telling and time.monotonic() > told + 10:
            told = time.monotonic()
            print(f"  {well} of {count} ...", flush=True)
        return well == count and services
    return until(ready, patience)
