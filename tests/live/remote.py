# SPDX-License-Identifier: GPL-2.0-only
"""Hosts that are network namespaces, each with an sshd of its own, and the desk from which they are looked at."""

import json
import os
import shlex
import signal
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import servers
from common import TCPRETOP, wait_until

ENTERED = "TCPRETOP_TEST_DESK"


def enter_desk():
    """Begins anew in a network and a mount namespace of its own; all of it goes with the test."""
    if os.environ.get(ENTERED):
        return
    sshd = servers.find("sshd")
    if not sshd or not shutil.which("ssh"):
        print("1..0 # SKIP no ssh and sshd: install openssh-client and openssh-server")
        sys.exit(0)
    os.environ[ENTERED] = sshd
    os.execvp("unshare", ["unshare", "--net", "--mount", "--propagation", "private", "--",
                          sys.executable, *sys.argv])


def sh(*words, **options):
    return subprocess.run(words, check=True, stdin=subprocess.DEVNULL, **options)


def write(path, text, mode=0o600):
    path.write_text(text, encoding="utf-8")
    path.chmod(mode)
    return path


class Desk:
    """Keys, and an `ssh` that knows the hosts, in a folder that is gone with the with block."""

    def __init__(self):
        self.folder = tempfile.TemporaryDirectory(prefix="desk.")
        self.path = Path(self.folder.name)
        self.hosts = []

    def __enter__(self):
        self.path.chmod(0o755)
        for name in ("user", "host"):
            sh("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", self.path / name)
        self.prepare_root()
        self.prepare_path()
        os.environ["PATH"] = f"{self.path}/bin:{os.environ['PATH']}"
        sh("ip", "link", "set", "lo", "up")
        return self

    def prepare_root(self):
        """What sshd wants to find: its user, an empty folder, and namespaces that have names."""
        passwd = Path("/etc/passwd").read_text(encoding="utf-8")
        if "\nsshd:" not in passwd:
            copy = write(self.path / "passwd", passwd + "sshd:x:65533:65534::/run/sshd:/usr/sbin/nologin\n", 0o644)
            sh("mount", "--bind", copy, "/etc/passwd")
        for folder in ("/run/sshd", "/run/netns"):
            os.makedirs(folder, exist_ok=True)
            sh("mount", "-t", "tmpfs", "-o", "mode=755", "tmpfs", folder)

    def prepare_path(self):
        """bin/ is for the desk, sbin/ is what a host has: tcpretop, and a sudo that lets root do anything."""
        write(self.path / "config", f"User root\nIdentityFile {self.path}/user\nIdentitiesOnly yes\n"
              "StrictHostKeyChecking no\nUserKnownHostsFile /dev/null\nLogLevel ERROR\nInclude hosts\n"
              .replace("Include hosts", f"Include {self.path}/hosts"))
        write(self.path / "hosts", "")
        for name in ("bin", "sbin"):
            (self.path / name).mkdir()
        ssh = shutil.which("ssh")
        write(self.path / "bin/ssh", f'#!/bin/sh\nexec {ssh} -F {self.path}/config "$@"\n', 0o755)
        write(self.path / "sbin/sudo", '#!/bin/sh\n[ "$1" = -n ] && shift\nexec "$@"\n', 0o755)
        shutil.copy(TCPRETOP, self.path / "sbin/tcpretop")

    def host(self, name):
        host = Host(self, name, len(self.hosts) + 1)
        self.hosts.append(host)
        hosts = self.path / "hosts"
        hosts.write_text(hosts.read_text(encoding="utf-8") + f"Host {name}\nHostName {host.address}\n",
                         encoding="utf-8")
        host.up()
        return host

    def __exit__(self, *_):
        for host in self.hosts:
            host.down()
            subprocess.run(["ip", "netns", "del", host.name], check=False)
        subprocess.run(["umount", "/run/sshd", "/run/netns"], check=False)
        self.folder.cleanup()


class Host:
    def __init__(self, desk, name, number):
        self.desk, self.name = desk, name
        self.address, self.device = f"10.99.{number}.2", f"d{number}"
        self.sshd = None
        sh("ip", "netns", "add", name)
        sh("ip", "link", "add", self.device, "type", "veth", "peer", "name", "up0", "netns", name)
        sh("ip", "addr", "add", f"10.99.{number}.1/24", "dev", self.device)
        sh("ip", "link", "set", self.device, "up")
        for words in (f"addr add {self.address}/24 dev up0", "link set up0 up", "link set lo up"):
            sh("ip", "-n", name, *words.split())
        self.config = write(desk.path / f"sshd.{name}", "\n".join((
            f"ListenAddress {self.address}:22", f"HostKey {desk.path}/host", f"AuthorizedKeysFile {desk.path}/user.pub",
            "PidFile none", "UsePAM no", "StrictModes no", "PermitRootLogin yes", "LogLevel ERROR",
            f"SetEnv PATH={desk.path}/sbin:/usr/sbin:/usr/bin:/sbin:/bin TCPRETOP_SECCOMP=kill",
            servers.sshd_config(os.environ[ENTERED]))))

    def up(self):
        """Boots it: from here on it answers."""
        env = dict(os.environ, LD_LIBRARY_PATH=servers.library_path())
        command = f"hostname {self.name}; exec {shlex.quote(os.environ[ENTERED])} -D -e -f {self.config}"
        self.sshd = subprocess.Popen(["nsenter", f"--net=/run/netns/{self.name}", "unshare", "--uts", "sh", "-c",
                                      command], stdin=subprocess.DEVNULL, env=env, start_new_session=True)
        wait_until(lambda: f"{self.address}:22" in subprocess.run(
            ["ip", "netns", "exec", self.name, "ss", "-Htnl"], check=True, stdout=subprocess.PIPE, text=True).stdout,
            f"the sshd of {self.name}")

    def pids(self):
        out = subprocess.run(["ip", "netns", "pids", self.name], check=True, stdout=subprocess.PIPE, text=True).stdout
        return [int(pid) for pid in out.split()]

    def down(self):
        """All its processes are gone at once, as if somebody had pulled the plug, but the kernel closes their sockets."""
        for pid in self.pids():
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        if self.sshd:
            self.sshd.wait()
        self.sshd = None

    def programs(self):
        """Names of what runs there."""
        names = []
        for pid in self.pids():
            try:
                names.append(Path(f"/proc/{pid}/comm").read_text(encoding="utf-8").strip())
            except OSError:
                pass
        return names

    def cut(self, on):
        """No packet comes from there any more, or again, and nobody is told."""
        rule = f"add table inet cut; add chain inet cut in {{ type filter hook input priority 0; }}; " \
               f"flush chain inet cut in; add rule inet cut in iifname {self.device} drop"
        sh("nft", rule if on else "delete table inet cut")

    def received(self):
        """Bytes that came from there."""
        out = subprocess.run(["ip", "-j", "-s", "link", "show", self.device], check=True, stdout=subprocess.PIPE)
        return json.loads(out.stdout)[0]["stats64"]["rx"]["bytes"]
