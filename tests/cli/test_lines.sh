#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Each line of the text modes as scripts rely on it, on real retransmits of the lab. Prints TAP.
. "$(dirname "$0")/common.bash"
LAB=tests/lab/lab

need_root 'lines of real retransmits'
if [ ! -x "$BUILD/tests/traffic" ] || ! command -v nft >/dev/null; then
	skip 'lines of real retransmits' 'the lab cannot run'
	finish
fi
export T tmp LAB
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
# What is sent again while they end is in one of two sums that are read one after the other.
$LAB settle 2>>"$tmp/complaints"
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
ok $? '-e --json: the keys that readers rely on'
flow="type $key pid comm cgroup retrans retrans_interval tlp tlp_attempts tlp_sent synack by_cause bytes_retrans ratio
 rto_wait_ms srtt_us rto_us cwnd ca_state state first_seen last_seen
 spurious dsacks undos rttvar_us backoff ssthresh in_flight mss cc last_error"
flow=${flow//$'\n'/}
interval='type time elapsed totals flows evicted events_lost unattributed coverage'
for f in cj bj; do
	[ "$(keys "$tmp/$f" flow)" = "$flow" ] && [ "$(keys "$tmp/$f" interval)" = "$interval" ]
	ok $? "$f: the keys that readers rely on"
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
sed -n 3p "$tmp/cg" | grep -qx 'GROUP                     RETRANSMITS FLOWS' &&
	sed 1,3d "$tmp/cg" | awk -v prev=1e18 'NF != 3 || $2 > prev + 0 || $2 < 1 || $3 < 1 { exit 1 } { prev = $2 } END { exit NR < 3 }'
ok $? '-c -g: groups, worst first, with how many flows each holds'
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
