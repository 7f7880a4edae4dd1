#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# The command line from outside: exit statuses, messages, standard output and its ends, signals. Prints TAP.
# What needs a live source is skipped without root.
. "$(dirname "$0")/common.bash"

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
	-g hosts|-g takes flow, remote, subnet, lport, rport, process, cgroup, netns, host or cause, not 'hosts'
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
head -c 15 tests/cli/small.rec >"$tmp/begun"
head -c 4000 tests/cli/small.rec >"$tmp/cut"
cp tests/cli/small.rec "$tmp/flipped"
cat tests/cli/small.rec tests/cli/small.rec >"$tmp/joined"
printf X | dd of="$tmp/flipped" bs=1 seek=1000 conv=notrunc status=none
printf 'tcpretop\002\000\000\000\072\055\346\227' >"$tmp/version"
while IFS='|' read -r file words todo; do
	for mode in -b '-c --json' -e; do
		IFS=' ' read -ra argv <<<"$mode"
		run "$T" -r "$tmp/$file" "${argv[@]}"
		complained 5 "$words" "$todo"
		ok $? "recording $file: $mode"
	done
done <<-'LIST'
	none|No such file|-r takes a file
	.|Is a directory|-r takes a file
	empty|it is empty|-r takes a file
	text|it is no recording|-r takes a file
	begun|it is cut at byte 15, within its first 16|-r takes a file
	version|of version 2, and this tcpretop reads version 1|play it with the one
	cut|it is cut at byte 4000, within the frame from byte 3699|copy it again
	flipped|it is damaged at byte|copy it again
	joined|it goes on after its end, at byte|by an -r for each
LIST
run "$T" -r tests/cli/small.rec -c --csv -f 'cause RTO'
quiet_success && [ "$(wc -l <"$out")" = 1 ]
ok $? 'what was only probed has no cause of which there was nothing'
run "$T" -r "$tmp/cut" -c --json
[ "$(jq -rs 'map(.type) | join(" ")' "$out")" = 'flow flow flow flow flow interval' ]
ok $? 'what is before the cut is shown'
run bash -c "'$T' -r - -e <tests/cli/small.rec"
quiet_success && [ "$(wc -l <"$out")" -gt 3 ]
ok $? 'a recording on standard input'
run "$T" -r tests/cli/small.rec -b -n 2
quiet_success && [ "$(grep -c '^tcpretop ' "$out")" = 2 ]
ok $? '-n 2 of a recording: two of its ticks'
intervals='select(.type == "interval") | [.time, .elapsed * 1000 | round] | @csv'
run "$T" -r tests/cli/small.rec -r tests/cli/small.rec -b --json
quiet_success && [ "$(jq -r "$intervals" "$out")" = "$("$T" -r tests/cli/small.rec -b --json | jq -r "$intervals")" ] &&
	[ "$(jq -r 'select(.type == "flow") | .host' "$out" | sort -u | xargs)" = 'web-17 web-17#2' ]
ok $? 'several recordings are one table, at their own times'
run bash -c "'$T' -r tests/cli/small.rec -r - -b <tests/cli/small.rec | wc -l; cat tests/cli/small.rec | '$T' -r tests/cli/small.rec -r - -b"
complained 2 'goes with other files' && [ "$(cat "$out")" -gt 10 ]
ok $? 'but what is past and what is now are not'
run "$T" -r tests/cli/small.rec -c --csv -o 'RETR/s' -f 'RETR/s > 1' --columns RETR,RETR/s
quiet_success && [ "$(cut -d, -f2 "$out" | tr '\n' ' ')" = 'RETR 234 174 117 ' ] &&
	awk -F, 'NR > 1 && ($3 < $2 / 90 || $3 > $2 / 80) { exit 1 }' "$out"
ok $? '-c: rates are those of the whole time'
run "$T" -r tests/cli/small.rec -w "$tmp/copy"
quiet_success && [ ! -s "$out" ] && cmp -s <("$T" -r tests/cli/small.rec -e --json) <("$T" -r "$tmp/copy" -e --json) &&
	cmp -s <("$T" -r tests/cli/small.rec -b --json) <("$T" -r "$tmp/copy" -b --json)
ok $? 'a copy shows the same'
for mode in -b -c -e; do
	run "$T" -r tests/cli/small.rec "$mode" -w "$tmp/copy"
	quiet_success && cmp -s <("$T" -r tests/cli/small.rec -b --json) <("$T" -r "$tmp/copy" -b --json)
	ok $? "so does one made beside $mode"
done
run "$T" -r "$tmp/copy" -w "$tmp/copy"
refused 2 'the same file' && "$T" -r "$tmp/copy" -c >"$out" 2>"$err"
ok $? 'a recording is not copied onto itself'
cp tests/cli/small.rec "$tmp/copy"
run "$T" -r "$tmp/copy" -b --metrics "$tmp/copy"
refused 2 'would replace the recording' && cmp -s tests/cli/small.rec "$tmp/copy"
ok $? 'metrics do not replace the recording that is played'
run "$T" -r tests/cli/small.rec -b -w "$tmp/both" --metrics "$tmp/both"
refused 2 'would replace the recording' && [ ! -e "$tmp/both" ]
ok $? 'nor the one that is made'
touch "$tmp/open"
chmod 644 "$tmp/open"
run "$T" -r tests/cli/small.rec -w "$tmp/open" -c
quiet_success && [ "$(stat -c %a "$tmp/open")" = 600 ]
ok $? 'a recording over a file that others could read'
run "$T" -r tests/cli/small.rec -d 77 -b
quiet_success && ! grep -q 'every 77' "$out"
ok $? 'the interval of a recording is the one that it has'
run "$T" -r tests/cli/small.rec -w /dev/full -c
complained 1 'No space left on device'
ok $? 'a recording on a full disk'
if command -v script >/dev/null; then
	run script -qec "'$T' -r tests/cli/small.rec -w - 2>'$tmp/why'" /dev/null
	cp "$tmp/why" "$err"
	refused 2 'to the terminal'
	ok $? 'no recording goes to a terminal'
else
	skip 'no recording goes to a terminal' 'no script(1)'
fi

if [ "$(id -u)" = 0 ]; then
	"$T" -r tests/cli/small.rec --speed 20 -b --metrics "$tmp/stopped.prom" >"$out" 2>"$err" &
	pid=$!
	for ((i = 0; i < 100; i++)); do
		writer=$(pgrep -P "$pid" tcpretop-metric) && break
		sleep 0.05
	done
	kill -STOP "$writer"
	for ((i = 0; i < 300; i++)); do
		kill -0 "$pid" 2>/dev/null || break
		sleep 0.1
	done
	kill -CONT "$writer" 2>/dev/null
	wait "$pid"
	status=$?
	[ "$i" -lt 300 ] && complained 1 'metrics' 'timed out'
	ok $? 'a writer of the metrics that is stopped keeps nobody'
else
	skip 'a writer of the metrics that is stopped' 'only root has one'
fi
if [ "$(id -u)" != 0 ]; then
	run "$T" -b -n 1
	refused 3
	ok $? 'without privileges'
fi
need_root 'the live source'

# ---- What the machine does not allow

install -m755 "$T" "$tmp/tcpretop"
for mode in -e -c '-b -n 1'; do
	IFS=' ' read -ra argv <<<"$mode"
	run setpriv --reuid 65534 --regid 65534 --clear-groups "$tmp/tcpretop" "${argv[@]}"
	refused 3
	ok $? "without privileges: $mode"
done
run bash -c "ulimit -Sn 20 && exec '$T' -b -n 1 -d 0.1"
quiet_success && grep -q '^tcpretop ' "$out"
ok $? 'a small limit of open files is lifted'
run setpriv --bounding-set=-sys_resource bash -c "ulimit -n 20 && exec '$T' -b -n 1"
refused 1 'only 20 files may be open at once, and 64 are needed: ulimit -n 64'
ok $? 'but where that is not allowed'
if unshare -m true 2>/dev/null; then
	host="printf 'a\\033]0;b\\007c' >/proc/sys/kernel/hostname"
	run unshare -u sh -c "$host && exec '$T' -b -n 1 -d 0.1 -w '$tmp/host'"
	quiet_success && grep -q '^tcpretop  a?]0;b?c  ' "$out" && run "$T" -r "$tmp/host" -b &&
		quiet_success && grep -q '^tcpretop  a?]0;b?c  ' "$out"
	ok $? 'a host name with escape sequences'
	run setpriv --bounding-set=-all "$T" -b -n 1
	refused 3 'root here lacks CAP_BPF'
	ok $? 'root without capabilities'
	mkdir -m 755 "$tmp/roots" && cp "$T" "$tmp/tcpretop" && cp tests/cli/small.rec "$tmp/theirs" && chmod 644 "$tmp/theirs"
	run setpriv --reuid 65534 --regid 65534 --clear-groups "$tmp/tcpretop" -r "$tmp/theirs" -b --metrics "$tmp/roots/m.prom"
	complained 1 "$tmp/roots/m.prom: Permission denied" '--metrics takes another file'
	ok $? 'metrics in a folder of another user'
	"$T" -r "$PWD/tests/golden/lab.rec" -b --speed 1 --metrics "$tmp/roots/m.prom" >"$out" 2>"$err" &
	top=$!
	wait_for 10 test -s "$tmp/roots/m.prom" && wait_for 10 rm -r "$tmp/roots" && wait $top
	status=$?
	complained 1 "$tmp/roots/m.prom: No such file" '--metrics takes another file'
	ok $? 'metrics whose folder goes'
	run unshare -m sh -c "mount -t tmpfs none /sys/kernel/btf && exec '$T' -b -n 1"
	refused 4 'tcpretop --doctor'
	ok $? 'without BTF'
else
	skip 'without BTF' 'no mount namespaces'
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
for looks in 1 2; do
	"$T" -r tests/cli/small.rec -b --json -n "$looks" >"$out"
	last=$(jq -r 'select(.type == "interval").time' "$out" | tail -n 1)
	want=$("$T" -r tests/cli/small.rec -e --json | jq -r "select(.time <= $last) | .seq" | wc -l)
	[ "$want" -gt 0 ] && [ "$("$T" -r tests/cli/small.rec -e --json -n "$looks" | wc -l)" = "$want" ]
	ok $? "-e -n $looks of a recording: its events up to the end of as many intervals"
done
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

in_state() { # LETTER
	[ "$(cut -d' ' -f3 "/proc/$pid/stat")" = "$1" ]
}

finished() {
	! kill -0 "$pid" || in_state Z
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
wait_for "$LATEST" in_state T
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
# SIGTERM is taken from a descriptor; that it is blocked alone says nothing: all are, while threads begin.
wait_for "$LATEST" grep -rqs '^sigmask:' "/proc/$pid/fdinfo"
wait_for "$LATEST" grep -qE '^SigBlk:.*[4-7c-f]...$' "/proc/$pid/status"
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
	if unshare -m true 2>/dev/null; then
		run unshare -m sh -c "for d in /etc /lib /usr/share /usr/lib; do
			[ ! -d \$d/terminfo ] || mount -t tmpfs none \$d/terminfo; done
			TERM=xterm exec script -qec \"'$T' -n 1 2>'$tmp/why'\" /dev/null"
		cp "$tmp/why" "$err"
		quiet_success && grep -q 'xterm is not known here; using xterm-256color' "$out"
		ok $? 'a host without any description of a terminal'
	else
		skip 'a host without any description of a terminal' 'no mount namespaces'
	fi
	run script -qec "setsid -w '$T' -n 1 </dev/null 2>'$tmp/why'" /dev/null
	cp "$tmp/why" "$err"
	refused 1 'needs a terminal'
	ok $? 'no terminal to read keys from'
else
	skip 'terminals that do not serve' 'no script(1)'
fi

finish
