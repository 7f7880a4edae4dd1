#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# make static: one small file without libraries, which runs on another release of Debian. Prints TAP.
. "$(dirname "$0")/../cli/common.bash"
unset MAKEFLAGS MAKELEVEL MFLAGS
: "$T" # made from the same sources, with flags of its own

LATEST=900
run make -s static B=build # compiled once, and then only what has changed
[ "$status" = 0 ]
ok $? 'make static'
! grep 'warning:' "$err"
ok $? 'no warning of a compiler'
[ -x build/static/tcpretop ] || finish
static=build/static/tcpretop
LATEST=120

[ "$(stat -c %s $static)" -lt 3000000 ]
ok $? "less than 3 MB: $(stat -c %s $static) bytes"
! readelf -d $static | grep -q NEEDED && ! readelf -lW $static | grep -q INTERP
ok $? 'it needs no library and no loader'
readelf -hW $static | grep -q 'DYN ' && readelf -lW $static | grep -q 'GNU_RELRO' &&
	readelf -lW $static | grep 'GNU_STACK' | grep -q 'RW '
ok $? 'it is loaded where chance puts it, and hardened as the other one'
! grep -aqF "$PWD/" $static
ok $? 'it does not tell where it was built'
run $static -r tests/golden/lab.rec -c --json
cp "$out" "$tmp/static"
run "$T" -r tests/golden/lab.rec -c --json
[ -s "$out" ] && cmp -s "$out" "$tmp/static"
ok $? 'it plays a recording back as the other one'
need_root 'the static program elsewhere'

mkdir "$tmp/given"
cp $static tests/golden/lab.rec "$tmp/given"
cat >"$tmp/given/try" <<'TRY'
set -u
cd /given
./tcpretop --doctor >doctor 2>&1; echo "doctor $?" >results
./tcpretop -b -n 1 -d 0.3 --columns USER,PROCESS,RETR >batch 2>&1; echo "batch $?" >>results
./tcpretop -r lab.rec -n 3 --speed max -c >count 2>&1; echo "count $?" >>results
ln -s tcpretop tcpretrans
./tcpretrans -n 1 -d 0.3 >events 2>&1; echo "events $?" >>results
TERM=xterm script -qec 'stty cols 100 rows 30; ./tcpretop -n 1 -d 0.3' /dev/null >viewer 2>&1 </dev/null
echo "viewer $?" >>results
rm -rf /etc/terminfo /lib/terminfo /usr/share/terminfo /usr/lib/terminfo
TERM=xterm-256color script -qec 'stty cols 100 rows 30; ./tcpretop -n 1 -d 0.3' /dev/null >bare 2>&1 </dev/null
echo "bare $?" >>results
rm -rf /usr/lib/locale /etc/passwd /etc/nsswitch.conf
./tcpretop -b -n 1 -d 0.3 --columns USER,RETR >poor 2>&1; echo "poor $?" >>results
TRY
LATEST=1500
run tests/dist/bare trixie "$tmp/given" sh /given/try
if [ "$status" = 77 ]; then
	skip 'the static program on Debian 13' "$(cat "$err")"
	finish
fi
for what in doctor batch count events viewer bare poor; do
	grep -qx "$what 0" "$tmp/given/results"
	ok $? "on Debian 13: $what"
done
grep -q '^ok  hook: retransmits' "$tmp/given/doctor" && grep -q '^tcpretop works here' "$tmp/given/doctor"
ok $? 'on Debian 13 it attaches, and says so'
grep -q '^coverage' "$tmp/given/batch" && grep -q 'coverage' "$tmp/given/viewer" && grep -q 'coverage' "$tmp/given/bare"
ok $? 'on Debian 13 it shows its table, also where no terminal is described'
grep -q '↓' "$tmp/given/viewer" && grep -q '↓' "$tmp/given/bare"
ok $? 'on Debian 13 it draws more than ASCII'
grep -q '^TIME     PID' "$tmp/given/events" && grep -q ' <-> ' "$tmp/given/count"
ok $? 'on Debian 13 it prints events and counts'
finish
