#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# --doctor, of troubles that can be made here. Prints TAP.
. "$(dirname "$0")/common.bash"

need_root 'the doctor'
install -m755 "$T" "$tmp/tcpretop"

# A finding: its line begins with $1 and what is below it has each of the words $2...
found() {
	local head=$1 block word
	shift
	block=$(awk -v head="$head" '/^[^ ]/ { on = index($0, head) == 1 } on' "$out")
	[ -n "$block" ] || return
	for word; do grep -qF -- "$word" <<<"$block" || return; done
}

# The doctor said nothing on stderr, and ended with status $1.
diagnosed() {
	[ "$status" = "$1" ] && [ ! -s "$err" ] && ! grep -q $'\033' "$out"
}

doctor() { # COMMAND...: that is to run it
	run "$@" "$tmp/tcpretop" --doctor
}

capabilities() { # LIST COMMAND...: as a user with these capabilities, and no others
	local caps=-all$1
	shift
	run setpriv --reuid 65534 --regid 65534 --clear-groups --inh-caps="$caps" --ambient-caps="$caps" \
		--bounding-set="$caps" "$@"
}

doctor env TERM=xterm
diagnosed 0 && found 'ok  hook: retransmits ' 'tp_btf/tcp_retransmit_skb' && found 'ok  kernel ' "Linux $(uname -r)" &&
	found 'ok  hook: owners ' && found 'ok  terminal ' xterm && grep -q '^tcpretop works here' "$out"
ok $? 'doctor: what works'
"$T" -b -n 1 -d 0.1 >"$tmp/batch"
if grep -q 'TLP ?' "$tmp/batch"; then
	found '--  hook: TLPs ' none
else
	found '--  hook: TLPs ' timer_expire_entry || found 'ok  hook: TLPs ' tcp_send_loss_probe
fi
ok $? 'doctor: the way to tail loss probes is the one that is taken'
doctor setpriv --reuid 65534 --regid 65534 --clear-groups
diagnosed 3 && found '!!  capabilities ' 'not root' 'sudo tcpretop' && found '??  hook: retransmits ' &&
	found 'ok  user ' 65534 && grep -q '^tcpretop cannot watch this host' "$out"
ok $? 'doctor: without privileges'
doctor setpriv --reuid 65534 --regid 65534 --clear-groups --no-new-privs
diagnosed 3 && found '!!  capabilities ' no_new_privs
ok $? 'doctor: without privileges, and no way to them'
doctor setpriv --bounding-set=-all
diagnosed 3 && found '!!  capabilities ' 'no CAP_BPF, no CAP_PERFMON' 'given too little'
ok $? 'doctor: root without capabilities'
capabilities ,+bpf "$tmp/tcpretop" --doctor
diagnosed 3 && found '!!  capabilities ' 'no CAP_PERFMON'
ok $? 'doctor: half the capabilities'
for caps in ,+bpf,+perfmon ,+sys_admin ,+bpf,+perfmon,+sys_ptrace; do
	capabilities "$caps" "$tmp/tcpretop" --doctor
	diagnosed 0 && found 'ok  capabilities ' && found 'ok  hook: states ' && found '--  network namespaces ' 'sudo tcpretop'
	ok $? "doctor: a user with $caps"
	capabilities "$caps" "$tmp/tcpretop" -b -n 1 -d 0.1
	quiet_success
	ok $? "a user with $caps can watch, as it says"
done
run env TERM=nonsense "$T" --doctor
diagnosed 0 && found '--  terminal ' 'nonsense is not known' TERM=xterm
ok $? 'doctor: a terminal that is not known'
run env TERM=$'a\033]0;b\007' "$T" --doctor
diagnosed 0 && found '--  terminal ' 'a?]0;b?'
ok $? 'doctor: a terminal with escape sequences'
run env TERM=dumb "$T" --doctor
diagnosed 0 && found '--  terminal ' 'cannot place its cursor'
ok $? 'doctor: a dumb terminal'
run env -u TERM "$T" --doctor
diagnosed 0 && found 'ok  terminal ' none
ok $? 'doctor: no terminal'
for locale in C POSIX; do
	run env LC_ALL=$locale "$T" --doctor
	diagnosed 0 && found '--  locale ' '-> export LC_ALL=C.UTF-8' && ! grep -q '[^ -~]' "$out"
	ok $? "doctor: locale $locale"
done
run env LC_ALL=xx_XX "$T" --doctor
diagnosed 0 && found '--  locale ' 'not installed'
ok $? 'doctor: a locale that is not installed'
run bash -c "'$T' --doctor >/dev/full"
complained 1 'cannot write to standard output'
ok $? 'doctor: a full disk'
if unshare -m true 2>/dev/null; then
	run unshare -m sh -c "mount -t tmpfs none /sys/kernel/btf && exec '$T' --doctor"
	diagnosed 4 && found '!!  types (BTF) ' '→ umount /sys/kernel/btf' && found '??  hook: SYN-ACKs '
	ok $? 'doctor: BTF covered'
	: >"$tmp/secret" && chmod 000 "$tmp/secret"
	secret="mount --bind '$tmp/secret' /sys/kernel/btf/vmlinux && exec setpriv --reuid 65534 --regid 65534 --clear-groups \
		--inh-caps=-all,+bpf,+perfmon --ambient-caps=-all,+bpf,+perfmon '$tmp/tcpretop'"
	run unshare -m sh -c "$secret --doctor"
	diagnosed 3 && found '!!  types (BTF) ' 'cannot be read' 'sudo tcpretop'
	ok $? 'doctor: BTF that this user may not read'
	run unshare -m sh -c "$secret -b -n 1"
	refused 3 'cannot read' /sys/kernel/btf/vmlinux 'sudo tcpretop' && ! grep -q 'no BTF' "$err"
	ok $? 'BTF that this user may not read, as the doctor says'
	run unshare -m sh -c "mount -t tmpfs none /sys && exec '$T' --doctor"
	diagnosed 4 && found '!!  types (BTF) ' 'mount -t sysfs'
	ok $? 'doctor: no sysfs'
	if grep -q ' cgroup2 ' /proc/mounts; then
		run unshare -m sh -c "mount -t tmpfs none /sys/fs/cgroup && exec '$T' --doctor"
		diagnosed 0 && found '--  cgroups ' covered '→ umount /sys/fs/cgroup'
		ok $? 'doctor: cgroups covered'
	else
		skip 'doctor: cgroups covered' 'no cgroup2 here'
	fi
	run unshare -m sh -c "mount -t tmpfs none /proc && exec '$T' --doctor"
	diagnosed 0 && found '--  processes ' 'mount -t proc' && found '??  cgroups '
	ok $? 'doctor: no /proc'
	run unshare -mpf --mount-proc "$T" --doctor
	diagnosed 0 && found '--  processes ' 'of this container only' '--pid=host'
	ok $? 'doctor: processes of a container'
else
	skip 'doctor: what mounts hide' 'no mount namespaces'
fi
if unshare -Ur true 2>/dev/null; then
	run unshare -Ur "$T" --doctor
	diagnosed 3 && found '!!  user ' 'user namespace' && ! grep -q '^!!  [^u]' "$out"
	ok $? 'doctor: root of a user namespace'
else
	skip 'doctor: root of a user namespace' 'no user namespaces'
fi
if command -v script >/dev/null; then
	run script -qec "stty cols 30 rows 8; TERM=xterm '$T' --doctor" /dev/null
	found '--  terminal ' '30 by 8' stty
	ok $? 'doctor: a small terminal'
fi
finish
