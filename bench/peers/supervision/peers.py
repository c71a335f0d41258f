"""supervisord, runit, s6 and pm2: where they come from, and how each is told to run N services. Nothing is installed on the machine:
Debian's packages are unpacked, and pm2 is put by npm, below build/bench-cache."""
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

from . import processes

DEBIAN = {"supervisord": ("supervisor", "python3-pkg-resources"), "runit": ("runit",),
          "s6": ("s6", "libs6-2.11", "libskarnet2.13", "libexecline2.9")}
PM2 = "pm2@7.0.4"
SETTLE = 2.0
CLEAN = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C.UTF-8", "HOME": "/tmp"}


class Missing(Exception):
    pass


def quiet(*command, cwd):
    done = subprocess.run([str(word) for word in command], cwd=cwd, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        last = (done.stderr or done.stdout).strip().splitlines() or ["it says nothing"]
        raise Missing(f"{command[0]}: {last[-1]}")


def fetch(name, cache, get):
    """Once; what was had before is taken as it is."""
    place = cache / name
    if not (place / "complete").exists():
        shutil.rmtree(place, ignore_errors=True)
        place.mkdir(parents=True)
        print(f"first run: fetches {name} ...", flush=True)
        try:
            get(place)
        except OSError as error:
            raise Missing(str(error)) from error
        (place / "complete").touch()
    return place


def from_debian(name):
    def get(place):
        quiet("apt-get", "download", *DEBIAN[name], cwd=place)
        for package in place.glob("*.deb"):
            quiet("dpkg-deb", "-x", package, place, cwd=place)
    return get


def from_npm(place):
    quiet("npm", "install", "--prefix", place, PM2, "--no-audit", "--no-fund", "--ignore-scripts", cwd=place)


class Peer:
    """One supervisor. `fetch` gets its programs; `begin` writes what it reads into `folder` and returns the command that starts it."""
    name = ""
    patience = 120

    def fetch(self, cache):
        self.place = fetch(self.name, cache, from_debian(self.name))

    def names(self, count, _kind):
        return [f"{self.name}-{i:04}" for i in range(count)]

    def folder(self, count, _kind, scratch):
        return pathlib.Path(tempfile.mkdtemp(prefix=f"{self.name}-{count}-", dir=scratch))

    def settle(self, _folder, _count):
        """Nothing is known of them but that they run; runit and s6 hold back what has run for less than a second."""
        time.sleep(SETTLE)

    def tidy(self, folder):
        shutil.rmtree(folder)

    def begin(self, folder, names, tick):
        raise NotImplementedError

    def launch(self, command, folder):
        """The pid of the supervisor."""
        words, environment = command
        with open(folder / "out.log", "ab") as log:
            return subprocess.Popen([str(word) for word in words], env={**CLEAN, **environment}, cwd=folder, stdin=subprocess.DEVNULL,
                                    stdout=log, stderr=log).pid

    def root(self, pid, _folder):
        return pid


class Supervisord(Peer):
    name = "supervisord"

    def begin(self, folder, names, tick):
        head = (f"[supervisord]\nnodaemon=true\nlogfile={folder}/supervisord.log\npidfile={folder}/supervisord.pid\n"
                f"childlogdir={folder}\nminfds={len(names) * 4 + 1024}\n")
        each = (f"[program:{name}]\ncommand={tick} {processes.SOCKET} {name}\nredirect_stderr=true\nautorestart=true\n" for name in names)
        (folder / "conf").write_text(head + "".join(each))
        return ((sys.executable, "-m", "supervisor.supervisord", "-c", folder / "conf"),
                {"PYTHONPATH": str(self.place / "usr/lib/python3/dist-packages")})


def write_run_scripts(folder, names, tick):
    for name in names:
        (folder / "services" / name).mkdir(parents=True)
        run = folder / "services" / name / "run"
        run.write_text(f"#!/bin/sh\nexec {tick} {processes.SOCKET} {name}\n")
        run.chmod(0o755)


class Runit(Peer):
    name = "runit"

    def begin(self, folder, names, tick):
        write_run_scripts(folder, names, tick)
        return (self.place / "usr/bin/runsvdir", folder / "services"), {"PATH": f"{self.place}/usr/bin:{CLEAN['PATH']}"}


class S6(Peer):
    """s6-svscan starts /usr/bin/s6-supervise by that name and no other: it is there in a mount namespace of its own."""
    name = "s6"

    def begin(self, folder, names, tick):
        write_run_scripts(folder, names, tick)
        own = self.place / "usr/bin"
        begin = f"mount -t overlay overlay -o lowerdir={own}:/usr/bin /usr/bin && exec s6-svscan -c {max(len(names), 4)} {folder}/services"
        return ("unshare", "-m", "sh", "-c", begin), {"LD_LIBRARY_PATH": str(next(self.place.glob("usr/lib/*/libs6.so*")).parent)}


class Pm2(Peer):
    name = "pm2"
    patience = 300

    def fetch(self, cache):
        if not shutil.which("npm"):
            raise Missing("there is no npm")
        self.place = fetch(self.name, cache, from_npm)

    def begin(self, folder, names, tick):
        apps = [{"name": name, "script": str(tick), "args": [processes.SOCKET, name], "interpreter": "none", "cwd": str(folder)}
                for name in names]
        (folder / "ecosystem.json").write_text(json.dumps({"apps": apps}))
        return ((shutil.which("node"), self.place / "node_modules/.bin/pm2", "start", folder / "ecosystem.json"),
                {"PM2_HOME": str(folder), "PM2_DISCRETE_MODE": "true"})

    def root(self, _pid, folder):
        """The daemon that the command line has left behind."""
        return int((folder / "pm2.pid").read_text())


PEERS = {peer.name: peer for peer in (Supervisord, Runit, S6, Pm2)}


def get_peers(names, cache):
    """Those that can be had; of the others it is said why not."""
    found = []
    for name in names:
        peer = PEERS[name]()
        try:
            peer.fetch(cache)
            found.append(peer)
        except Missing as why:
            print(f"{name} is not here: {why}", flush=True)
    return found
