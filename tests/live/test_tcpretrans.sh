#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Scripts written for bcc's tcpretrans, run through the link of that name on real retransmits of the lab. Prints TAP.
. "$(dirname "$0")/../cli/common.bash"

need_root 'scripts on real retransmits'
if [ ! -x "$BUILD/tests/traffic" ] || ! command -v nft >/dev/null; then
	skip 'scripts on real retransmits' 'the lab cannot run'
	finish
fi
mkdir "$tmp/bin"
ln -s "$(realpath "$T")" "$tmp/bin/tcpretrans"
export tmp PATH="$tmp/bin:$PATH"

# bcc's own words: the first line, the header, and a format of "%-8s %-7d %-2d %-20s %1s> %-20s %s".
cat >"$tmp/collect" <<'SCRIPT'
timeout -s INT 60 tcpretrans >"$tmp/plain" 2>>"$tmp/complaints" & p=$!
timeout -s INT 60 tcpretrans -l -s >"$tmp/probes" 2>>"$tmp/complaints" & l=$!
timeout -s INT 60 tcpretrans -6 >"$tmp/six" 2>>"$tmp/complaints" & six=$!
timeout -s INT 60 tcpretrans -4 >"$tmp/four" 2>>"$tmp/complaints" & four=$!
timeout -s INT 60 tcpretrans -c >"$tmp/count" 2>>"$tmp/complaints" & c=$!
timeout 60 tcpretrans -l | awk '
	NR == 1 || $1 == "TIME" { next }
	$5 == "R>" { split($6, remote, ":"); n[remote[1]]++ }
	$5 == "L>" { probes++ }
	{ lines++ }
	lines >= 200 { for (host in n) print host, n[host]; print "probes", probes + 0; exit }' >"$tmp/awk" & a=$!
for ((i = 0; i < 300; i++)); do
	sleep 0.1
	[ "$(grep -c 'R> ' "$tmp/plain")" -gt 40 ] && [ "$(grep -c 'L> ' "$tmp/probes")" -gt 2 ] &&
		grep -q ' 6  ' "$tmp/six" && grep -q ' 4  ' "$tmp/four" && [ -s "$tmp/awk" ] && break
done
kill -INT $p $l $six $four $c
wait $p $l $six $four $c $a
SCRIPT
LATEST=120
run tests/lab/lab run --flow loss,n=6,p=8,v=46 --flow tail,n=3 --outside -- bash "$tmp/collect"
[ "$status" = 0 ] && [ ! -s "$tmp/complaints" ]
ok $? 'tcpretrans in all its modes, ended by Ctrl-C'

head -n 2 "$tmp/plain" | cmp -s - <(printf '%s\n' 'Tracing retransmits ... Hit Ctrl-C to end' \
	'TIME     PID     IP LADDR:LPORT          T> RADDR:RPORT          STATE')
ok $? 'first line and header are those of bcc'
head -n 2 "$tmp/probes" | tail -n 1 | grep -qx 'TIME     PID     IP LADDR:LPORT          T> RADDR:RPORT          STATE        SEQ'
ok $? '-s: its header'
# Is every line what bcc's format makes of the line's own fields?
reformatted() { # FILE
	sed 1,2d "$1" | awk '{
		line = sprintf("%-8s %-7d %-2d %-20s %1s> %-20s", $1, $2, $3, $4, substr($5, 1, 1), $6)
		line = line " " (NF == 8 ? sprintf("%-12s %s", $7, $8) : $7)
		print line == $0 ? "same" : "differs: " $0
	}' | sort | uniq -c >"$out"
	[ "$(awk '{ print $2 }' "$out")" = same ]
}
reformatted "$tmp/plain"
ok $? 'every line is as its format makes it'
reformatted "$tmp/probes"
ok $? '-s: every line is as its format makes it'
! sed 1,2d "$tmp/six" | grep -v ' 6  ' && ! sed 1,2d "$tmp/four" | grep -v ' 4  ' && ! grep -q 'L> ' "$tmp/plain"
ok $? '-6 has IPv6 only, -4 IPv4, and probes come with -l only'

python3 tests/live/bcc_top_talkers.py <"$tmp/probes" >"$tmp/talkers" 2>"$err"
[ ! -s "$err" ] && [ "$(awk '$1 == "host" { n += $3 } END { print n }' "$tmp/talkers")" = "$(grep -c ' R> ' "$tmp/probes")" ] &&
	[ "$(awk '$1 == "host" { print $2 }' "$tmp/talkers" | wc -l)" -gt 2 ] && grep -q '^state ESTABLISHED ' "$tmp/talkers"
ok $? 'a Python script by its columns: every retransmit is counted, by host and state'
[ "$(awk '$1 != "probes" { n += $2 } $1 == "probes" { n += $2 } END { print n }' "$tmp/awk")" -gt 150 ] && grep -q '^probes' "$tmp/awk"
ok $? 'an awk script in a pipe gets each line as it comes, and ends it'
[ "$(sed -n 3p "$tmp/count")" = 'LADDR:LPORT               RADDR:RPORT               RETRANSMITS' ] &&
	[ "$(awk '$2 == "<->" { n += $4 } END { print n }' "$tmp/count")" -gt 40 ]
ok $? '-c prints its table at Ctrl-C, which a script adds up'
finish
