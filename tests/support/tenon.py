"""What programs that try Tenon from outside share: its commands, a hub, the agent's API. Standard library only."""
import http.client
import json
import os
import socket
import subprocess
import time


def run(*argv, check=True, **options):
    done = subprocess.run([str(word) for word in argv], stdin=subprocess.DEVNULL, capture_output=True, text=True, **options)
    if check and done.returncode != 0:
        raise RuntimeError(f"{' '.join(str(word) for word in argv)}: {done.returncode}\n{done.stdout}{done.stderr}")
    return done


def until(holds, patience=20, pause=0.01):
    """What `holds` answers, once that is something."""
    end = time.monotonic() + patience
    while True:
        found = holds()
        if found:
            return found
        if time.monotonic() > end:
            raise TimeoutError("it did not come to be")
        time.sleep(pause)


class Hub:
    """A hub on a port of its own. `folder` is there, and gets `hub` and `hub.log`."""

    def __init__(self, tenon, folder, *words):
        self.tenon, self.data, self.log = tenon, os.path.join(folder, "hub"), os.path.join(folder, "hub.log")
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen([tenon, "hub", "serve", "--data", self.data, "--listen", "127.0.0.1:0", *words],
                                            stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        try:
            self.url = until(self._told)
        except BaseException:
            self.stop()
            raise

    def _told(self):
        with open(self.log, encoding="utf-8") as log:
            text = log.read()
        if self.process.poll() is not None:
            raise RuntimeError("the hub does not start: " + text)
        return "http://" in text and os.path.exists(self.token) and "http://" + text.split("http://", 1)[1].split()[0].rstrip("/.,")

    @property
    def token(self):
        return os.path.join(self.data, "token")

    def publish(self, package):
        run(self.tenon, "publish", package, "--hub", self.url, "--token-file", self.token)

    def stop(self):
        self.process.terminate()
        self.process.wait()


class AgentApi(http.client.HTTPConnection):
    """Of the agent that serves `root`, on its unix socket."""

    def __init__(self, root):
        super().__init__("localhost", timeout=60)
        with open(os.path.join(root, "run", "agent.json"), encoding="utf-8") as file:
            self.path = json.load(file)["address"].removeprefix("unix:")

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.path)

    def exchange(self, method, path, body=None):
        """The answer, whatever it is, and its body."""
        self.request(method, path, None if body is None else json.dumps(body), {} if body is None else {"Content-Type": "application/json"})
        answer = self.getresponse()
        return answer, answer.read()

    def ask(self, method, path, body=None):
        """The JSON of an answer; any other is raised."""
        answer, text = self.exchange(method, path, body)
        if answer.status >= 300:
            raise RuntimeError(f"{method} {path}: {answer.status} {text.decode()}")
        return json.loads(text)
