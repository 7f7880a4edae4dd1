#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""What retransmits cost and whether they were needed, against the kernel's own record of it."""

import re
import subprocess

from common import Lab, Tap, Tcpretop, best_of, last_of_each_flow, objects, wait_until

def two_more_looks(top):
    seen = len(objects(top.so_far(), "interval"))
    wait_until(lambda: len(objects(top.so_far(), "interval")) >= seen + 2, "two more intervals")


def socket_infos(lab, *namespaces):
    """What `ss -tinO` says of each socket of these namespaces, by its two ends."""
    found = {}
    for ns in namespaces:
        for line in lab("ss", ns, "-tinOH").splitlines():
            fields = line.split()
            found[fields[3].strip("[]"), fields[4].strip("[]")] = line
    return found


def number(text, name):
    found = re.search(rf"\b{name}:(\d+)", text)
    return int(found[1]) if found else None


def waited_ms(info):
    """The timeouts that a socket with so much backoff has been through: each twice the one before."""
    backoff, rto = number(info, "backoff") or 0, number(info, "rto")
    return sum(rto / 2 ** k for k in range(1, backoff + 1))


def rto_wait(tap):
    """A black hole costs its timeouts, one after the other, each twice as long as the one before."""
    with Tcpretop("-b", "--json") as top, Lab("blackhole,n=6,v=46,after=1,life=600000") as lab:
        netns = lab.netns()
        clients = [name for name in netns if name.startswith("c")]

        def backed_off():
            infos = [i for i in socket_infos(lab, *clients).values() if (number(i, "backoff") or 0) >= 4]
            return len(infos) >= 6 and infos

        wait_until(backed_off, "six sockets that backed off four times", 120)
        two_more_looks(top)
        infos = socket_infos(lab, *clients)
        flows = last_of_each_flow(top.stop(), [netns[name] for name in clients])
        checked = 0
        for (_, laddr, lport, raddr, rport), flow in sorted(flows.items()):
            info = next((i for (a, b), i in infos.items()
                         if a.endswith(f":{lport}") and b.endswith(f":{rport}")), None)
            if info is None or (number(info, "backoff") or 0) < 4:
                continue
            checked += 1
            # A look at ss comes a moment after ours: one more timeout may have expired in between.
            wanted = waited_ms(info)
            before = waited_ms(info) - number(info, "rto") / 2
            close = any(abs(flow["rto_wait_ms"] - w) <= 0.05 * w for w in (wanted, before))
            tap.ok(close, f"{laddr}:{lport}: RTO WAIT {flow['rto_wait_ms']:.0f} ms of {wanted:.0f}", info)
            tap.ok(flow["by_cause"]["RTO"] == flow["retrans"], "nothing but timeouts", flow)
        tap.ok(checked >= 6, f"{checked} black holes compared")


def spurious(tap):
    """Segments that had arrived before: by the peer's DSACKs, and by what the kernel undid."""
    with Tcpretop("-b", "--json") as top:
        with Lab("spike,n=3,spike=400", "reorder,n=3,p=3", "ackloss,n=2,p=30", "loss,n=2,p=2") as lab:
            netns, counters = lab.netns(), lab.counters
            wait_until(lambda: counters()["TcpExtTCPDSACKRecvSegs"] > 150
                       and counters()["TcpExtTCPLossUndo"] > 6
                       and counters()["TcpExtTCPFullUndo"] > 20, "DSACKs and undos", 120)
            lab("quiet", "60")
            two_more_looks(top)
            kernel = counters()
            flows = last_of_each_flow(top.stop(), netns.values()).values()
            groups = [line.split()[:2] for line in lab("groups").splitlines()]
    shape = {int(port): name for port, name in groups}

    def total(key, name=None):
        return sum(o[key] for o in flows
                   if name is None or name in (shape.get(o["rport"]), shape.get(o["lport"])))

    tap.within(total("dsacks"), kernel["TcpExtTCPDSACKRecvSegs"], 0.01, "DSACKs against TCPDSACKRecvSegs")
    undone = sum(kernel["TcpExtTCP" + way] for way in ("FullUndo", "PartialUndo", "LossUndo"))
    tap.within(total("undos"), undone, 0.01, "undos against TCPFullUndo, TCPPartialUndo, TCPLossUndo")
    for name in ("spike", "reorder"):
        sent = total("retrans", name) + total("tlp", name)
        tap.ok(sent and total("spurious", name) >= 0.9 * sent,
               f"{name}: {total('spurious', name)} of {sent} segments were spurious")
    sent = total("retrans", "loss")
    tap.ok(sent and total("spurious", "loss") <= 0.1 * sent,
           f"loss: {total('spurious', 'loss')} of {sent} segments were spurious")
    tap.ok(all(o["spurious"] <= o["retrans"] + o["tlp"] for o in flows),
           "never more spurious segments than were sent again")


def tells_of_failures():
    """Whether the kernel's tracepoint has its third argument, by the kernel's own types."""
    command = ["bpftool", "btf", "dump", "file", "/sys/kernel/btf/vmlinux", "format", "raw"]
    text = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout
    pointer = re.search(r"TYPEDEF 'btf_trace_tcp_retransmit_skb' type_id=(\d+)", text)[1]
    proto = re.search(rf"^\[{pointer}\] PTR .* type_id=(\d+)", text, re.M)[1]
    return int(re.search(rf"^\[{proto}\] FUNC_PROTO .* vlen=(\d+)", text, re.M)[1]) > 3  # the first is the tracepoint's own


def failed(tap):
    """Sends that this host's own filter refuses."""
    with Tcpretop("-b", "--json") as top, Tcpretop("-e", "--json") as events, Lab("fail,n=4,p=5") as lab:
        netns, counters = lab.netns(), lab.counters
        wait_until(lambda: counters()["TcpExtTCPRetransFail"] > 50, "50 failed sends", 120)
        lab("quiet", "60")
        two_more_looks(top)
        kernel = counters()
        text = events.stop()
        flows = last_of_each_flow(top.stop(), netns.values()).values()
    ours = sum(o["by_cause"]["FAILED"] for o in flows)
    if not tells_of_failures():
        tap.skip("FAILED with its errno", "this kernel's tracepoint does not tell of failed sends")
        return
    tap.within(ours, kernel["TcpExtTCPRetransFail"], 0.01, "FAILED against TCPRetransFail")
    tap.equal({o["last_error"] for o in flows if o["by_cause"]["FAILED"]}, {"EPERM"}, "each with its errno")
    told = {o["error"] for o in objects(text, "event", netns.values()) if o["cause"] == "FAILED"}
    tap.equal(told, {"EPERM"}, "in the events as well")


tap = Tap()
best_of(tap, rto_wait)
best_of(tap, spurious)
best_of(tap, failed)
tap.end()
