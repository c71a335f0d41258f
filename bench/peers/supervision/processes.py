"""What is alive, what it costs and how it is ended; and how services tell that they have started. Standard library only."""
import ctypes
import os
import pathlib
import signal
import socket
import time

SERVICE = "bench_tick"
SOCKET = "tenon-bench-supervise"  # abstract: nothing stays behind, and services of any user may write to it
MB = 1 << 20


class Starts:
    """The socket to which services tell their starts. Whoever waits here blocks: a harness that polls takes a core from what it measures."""

    def __init__(self):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        try:
            self.socket.bind("\0" + SOCKET)
        except OSError as error:
            raise SystemExit("bench/peers/supervise: another run is under way, or its services live on") from error

    def wait(self, names, patience, known=None):
        """{name: (pid, nanoseconds)} of the next start of each; `known`: pids that do not count any more."""
        left, found, end = set(names), {}, time.monotonic() + patience
        while left:
            self.socket.settimeout(max(end - time.monotonic(), 0.001))
            try:
                name, pid, at = self.socket.recv(200).decode().split()
            except TimeoutError:
                raise TimeoutError(f"{len(left)} of {len(names)} have not started, among them {sorted(left)[0]}") from None
            if name in left and (known is None or known[name] != int(pid)):
                left.remove(name)
                found[name] = (int(pid), int(at))
        return found

    def drain(self, starts):
        """Takes what came while nobody waited into `starts`: a service that was started again meanwhile is another process."""
        self.socket.settimeout(0)
        while True:
            try:
                name, pid, at = self.socket.recv(200).decode().split()
            except BlockingIOError:
                return
            if name in starts:
                starts[name] = (int(pid), int(at))


def adopt_orphans():
    """What loses its parent becomes this process's child, so that it can be found and ended."""
    subreaper = 36  # PR_SET_CHILD_SUBREAPER
    ctypes.CDLL(None, use_errno=True).prctl(subreaper, 1, 0, 0, 0)


def everything():
    """{pid: (parent, name)} of all processes that live."""
    found = {}
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            text = pathlib.Path("/proc", pid, "stat").read_text(encoding="utf-8", errors="replace")
        except OSError:
            continue
        name, rest = text[text.index("(") + 1:].rsplit(")", 1)
        state, parent = rest.split()[:2]
        if state not in "ZX":
            found[int(pid)] = (int(parent), name)
    return found


def tree(root):
    """(supervisors, services): all that descends from `root`, itself included."""
    all_, children = everything(), {}
    for pid, (parent, _) in all_.items():
        children.setdefault(parent, []).append(pid)
    order = [root] if root in all_ else []
    for pid in order:
        order.extend(children.get(pid, ()))
    services = [pid for pid in order if all_[pid][1] == SERVICE]
    return [pid for pid in order if all_[pid][1] != SERVICE], services


def pss_mb(pids):
    total = 0
    for pid in pids:
        with open(f"/proc/{pid}/smaps_rollup", encoding="utf-8") as lines:
            total += next(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
    return total / 1024


def cpu_seconds(pids):
    """Of all threads, to the nanosecond: a thousand processes with less than a tick each add up."""
    total = 0
    for pid in pids:
        for thread in pathlib.Path("/proc", str(pid), "task").iterdir():
            total += int((thread / "schedstat").read_text().split()[0])
    return total / 1e9


def kill(pids):
    for pid in pids:
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            pass


def reap():
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        pass


def end_tree(root):
    """`root`, its supervisors, then the services: those of a supervisor that is gone are this process's own children."""
    supervisors, services = tree(root)
    kill(supervisors)
    for _ in range(200):
        orphans = [pid for pid, (parent, name) in everything().items() if parent == os.getpid() and name == SERVICE]
        live = set(services) & everything().keys()
        kill({*orphans, *live})
        reap()
        if not orphans and not live and not tree(root)[0]:
            return
        time.sleep(0.02)


def end_everything(spare=()):
    """All that descends from this process, but `spare` and what descends from those."""
    spare = {pid for root in spare for each in tree(root) for pid in each} | {os.getpid()}
    for _ in range(500):
        supervisors, services = (set(each) - spare for each in tree(os.getpid()))
        if not supervisors and not services:
            return
        kill([*supervisors, *services])
        reap()
        time.sleep(0.02)
