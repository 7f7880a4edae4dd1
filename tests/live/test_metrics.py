#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""--metrics, scraped by a real node_exporter and a real Prometheus: the values are tcpretop's own, and few series."""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import urllib.parse
import urllib.request
from pathlib import Path

import servers

INSIDE = "TCPRETOP_TEST_NET"
if INSIDE not in os.environ:  # a loopback of our own
    if not all(map(servers.find, ("prometheus", "promtool", "prometheus-node-exporter"))):
        print("1..0 # SKIP no Prometheus and node exporter: install prometheus and prometheus-node-exporter")
        sys.exit(0)
    os.environ[INSIDE] = "1"
    os.execvp("unshare", ["unshare", "--net", "--mount", "--propagation", "private", "--", sys.executable, *sys.argv])

from common import PATIENCE, ROOT, TCPRETOP, Lab, Tap, Tcpretop, last_of_each_flow, objects, wait_until  # noqa: E402

SRC = Path(ROOT) / "src"
MOST_SERIES = 4 * 65 + 40  # two ways, two metrics each, 64 labels and the rest; and what there is once
CAPS = "-all,+bpf,+perfmon"
# As tcpretop-metrics.service runs it.
SERVICE = ["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups", "--inh-caps", CAPS, "--ambient-caps", CAPS,
           "--bounding-set", CAPS, "--no-new-privs"]
tap = Tap()


def series(text):
    """Each series and its value, as they stand in the file."""
    return {m[1]: float(m[2]) for m in re.finditer(r"^(tcpretop_\S+?(?:{.*})?) (\S+)$", text, re.M)}


def total(text, name="retransmitted_segments_total"):
    return sum(v for k, v in series(text).items() if k.startswith(f"tcpretop_{name}{{") or k == f"tcpretop_{name}")


class Servers:
    """A node exporter that reads the folder, and a Prometheus that scrapes it every second."""

    def __init__(self, folder):
        self.folder = folder
        self.running = []

    def __enter__(self):
        config = self.folder / "prometheus.yml"
        config.write_text("global: {scrape_interval: 1s, evaluation_interval: 1s}\n"
                          f"rule_files: [{SRC}/tcpretop.rules.yml]\n"
                          "scrape_configs: [{job_name: node, static_configs: [{targets: ['127.0.0.1:9100']}]}]\n")
        self.start(servers.find("prometheus-node-exporter"), "--collector.disable-defaults", "--collector.textfile",
                   f"--collector.textfile.directory={self.folder}/node", "--web.listen-address=127.0.0.1:9100")
        self.start(servers.find("prometheus"), f"--config.file={config}", f"--storage.tsdb.path={self.folder}/tsdb",
                   "--web.listen-address=127.0.0.1:9090", "--query.lookback-delta=5s")
        wait_until(lambda: self.query("up") and self.query("up")[0]["value"][1] == "1", "a scrape")
        return self

    def start(self, *command):
        with open(self.folder / "log", "a", encoding="utf-8") as log:
            self.running.append(subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log))

    def get(self, path, **words):
        url = f"http://127.0.0.1:9090/api/v1/{path}?{urllib.parse.urlencode(words)}"
        try:
            with urllib.request.urlopen(url, timeout=10) as answer:
                return json.load(answer)["data"]
        except OSError:
            return None

    def query(self, expression):
        data = self.get("query", query=expression)
        return data["result"] if data else []

    def value(self, expression):
        found = self.query(expression)
        return float(found[0]["value"][1]) if found else None

    def __exit__(self, *_):
        for process in self.running:
            process.terminate()
        for process in self.running:
            process.wait(PATIENCE)


def check_values(prometheus, node):
    """In the end Prometheus has what the last file has, and that is what -b --json said in all."""
    path = node.parent / "run" / "tcpretop.prom"
    path.parent.mkdir()
    (node / path.name).symlink_to(path)  # as the unit has it
    with Lab("loss,n=8,p=5", "synackloss,p=50,n=2", "tail,n=4") as lab, \
            Tcpretop("-b", "--json", "--metrics", str(path), "--metrics-by", "cgroup,subnet") as top:
        wait_until(lambda: lab.counters()["TcpRetransSegs"] > 1000, "some retransmits")
        out = top.stop()
    text = path.read_text(encoding="utf-8")
    by_cause = {}
    for o in objects(out, "interval"):
        for cause, n in o["totals"]["by_cause"].items():
            by_cause[cause] = by_cause.get(cause, 0) + n
    told = {c: series(text)[f'tcpretop_retransmitted_segments_total{{cause="{c}"}}'] for c in by_cause}
    tap.equal(told, by_cause, "the file has the sums of all intervals, cause by cause")
    wait_until(lambda: prometheus.value("tcpretop_updated_time_seconds") == series(text)["tcpretop_updated_time_seconds"],
               "the last scrape")
    scraped = {r["metric"]["cause"]: float(r["value"][1]) for r in prometheus.query("tcpretop_retransmitted_segments_total")}
    tap.equal(scraped, by_cause, f"Prometheus has scraped just these: {sum(by_cause.values())} segments")
    for name in ("rto_wait_seconds_total", "coverage_seen_segments_total", "retransmitted_bytes_total", "tlp_attempts_total"):
        tap.equal(prometheus.value(f"tcpretop_{name}"), series(text)[f"tcpretop_{name}"], f"and {name}")
    # Not to the totals: those are exact also where flows were evicted before they were looked at.
    flows = sum(o["retrans"] + o["tlp"] + o["synack"] for o in last_of_each_flow(out).values())
    for way in ("cgroup", "subnet"):
        tap.equal(total(text, f"{way}_retransmitted_segments_total"), flows, f"the {way}s add up to what the flows have")
    tap.ok('subnet="10.77.1.0/24"' in text, "a subnet of the lab is among them")
    tap.equal(prometheus.value("node_textfile_scrape_error"), 0, "the node exporter has nothing to complain of")
    rules = prometheus.get("rules")["groups"][0]["rules"]
    tap.ok(len(rules) >= 5 and all(r["health"] == "ok" for r in rules), "Prometheus evaluates all alerts",
           [r["health"] for r in rules])
    done = subprocess.run([servers.find("promtool"), "check", "metrics"], input=text, capture_output=True, text=True)
    tap.ok(done.returncode == 0 and not done.stdout + done.stderr, "promtool check metrics has no word to say",
           done.stdout + done.stderr)


def check_shipped(prometheus, folder):
    done = subprocess.run([servers.find("promtool"), "check", "rules", SRC / "tcpretop.rules.yml"], capture_output=True,
                          text=True)
    tap.ok(done.returncode == 0, "promtool check rules", done.stdout + done.stderr)
    dashboard = json.loads((SRC / "tcpretop.grafana.json").read_text(encoding="utf-8"))
    names = {s["__name__"] for s in prometheus.get("series", **{"match[]": '{__name__=~"tcpretop_.*"}'})}
    for panel in dashboard["panels"]:
        for target in panel["targets"]:
            expression = target["expr"].replace("$__rate_interval", "1m").replace("$__range", "1m").replace("$instance", ".*")
            used = set(re.findall(r"tcpretop_\w+", expression))
            tap.ok(used and used <= names and prometheus.get("query", query=expression) is not None,
                   f"the dashboard's {panel['title']!r} can be asked", expression, used - names)
    rules = (SRC / "tcpretop.rules.yml").read_text(encoding="utf-8")
    used = set(re.findall(r"tcpretop_\w+(?=[\[{) ])", rules))
    tap.ok(used and used <= names, "what the alerts ask for is there", used - names)
    manual = (SRC / "docs/tcpretop.8").read_text(encoding="utf-8").split(".Sh PROMETHEUS")[1].split(".Sh OUTPUT")[0]
    used = {f"tcpretop_{name}" for name in re.findall(r"\b[a-z_]+_(?:total|seconds)\b", manual)}
    tap.ok(len(used) > 10 and used <= names, "what the manual names is there", used - names)
    check_alerts(folder)
    check_unit(folder)


ALERTS = (  # when, in minutes, what labels it has besides, and what it says of web1
    ("TcpRetransmitsHigh", 20, {}, "web1:9100 sends 210 TCP segments a second again",
     "Which connections, and why: tcpretop --host web1"),
    ("TcpWaitsForTimeouts", 20, {}, "Connections of web1:9100 lose 10 s a second waiting for timeouts",
     "Timeouts are what users feel. The worst cgroups: topk(5, rate(tcpretop_cgroup_rto_wait_seconds_total[5m]))"),
    ("TcpPeersDoNotAnswer", 20, {"cause": "SYN"}, "Connects from web1:9100 go unanswered: 10 SYNs a second again",
     "A peer or a firewall drops them: tcpretop --host web1 -f 'cause SYN' -g remote"),
    ("TcpretopBlind", 35, {}, "tcpretop sees 50% of what web1:9100 sends again",
     "tcpretop --doctor there says what it lacks."),
    ("TcpretopStale", 50, {}, "The retransmits of web1:9100 are 10m 0s old",
     "systemctl status tcpretop-metrics tells why it has ended."),
)


def check_alerts(folder):
    """Each fires for a host in trouble, whose file then goes, with words that are true; none for one that is well."""
    causes, values = "retransmitted_segments_total", []
    for host, growth, last in ("web1", (210, 10, 10, 5, 10), 40), ("db1", (2, 0.1, 0.1, 10, 10), 90):
        names = (f'{causes}{{cause="RTO",', f'{causes}{{cause="SYN",', "rto_wait_seconds_total{",
                 "coverage_seen_segments_total{", "coverage_kernel_segments_total{", "updated_time_seconds{")
        values += [{"series": f'tcpretop_{name}instance="{host}:9100"}}', "values": f"0+{60 * a_second:g}x{last}"}
                   for name, a_second in zip(names, (*growth, 1))]
    wanted = [{"alertname": name, "eval_time": f"{at}m", "exp_alerts": [{
        "exp_labels": {"instance": "web1:9100", "severity": "info" if name == "TcpretopBlind" else "warning", **labels},
        "exp_annotations": {"summary": summary, "description": description}}]}
              for name, at, labels, summary, description in ALERTS]
    wanted += [{"alertname": name, "eval_time": "9m", "exp_alerts": []} for name, *_ in ALERTS]
    path = folder / "alerts.json"
    path.write_text(json.dumps({"rule_files": [str(SRC / "tcpretop.rules.yml")], "evaluation_interval": "1m",
                                "tests": [{"interval": "1m", "input_series": values, "alert_rule_test": wanted}]}))
    done = subprocess.run([servers.find("promtool"), "test", "rules", path], capture_output=True, text=True)
    tap.ok(done.returncode == 0, "promtool test rules: each alert fires when it should, and says what is so",
           *(done.stdout + done.stderr).split("\n")[:40])


def check_unit(folder):
    if not shutil.which("systemd-analyze"):
        tap.skip("the unit", "no systemd-analyze")
        return
    unit = folder / "tcpretop-metrics.service"
    text = (SRC / unit.name).read_text(encoding="utf-8")
    unit.write_text(text.replace("ExecStart=tcpretop", f"ExecStart={TCPRETOP}"), encoding="utf-8")
    unit.chmod(0o644)  # whatever umask this runs under
    done = subprocess.run(["systemd-analyze", "verify", "--man=no", unit], capture_output=True, text=True)
    tap.ok(done.returncode == 0 and not done.stderr, "systemd-analyze verify", done.stderr)
    done = subprocess.run(["systemd-analyze", "security", "--offline=true", "--threshold=25", unit], capture_output=True,
                          text=True, env=dict(os.environ, SYSTEMD_PAGER=""))
    level = re.search(r"exposure level.*: (\S+) ", done.stdout)
    tap.ok(done.returncode == 0, f"systemd-analyze security: {level[1] if level else '?'} of 10", done.stdout[-300:])


def unit_words(name):
    return re.search(rf"^{name}=(.*)$", (SRC / "tcpretop-metrics.service").read_text(encoding="utf-8"), re.M)[1].split()


def allowed_calls():
    """What the unit's filter lets through, its groups as this systemd has them."""
    out = subprocess.run(["systemd-analyze", "syscall-filter"], check=True, capture_output=True, text=True,
                         env=dict(os.environ, SYSTEMD_PAGER="")).stdout
    groups, todo, names = {}, unit_words("SystemCallFilter"), set()
    for line in re.sub(r"\x1b\[[0-9;]*m", "", out).splitlines():
        if line.startswith("@"):
            group = groups[line.strip()] = []
        elif line.startswith("    ") and not line.lstrip().startswith("#"):
            group.append(line.strip())
    while todo:
        word = todo.pop()
        if word.startswith("@"):
            todo += groups[word]
        else:
            names.add(word)
    return names | set(groups["@default"])


def check_calls(trace):
    """systemd cannot run here: what it would forbid is looked for in what the program calls."""
    calls = re.findall(r"^\d+ +(\w+)\((.*)", trace, re.M)
    if shutil.which("systemd-analyze"):
        refused = {name for name, _ in calls} - allowed_calls()
        tap.ok(len(calls) > 1000 and not refused, "its unit lets it make the calls that it makes", refused)
    families = {args.split(",")[0] for name, args in calls if name in ("socket", "socketpair")}
    tap.ok(families <= {*unit_words("RestrictAddressFamilies"), "AF_LOCAL", "PF_LOCAL"}, "and the sockets", families)
    bad = [f"{name}({args}" for name, args in calls
           if name in ("mmap", "mprotect") and "PROT_EXEC" in args and ("PROT_WRITE" in args or name == "mprotect")
           or "CLONE_NEW" in args or name in ("setns", "unshare")]
    tap.ok(not bad, "no memory is both written and run, no namespace entered", *bad[:5])


def check_service():
    """With the two capabilities of the unit, and as nobody, in a folder that anybody can reach."""
    folder = Path("/mnt")
    subprocess.run(["mount", "-t", "tmpfs", "-o", "mode=755", "tmpfs", folder], check=True)
    program, run = shutil.copy(TCPRETOP, folder), folder / "run"
    run.mkdir()
    os.chown(run, 65534, 65534)
    done = subprocess.run([*SERVICE, program, "--metrics", run / "tcpretop.prom", "-d", "0.5", "-n", "3"],
                          stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=PATIENCE)
    path = run / "tcpretop.prom"
    tap.ok(done.returncode == 0 and not done.stdout and not done.stderr, "as a service it says nothing", done.stdout[:200],
           done.stderr)
    tap.ok(path.stat().st_uid == 65534 and path.stat().st_mode & 0o777 == 0o644 and os.listdir(run) == [path.name],
           "its file is its own, for all to read, and nothing lies beside it")
    tap.ok(series(path.read_text(encoding="utf-8"))["tcpretop_probes_attached"] > 0, "it counts")
    trace = folder / "trace"
    subprocess.run(["strace", "-f", "-qq", "-o", trace, *SERVICE, program, "--metrics", path, "-d", "0.5", "-n", "3"],
                   stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, check=True, timeout=PATIENCE)
    check_calls(trace.read_text(encoding="utf-8", errors="replace"))


def check_many(node):
    """10,000 flows: the number of series is bounded."""
    path = node / "many.prom"
    with Lab("loss,n=10000,p=30,write=1000,gap=1000,mss=500"), \
            Tcpretop("-b", "--json", "--metrics", str(path), "--metrics-by", "cgroup,subnet", "-f", "pid 1") as top:
        flows = lambda: (objects(top.so_far(), "interval") or [{"flows": 0}])[-1]["flows"]
        wait_until(lambda: flows() >= 9000, "10,000 flows", 2 * PATIENCE)
        n = len(series(path.read_text(encoding="utf-8")))
        tap.ok(0 < n <= MOST_SERIES, f"{flows():,} flows make {n} series")
        top.stop()
    path.unlink()


def check_mistakes(folder):
    (folder / "link").symlink_to("nowhere")
    for path, why in ((folder / "none" / "x.prom", "No such file"), (folder, "no regular file"), ("/dev/null", "no regular file"),
                      (folder / "link", "no regular file"), ("x/", "Is a directory")):
        done = subprocess.run([TCPRETOP, "--metrics", path, "-n", "1"], stdin=subprocess.DEVNULL, capture_output=True,
                              text=True, timeout=PATIENCE)
        tap.ok(done.returncode == 1 and done.stderr.count("\n") == 1 and why in done.stderr, f"{path}: one line",
               done.returncode, done.stderr)


subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
with tempfile.TemporaryDirectory() as name:
    top_folder = Path(name)
    top_folder.chmod(0o755)
    (top_folder / "node").mkdir()
    with Servers(top_folder) as server:
        check_values(server, top_folder / "node")
        check_shipped(server, top_folder)
    check_service()
    check_mistakes(top_folder)
    check_many(top_folder / "node")
tap.end()
