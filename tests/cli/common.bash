# SPDX-License-Identifier: GPL-2.0-only
# What the tests of the command line share: TAP, running a command and looking at what it said. Sourced.
set -u
cd "$(dirname "${BASH_SOURCE[0]}")/../.." || exit
BUILD=${BUILD:-$PWD/build}
T=${TCPRETOP:-$BUILD/tcpretop}
LATEST=60 # seconds that a slow machine may take for anything

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

finish() {
	echo "1..$n"
	[ "$failed" = 0 ]
	exit
}

# Ends the test here if what follows needs a live source and there cannot be one.
need_root() { # WHAT
	[ "$(id -u)" = 0 ] && return
	skip "$1" 'not root'
	finish
}
