#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# The command line from outside: exit statuses, messages, standard output and its ends, signals. Prints TAP.
# What needs a live source is skipped without root.
set -u
cd "$(dirname "$0")/../.." || exit
BUILD=${BUILD:-$PWD/build}
T=${TCPRETOP:-$BUILD/tcpretop}
LAB=tests/lab/lab
LATEST=30 # seconds that a slow machine may take for anything

tmp=$(mktemp -d) || exit
chmod 755 "$tmp" # also for another user
trap 'rm -rf "$tmp"' EXIT
out=$tmp/out err=$tmp/err status=0
n=0 failed=0

ok() { # STATUS NAME: status 0 is good
	n=$((n + 1))
	if [ "$1" = 0 ]; then
		echo "ok $n - $2"
		return
	fi
	failed=$((failed + 1))
	echo "not ok $n - $2"
	echo "# status $status"
	head -n 5 "$out" "$err" 2>/dev/null | cut -c1-300 | sed 's/^/# /'
}

skip() {
	n=$((n + 1))
	echo "ok $n - $1 # SKIP $2"
}

# Runs a command with its output in $out and $err; its status is in $status.
run() {
	timeout -k 5 "$LATEST" "$@" >"$out" 2>"$err" </dev/null
	status=$?
}

# The last command ended with status $1 and said one line on stderr, which has all the words $2...
complained() {
	local wanted=$1 word
	shift
	[ "$status" = "$wanted" ] && [ "$(wc -l <"$err")" = 1 ] && grep -q '^tcpretop: ' "$err" || return
	for word; do grep -qF -- "$word" "$err" || return; done
}

# As complained, and nothing on standard output.
refused() {
	complained "$@" && [ ! -s "$out" ]
}

# As many fields in every line; names of processes may hold commas and quotes.
is_csv() { # FILE
	python3 -c 'import csv, sys
rows = list(csv.reader(open(sys.argv[1], newline="")))
sys.exit(len(rows) < 3 or len({len(row) for row in rows}) > 1)' "$1"
}

quiet_success() {
	[ "$status" = 0 ] && [ ! -s "$err" ]
}

wait_for() { # SECONDS COMMAND...
	local -i tries=$(($1 * 20))
	shift
	while ! "$@" 2>/dev/null; do
		[ $((tries -= 1)) -gt 0 ] || return 1
		sleep 0.05
	done
}

# ---- Without privileges: help, version, usage

run "$T" --help
quiet_success && grep -q '^usage: tcpretop' "$out" && ! grep -q '.\{81\}' "$out"
ok $? 'help goes to stdout in 80 columns'
for option in -e -c -b -l -4 -6 -s -d -n -f -g -o -C -M -V -h --columns --rows --json --csv --max-flows --ascii --verbose \
	-w -r --speed --doctor; do
	grep -qE -- "^ +$option\>" "$out" || break
done
grep -qE -- "^ +$option\>" "$out"
ok $? 'help names every option'
run "$T" -V
quiet_success && grep -qxE 'tcpretop [0-9]+\.[0-9]+\.[0-9]+' "$out"
ok $? 'version'

while IFS='|' read -r args words; do
	IFS=' ' read -ra argv <<<"$args"
	run "$T" "${argv[@]}"
	refused 2 "$words" "try 'tcpretop --help'"
	ok $? "bad usage: $args"
done <<-'LIST'
	-x|no option -x
	--nonsense|no option --nonsense
	-d|-d (--delay) needs a value
	-d 0|not '0'
	-d nan|not 'nan'
	-d 4000|0.1 to 3600
	-n 0|not '0'
	--rows many|not 'many'
	--max-flows 1|256 to
	-o RTTT|did you mean RTT?
	--columns RETR,nothing|no column 'nothing'
	-g host|-g takes flow, remote, subnet, lport, rport, process, cgroup, netns or cause, not 'host'
	-g|-g (--group) needs a value
	-g remote -o RTT|-o RTT is not known of the groups of -g remote
	-o FLOWS|-o FLOWS is for groups
	-e -c|exclude each other
	--doctor -c|exclude each other
	--doctor --json|--doctor goes without
	--json --csv|exclude each other
	-4 -6|exclude each other
	-b --resolve|--resolve is for the viewer
	--resolve=yes|--resolve takes no value
	eth0|'eth0'
	-w - -e|-w - needs standard output for itself
	--speed 2|--speed is for a replay
	-r x --speed fast|not 'fast'
LIST

run bash -c "'$T' --help >/dev/full"
complained 1 'cannot write to standard output' 'No space left'
ok $? 'help on a full disk'
run bash -c "'$T' --help >&-"
complained 1 'cannot write to standard output' 'closed'
ok $? 'help on a closed stdout'

# ---- Recordings that cannot be read

: >"$tmp/empty"
echo 'not of ours' >"$tmp/text"
head -c 15 tests/fuzz/seeds/replay/1 >"$tmp/begun"
head -c 1200 tests/fuzz/seeds/replay/1 >"$tmp/cut"
cp tests/fuzz/seeds/replay/1 "$tmp/flipped"
printf X | dd of="$tmp/flipped" bs=1 seek=1000 conv=notrunc status=none
printf 'tcpretop\002\000\000\000\072\055\346\227' >"$tmp/version"
while IFS='|' read -r file words; do
	for mode in -b '-c --json' -e; do
		IFS=' ' read -ra argv <<<"$mode"
		run "$T" -r "$tmp/$file" "${argv[@]}"
		complained 5 "$words"
		ok $? "recording $file: $mode"
	done
done <<-'LIST'
	none|No such file
	.|Is a directory
	empty|it is empty
	text|it is no recording
	begun|it is cut at byte 15, within its first 16
	version|of version 2, and this tcpretop reads version 1
	cut|it is cut at byte 1200, within the frame from byte 1051
	flipped|it is damaged at byte
LIST
run "$T" -r "$tmp/cut" -c --json
[ "$(jq -rs 'map(.type) | join(" ")' "$out")" = 'flow flow interval' ]
ok $? 'what is before the cut is shown'
run bash -c "'$T' -r - -e <tests/fuzz/seeds/replay/1"
quiet_success && [ "$(wc -l <"$out")" -gt 3 ]
ok $? 'a recording on standard input'
run "$T" -r tests/fuzz/seeds/replay/1 -b -n 2
quiet_success && [ "$(grep -c '^tcpretop ' "$out")" = 2 ]
ok $? '-n 2 of a recording: two of its ticks'
run "$T" -r tests/fuzz/seeds/replay/1 -w "$tmp/copy"
quiet_success && [ ! -s "$out" ] && cmp -s <("$T" -r tests/fuzz/seeds/replay/1 -e --json) <("$T" -r "$tmp/copy" -e --json) &&
	cmp -s <("$T" -r tests/fuzz/seeds/replay/1 -b --json) <("$T" -r "$tmp/copy" -b --json)
ok $? 'a copy shows the same'
run "$T" -r "$tmp/copy" -w "$tmp/copy"
refused 2 'the same file' && "$T" -r "$tmp/copy" -c >"$out" 2>"$err"
ok $? 'a recording is not copied onto itself'
touch "$tmp/open"
chmod 644 "$tmp/open"
run "$T" -r tests/fuzz/seeds/replay/1 -w "$tmp/open" -c
quiet_success && [ "$(stat -c %a "$tmp/open")" = 600 ]
ok $? 'a recording over a file that others could read'
run "$T" -r tests/fuzz/seeds/replay/1 -d 77 -b
quiet_success && ! grep -q 'every 77' "$out"
ok $? 'the interval of a recording is the one that it has'
run "$T" -r tests/fuzz/seeds/replay/1 -w /dev/full -c
complained 1 'No space left on device'
ok $? 'a recording on a full disk'
if command -v script >/dev/null; then
	run script -qec "'$T' -r tests/fuzz/seeds/replay/1 -w - 2>'$tmp/why'" /dev/null
	cp "$tmp/why" "$err"
	refused 2 'to the terminal'
	ok $? 'no recording goes to a terminal'
else
	skip 'no recording goes to a terminal' 'no script(1)'
fi

finish() {
	echo "1..$n"
	[ "$failed" = 0 ]
	exit
}

if [ "$(id -u)" != 0 ]; then
	run "$T" -b -n 1
	refused 3
	ok $? 'without privileges'
	skip 'the live source' 'not root'
	finish
fi

# ---- What the machine does not allow

install -m755 "$T" "$tmp/tcpretop"
for mode in -e -c '-b -n 1'; do
	IFS=' ' read -ra argv <<<"$mode"
	run setpriv --reuid 65534 --regid 65534 --clear-groups "$tmp/tcpretop" "${argv[@]}"
	refused 3
	ok $? "without privileges: $mode"
done
if unshare -m true 2>/dev/null; then
	host="printf 'a\\033]0;b\\007c' >/proc/sys/kernel/hostname"
	run unshare -u sh -c "$host && exec '$T' -b -n 1 -d 0.1 -w '$tmp/host'"
	quiet_success && grep -q '^tcpretop  a?]0;b?c  ' "$out" && run "$T" -r "$tmp/host" -b &&
		quiet_success && grep -q '^tcpretop  a?]0;b?c  ' "$out"
	ok $? 'a host name with escape sequences'
	run setpriv --bounding-set=-all "$T" -b -n 1
	refused 3 'root here lacks CAP_BPF'
	ok $? 'root without capabilities'
	run unshare -m sh -c "mount -t tmpfs none /sys/kernel/btf && exec '$T' -b -n 1"
	refused 4 'tcpretop --doctor'
	ok $? 'without BTF'
else
	skip 'without BTF' 'no mount namespaces'
fi

# ---- The doctor, of troubles that can be made here

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

# ---- Standard output and its ends

run "$T" -n 1
quiet_success && grep -q '^coverage ' "$out" && ! grep -q $'\033' "$out"
ok $? 'without a terminal it is -b, without escape sequences'
run "$T" -n 1 -d 0.1 --json
quiet_success && [ "$(tail -n 1 "$out" | jq -r .type)" = interval ]
ok $? 'with --json it is -b'
run "$T" -n 1 -d 0.1 --csv
quiet_success && head -n 1 "$out" | grep -q '^time,RETR,'
ok $? 'CSV has a header'
run "$T" -b -n 3 -d 0.1
quiet_success && [ "$(grep -c '^tcpretop ' "$out")" = 3 ] && [ "$(grep -c '^$' "$out")" -ge 5 ]
ok $? '-n 3: three reports, an empty line between'
run "$T" -e -n 2 -d 0.1
quiet_success && head -n 1 "$out" | grep -qx 'Tracing retransmits ... Hit Ctrl-C to end' &&
	sed -n 2p "$out" | grep -qx 'TIME     PID     IP LADDR:LPORT          T> RADDR:RPORT          STATE'
ok $? '-e ends after -n intervals'
for args in '-c -d 0.3' '-c -n 2 -d 0.2' '-c -n 1'; do
	IFS=' ' read -ra argv <<<"$args"
	run "$T" "${argv[@]}"
	quiet_success && [ "$(sed -n 2p "$out")" = '' ] &&
		sed -n 3p "$out" | grep -qx 'LADDR:LPORT               RADDR:RPORT               RETRANSMITS'
	ok $? "$args ends by itself"
done

for mode in -e -b '-c -d 0.2'; do
	run bash -c "'$T' $mode >/dev/full"
	complained 1 'cannot write to standard output' 'No space left'
	ok $? "full disk: $mode"
	run bash -c "'$T' $mode >&-"
	complained 1 'cannot write to standard output' 'closed'
	ok $? "closed stdout: $mode"
	run bash -c "set -o pipefail; '$T' ${mode% -d*} | head -n 1"
	quiet_success
	ok $? "closed pipe: ${mode% -d*}"
done
run bash -c "'$T' -b -n 1 -d 0.1 <&-"
quiet_success
ok $? 'closed stdin'
run bash -c "'$T' -b -n 1 -d 0.1 2>&-"
quiet_success
ok $? 'closed stderr'

# ---- Signals

start() { # ARG...: in the background, until its first line has come
	: >"$out"
	"$T" "$@" >"$out" 2>"$err" </dev/null &
	pid=$!
	wait_for "$LATEST" test -s "$out"
}

finished() {
	! kill -0 "$pid" || [ "$(cut -d' ' -f3 "/proc/$pid/stat")" = Z ]
}

stopped() {
	[ "$(cut -d' ' -f3 "/proc/$pid/stat")" = T ]
}

# Waits for the end of what was started.
reap() {
	wait_for "$LATEST" finished || kill -9 "$pid"
	wait "$pid"
	status=$?
}

for sig in INT TERM HUP QUIT; do
	start -e
	kill "-$sig" "$pid"
	reap
	quiet_success
	ok $? "SIG$sig ends -e with status 0"
done
start -c
kill -INT "$pid"
reap
quiet_success && grep -q '^LADDR:LPORT ' "$out"
ok $? 'Ctrl-C ends -c with its table'
start -b -d 0.2
kill -TERM "$pid"
reap
quiet_success
ok $? 'SIGTERM ends -b'

trap '' HUP
start -e
kill -HUP "$pid"
sleep 0.3
finished
alive=$?
kill -TERM "$pid"
reap
[ "$alive" = 1 ] && quiet_success
ok $? 'nohup is respected'
trap - HUP

set -m # a job of its own, as only such a one can be stopped
start -b -d 0.1
set +m
kill -TSTP "$pid"
wait_for 5 stopped
was=$?
kill -CONT "$pid"
kill -TERM "$pid"
reap
[ "$was" = 0 ] && quiet_success
ok $? 'Ctrl-Z stops a text mode'

mkfifo "$tmp/fifo"
exec 3<>"$tmp/fifo"
yes | timeout 1 dd of="$tmp/fifo" status=none # it is full
"$T" -b -d 0.1 >"$tmp/fifo" 2>"$err" 3<&- &
pid=$!
sleep 1
kill -TERM "$pid"
reap
exec 3<&-
: >"$out"
quiet_success
ok $? 'a reader that does not read holds up no SIGTERM'

# ---- The viewer where it cannot be

if command -v script >/dev/null; then
	run script -qec "TERM=nonsense '$T' -n 1 2>'$tmp/why'" /dev/null
	cp "$tmp/why" "$err"
	quiet_success && grep -q nonsense "$out"
	ok $? 'an unknown TERM has a stand-in, and a word on it'
	run script -qec "TERM=dumb '$T' -n 1 2>'$tmp/why'" /dev/null
	cp "$tmp/why" "$err"
	refused 1 TERM dumb
	ok $? 'a TERM that cannot'
	run script -qec "setsid -w '$T' -n 1 </dev/null 2>'$tmp/why'" /dev/null
	cp "$tmp/why" "$err"
	refused 1 'needs a terminal'
	ok $? 'no terminal to read keys from'
else
	skip 'terminals that do not serve' 'no script(1)'
fi

# ---- Real retransmits: each line as SPEC.md gives it

if [ ! -x "$BUILD/tests/traffic" ] || ! command -v nft >/dev/null; then
	skip 'lines of real retransmits' 'the lab cannot run'
	finish
fi
export T tmp
cat >"$tmp/collect" <<'SCRIPT'
modes=('e:-e' 'el:-e -l -s' 'ej:-e -l --json' 'ec:-e -l --csv' 'c:-c -l' 'cj:-c --json' 'b:-b' 'bj:-b --json' 'bc:-b --csv'
	'cg:-c -l -g remote' 'cgj:-c --json -g remote' 'cgc:-c --json -g cause' 'bg:-b -g remote' 'bgj:-b --json -g subnet'
	'bgs:-b --csv -g lport')
pids=()
for m in "${modes[@]}"; do
	$T ${m#*:} >"$tmp/${m%%:*}" 2>>"$tmp/complaints" &
	pids+=($!)
done
for ((i = 0; i < 300; i++)); do
	sleep 0.1
	[ "$(grep -c 'R> ' "$tmp/el")" -gt 20 ] && [ "$(grep -c 'L> ' "$tmp/el")" -gt 2 ] &&
		grep -q 'S> ' "$tmp/e" && grep -q ' 6  ' "$tmp/e" && grep -q '"type":"flow"' "$tmp/bj" && break
done
sleep 1.5
kill -INT "${pids[@]}"
for p in "${pids[@]}"; do wait "$p" || echo "status $?" >>"$tmp/complaints"; done
SCRIPT
$LAB run --flow loss,n=4,p=5,v=46 --flow tail,n=2 --flow synackloss,p=50,n=2 --outside -- bash "$tmp/collect" \
	>"$out" 2>"$err" </dev/null
status=$?
[ "$status" = 0 ] && [ ! -s "$tmp/complaints" ]
ok $? 'every mode at once in the lab'

addr='[0-9a-f.:]+:[0-9]+ *'
line="^[0-9]{2}(:[0-9]{2}){2} [0-9]+ {1,7}[46]  $addr [RLS]> $addr [A-Z_0-9]+"
! sed 1,2d "$tmp/e" | grep -vE "$line\$" && [ "$(wc -l <"$tmp/e")" -gt 10 ]
ok $? '-e: every line as tcpretrans prints it'
! sed 1,2d "$tmp/el" | grep -vE "$line *[0-9]+\$"
ok $? '-e -s: with the sequence number'
grep -q 'L> ' "$tmp/el" && ! grep -q 'L> ' "$tmp/e"
ok $? 'tail loss probes only with -l'

keys() { # FILE TYPE: the keys of every object of this type, and no other set of them
	jq -r --arg type "$2" 'select(.type == $type) | keys_unsorted | join(" ")' "$1" | sort -u
}
key='netns family laddr lport raddr rport'
[ "$(keys "$tmp/ej" event)" = "type schema time kind cause $key state seq segs pid comm cgroup error
type schema time kind cause $key state seq segs pid comm cgroup sent error" ]
ok $? '-e --json: the keys of the contract'
flow="type $key pid comm cgroup retrans retrans_interval tlp tlp_attempts tlp_sent synack by_cause bytes_retrans ratio
 rto_wait_ms srtt_us rto_us cwnd ca_state state first_seen last_seen
 spurious dsacks undos rttvar_us backoff ssthresh in_flight mss cc last_error"
flow=${flow//$'\n'/}
interval='type time elapsed totals flows evicted events_lost unattributed coverage'
for f in cj bj; do
	[ "$(keys "$tmp/$f" flow)" = "$flow" ] && [ "$(keys "$tmp/$f" interval)" = "$interval" ]
	ok $? "$f: the keys of the contract"
done
[ "$(jq -s 'map(select(.type == "interval")) | length' "$tmp/cj")" = 1 ] &&
	[ "$(tail -n 1 "$tmp/cj" | jq -r .type)" = interval ]
ok $? '-c --json ends with the only interval'
jq -se '(map(select(.type == "flow") | .retrans + .tlp + .synack) | add) as $flows
	| .[-1].totals | .retrans + .tlp + .synack == $flows' "$tmp/cj" >"$out" 2>"$err"
ok $? '-c --json: the flows add up to the totals'
jq -se 'map(select(.type == "event" and .kind == "L") | .sent) | length > 0 and all(. != null)' "$tmp/ej" >"$out" 2>"$err"
ok $? '-e --json: what each probe sent'
for f in ec bc; do
	is_csv "$tmp/$f"
	ok $? "$f: as many fields in every line"
done
sed 1,3d "$tmp/c" | awk -v prev=1e18 'NF != 4 || $2 != "<->" || $4 > prev + 0 || $4 < 1 { exit 1 } { prev = $4 } END { exit !NR }'
ok $? '-c: worst first'

group="type by group flows netns pid comm cgroup state retrans retrans_interval tlp tlp_attempts tlp_sent synack by_cause
 bytes_retrans ratio rto_wait_ms first_seen last_seen spurious dsacks undos"
group=${group//$'\n'/}
for f in cgj cgc bgj; do
	[ "$(keys "$tmp/$f" group)" = "$group" ] && [ "$(keys "$tmp/$f" interval)" = "$interval" ] && ! grep -q '"type":"flow"' "$tmp/$f"
	ok $? "$f: the keys of a group"
done
for f in cgj cgc; do
	jq -se '(map(select(.type == "group") | .retrans + .tlp + .synack) | add) as $groups
		| .[-1].totals | .retrans + .tlp + .synack == $groups' "$tmp/$f" >"$out" 2>"$err"
	ok $? "$f: the groups add up to the totals"
done
jq -se 'map(select(.type == "group") | [.by_cause[.group], .retrans + .tlp + .synack]) | length > 2 and all(.[0] == .[1])' \
	"$tmp/cgc" >"$out" 2>"$err"
ok $? '-g cause: each group holds the segments of its cause'
jq -se '(map(select(.type == "interval") | .totals.retrans) | add) as $totals
	| map(select(.type == "group") | .retrans_interval) | add == $totals' "$tmp/bgj" >"$out" 2>"$err"
ok $? '-b --json -g: the groups of all intervals add up to the totals'
jq -se 'map(select(.type == "group")) | length > 2 and all(.by == "subnet" and (.group | test("/(24|64)$")))' \
	"$tmp/bgj" >"$out" 2>"$err"
ok $? '-g subnet: /24 and /64'
sed -n 3p "$tmp/cg" | grep -qx 'GROUP                     RETRANSMITS' &&
	sed 1,3d "$tmp/cg" | awk -v prev=1e18 'NF != 2 || $2 > prev + 0 || $2 < 1 { exit 1 } { prev = $2 } END { exit NR < 3 }'
ok $? '-c -g: groups, worst first'
awk '/^tcpretop / { if (sum != want) exit 1; match($0, /flows [0-9]+/); want = substr($0, RSTART + 6, RLENGTH - 6); sum = 0 }
	/^ *[0-9]+  [0-9a-f]+[.:]/ { sum += $1; rows++ } END { exit sum != want || rows < 3 }' "$tmp/bg" &&
	grep -qE ' group: remote ([0-9]+) of \1  flows ' "$tmp/bg" && grep -qE '^ +FLOWS  GROUP +RETR  RETR/s' "$tmp/bg"
ok $? '-b -g: the groups hold the flows'
head -n 1 "$tmp/bgs" | grep -q '^time,FLOWS,GROUP,RETR,' && ! grep -q ADDR "$tmp/bgs" &&
	is_csv "$tmp/bgs"
ok $? '--csv -g: as many fields in every line'
! grep -q $'\033' "$tmp"/{e,el,ej,ec,c,cj,b,bj,bc,cg,cgj,cgc,bg,bgj,bgs}
ok $? 'no escape sequence anywhere'
finish
