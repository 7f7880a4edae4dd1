# SPDX-License-Identifier: GPL-2.0-only
# Part of tests/lab/lab: the commands to a running lab. They step into its mount and PID namespaces first.

enter() {
	[[ -n ${LAB_PID:-} ]] || die 2 "no running lab: LAB_PID is not set (run it as CMD of lab run)"
	[[ $EUID == 0 ]] || die 3 "needs root"
	[[ -e /proc/$LAB_PID/fd/9/pids ]] || die 1 "the lab $LAB_PID has ended"
	exec nsenter -t "$LAB_PID" --mount --pid --wd="$PWD" -- bash "$SELF" _ctl "$@"
}

counters() {
	local ns names=("$@")
	(($#)) || mapfile -t names < <(all_ns)
	for ns in "${names[@]}"; do
		[[ -e /run/netns/$ns ]] || die 1 "no namespace $ns"
		in_ns "$ns" cat /proc/net/snmp /proc/net/netstat
	done | awk '
		$1 != last { last = $1; n = split($0, name); next }
		{
			last = ""
			sub(":", "", $1)
			if ($1 != "Tcp" && $1 != "TcpExt")
				next
			for (i = 2; i <= n; i++) {
				key = $1 name[i]
				if (!(key in sum))
					order[++keys] = key
				sum[key] += $i
			}
		}
		END { for (i = 1; i <= keys; i++) printf "%s %.0f\n", order[i], sum[order[i]] }'
}

# The ports of a group, by port, name, shape or "all"
ports_of() {
	local port
	port=$(awk -v g="$1" '{ split($4, n, "/") }
		g == "all" || g == $1 || g == $2 || g == $4 || g == n[1] || g == n[2] { print $1 }' \
		"$STATE/groups")
	[[ -n $port || $1 == all ]] || die 1 "no group $1"
	echo "$port"
}

# Empties the chains of a group, and with PCT fills in random loss instead.
reshape() {
	local ports port shape dir name host from ns chance=''
	ports=$(ports_of "$1")
	[[ -z ${2:-} ]] || chance=$(chance "$2")
	while read -r port shape dir name host from; do
		: "$shape" "$name"
		[[ $'\n'$ports$'\n' == *$'\n'$port$'\n'* ]] || continue
		for ns in "$host" $from; do
			{
				echo "flush chain inet lab g$port"
				echo "flush chain inet lab o$port"
				if [[ ${2:-0} != 0 && ($dir == up && $ns == "$host" || $dir == down && $ns != "$host") ]]; then
					echo "add rule inet lab g$port meta length > 100 $chance drop"
				fi
			} | in_ns "$ns" nft -f -
		done
	done <"$STATE/groups"
}

heal() {
	local pid
	# black holes that have not begun yet
	while read -r pid; do
		kill "$pid" 2>/dev/null || :
	done <"$STATE/helpers"
	[[ ${1:-all} != all || ! -e $STATE/link ]] || kill -USR1 "$(<"$STATE/link")" 2>/dev/null || :
	reshape "${1:-all}"
}

signal_traffic() {
	local pid
	while read -r pid; do
		kill "-$1" "$pid" 2>/dev/null || :
	done <"$STATE/pids"
}

# usage: wait_for SEC WHAT COMMAND ; COMMAND prints what is still left
wait_for() {
	local end left what=$2
	is_number "$1" || die 2 "seconds expected, not '$1'"
	end=$((SECONDS + $1))
	shift 2
	while :; do
		left=$("$@")
		[[ -n $left ]] || return 0
		((SECONDS < end)) || break
		sleep 0.1
	done
	printf 'lab: %s; still there:\n%s\n' "$what" "$(head -n 20 <<<"$left")" >&2
	return 1
}

not_quiet() {
	for_all ss -Htna exclude time-wait exclude listening
}

# Queued data in any socket, or half-open ones
in_flight() {
	not_quiet |
		awk '$1 ~ /SYN/ || $3 > 0 || $1 == "LAST-ACK" || $1 == "FIN-WAIT-1" || $1 == "CLOSING"'
}

control() {
	local verb=$1
	STATE=/proc/$LAB_PID/fd/9
	shift
	case $verb in
	counters) counters "$@" ;;
	loss)
		[[ $# == 2 && $2 =~ ^[0-9.]+$ ]] || die 2 "usage: lab loss GROUP PCT"
		reshape "$1" "$2"
		;;
	heal) heal "${1:-all}" ;;
	pause) signal_traffic USR1 ;;
	resume) signal_traffic USR2 ;;
	settle)
		heal all
		signal_traffic USR1
		wait_for "${1:-30}" "data still in flight" in_flight
		;;
	quiet)
		heal all
		signal_traffic TERM
		wait_for "${1:-30}" "not quiet" not_quiet
		;;
	wait-quiet) wait_for "${1:-30}" "not quiet" not_quiet ;;
	ns)
		[[ $# -ge 2 ]] || die 2 "usage: lab ns NS CMD…"
		[[ -e /run/netns/$1 ]] || die 1 "no namespace $1"
		exec nsenter --net="/run/netns/$1" -- "${@:2}"
		;;
	ss)
		[[ $# -ge 1 && -e /run/netns/$1 ]] || die 1 "no namespace ${1:-given}"
		exec nsenter --net="/run/netns/$1" -- ss "${@:2}"
		;;
	groups) cat "$STATE/groups" ;;
	esac
}
