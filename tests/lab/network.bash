# SPDX-License-Identifier: GPL-2.0-only
# Part of tests/lab/lab: the namespaces, their links and packet filters, and the traffic in them.

in_ns() {
	local ns=$1
	shift
	nsenter --net="/run/netns/$ns" -- "$@"
}

all_ns() {
	local f
	for f in /run/netns/*; do
		printf '%s\n' "${f##*/}"
	done
}

# Runs a command in every namespace.
for_all() {
	local ns
	for ns in $(all_ns); do
		in_ns "$ns" "$@"
	done
}

make_ns() {
	ip netns add "$1"
	# All of these belong to the new namespace alone. Without metrics a connection does not
	# inherit RTT, reordering and ssthresh from the last one: each run is like the first.
	in_ns "$1" bash -s "$([[ $1 == srv ]] && echo 1 || echo 0)" <<-'TEXT'
		set_to() { [[ ! -e /proc/sys/net/$1 ]] || echo "$2" >"/proc/sys/net/$1"; }
		ip link set lo up
		set_to ipv4/ip_local_port_range "1024 65535"
		set_to ipv4/tcp_no_metrics_save 1
		set_to ipv4/tcp_tw_reuse 1
		set_to ipv4/tcp_max_syn_backlog 65535
		set_to core/somaxconn 65535
		set_to ipv4/ip_forward "$1"
		set_to ipv6/conf/all/forwarding "$1"
		set_to ipv6/conf/all/accept_dad 0
		set_to ipv6/conf/default/accept_dad 0
		set_to ipv6/conf/default/accept_ra 0
		set_to ipv6/conf/default/router_solicitations 0
	TEXT
}

# One end of a link: addresses without duplicate detection, a fixed neighbour, its routes.
# usage: make_end NS DEV NET HOST PEER_HOST MAC_OF_PEER|-
make_end() {
	local ns=$1 dev=$2 net=$3 host=$4 peer=$5 mac=$6 rto=()
	[[ -z $RTO_MIN ]] || rto=(rto_min "$RTO_MIN")
	# Link-local addresses need detection and router solicitations: none here.
	ip -n "$ns" link set "$dev" addrgenmode none 2>/dev/null || :
	ip -n "$ns" link set "$dev" up
	ip -n "$ns" addr add "10.77.$net.$host/32" dev "$dev"
	ip -n "$ns" addr add "fd77:$net::$host/128" dev "$dev" nodad
	if [[ $mac != - ]]; then
		ip -n "$ns" neigh replace "10.77.$net.$peer" lladdr "$mac" dev "$dev" nud permanent
		ip -n "$ns" neigh replace "fd77:$net::$peer" lladdr "$mac" dev "$dev" nud permanent
	fi
	ip -n "$ns" route add "10.77.$net.0/24" dev "$dev" src "10.77.$net.$host" "${rto[@]}"
	ip -n "$ns" -6 route add "fd77:$net::/64" dev "$dev" src "fd77:$net::$host" "${rto[@]}"
}

make_veth() {
	local ns=$1 net=$2 a b gso=()
	a=$(printf '02:77:00:00:%02x:02' "$net") b=$(printf '02:77:00:00:%02x:01' "$net")
	[[ $GSO != off ]] || gso=(gso_max_segs 1)
	make_ns "$ns"
	ip link add name "srv" netns "$ns" mtu "$MTU" address "$a" "${gso[@]}" type veth \
		peer name "$ns" netns srv mtu "$MTU" address "$b" "${gso[@]}"
	make_end "$ns" srv "$net" 2 1 "$b"
	make_end srv "$ns" "$net" 1 2 "$a"
}

needs_link() {
	[[ -n ${OPT[$1.delay]:-}${OPT[$1.jitter]:-}${OPT[$1.spike]:-} || ${SHAPE[$1]} == reorder ]]
}

# d1: a link with a round trip time worth the name, carried by a process as netem may be missing.
make_slow_link() {
	local rules=() dev reorder
	local -i g net
	[[ -x $LINK ]] || die 3 "$LINK is missing: build it with make, or set LINK"
	[[ -c /dev/net/tun ]] || die 3 "no /dev/net/tun: reorder, spike and delay need it (modprobe tun)"
	for ((g = 0; g < ${#FLOWS[@]}; g++)); do
		needs_link "$g" || continue
		reorder=0
		[[ ${SHAPE[$g]} != reorder ]] || reorder=${OPT[$g.p]}
		rules+=("${OPT[$g.port]}:${OPT[$g.delay]:-0}:${OPT[$g.jitter]:-0}:$reorder:${OPT[$g.spike]:-0}")
	done
	make_ns d1
	net=$(ns_net d1)
	"$LINK" d1 srv srv d1 "${rules[@]}" </dev/null >>"$STATE/log" 2>&1 &
	echo "$!" >"$STATE/link"
	for dev in d1:srv srv:d1; do
		until ip -n "${dev%:*}" link set "${dev#*:}" mtu "$MTU" txqueuelen 10000 2>/dev/null; do
			kill -0 "$(<"$STATE/link")" 2>/dev/null || die 1 "$(head -n 1 "$STATE/log")"
			sleep 0.02
		done
	done
	make_end d1 srv "$net" 2 1 -
	make_end srv d1 "$net" 1 2 -
}

# far: behind srv, which forwards, over a link that takes less at srv's end than far's end says.
# What was learned about it is forgotten each second, so that it is learned again.
make_far() {
	local -i i
	local net
	net=$(ns_net far)
	make_veth far "$net"
	ip -n srv link set far mtu 1280
	ip -n far route add default via "10.77.$net.1"
	ip -n far -6 route add default via "fd77:$net::1"
	for ((i = 1; i <= CLIENTS; i++)); do
		ip -n "c$i" route add default via "10.77.$i.1"
		ip -n "c$i" -6 route add default via "fd77:$i::1"
		in_ns "c$i" bash -c 'echo 1 >/proc/sys/net/ipv4/route/mtu_expires
			echo 1 >/proc/sys/net/ipv6/route/mtu_expires'
	done
}

# The packet filter. Each group has a chain for what comes in (g) and what goes out (o) in each
# namespace it lives in; the shapes put rules there, "heal" empties them.
rules() {
	local -i g=$1
	local data ack port=${OPT[$g.port]} p=${OPT[$g.p]:-0} side
	local once='tcp sport . tcp sequence != @seen add @seen { tcp sport . tcp sequence } drop'
	# Longer than any ACK with SACK blocks, and any SYN
	local is_data='meta length > 100'
	local marked='@th,96,4 8 @th,256,32 0x5441494c'
	for side in srv client; do
		data=0 ack=0
		[[ ${DIR[$g]}$side == upsrv || ${DIR[$g]}$side == downclient ]] && data=1 || ack=1
		case ${SHAPE[$g]}.$data$ack in
		loss.10 | fail.10) rule "$side" g "$port" "$is_data $(chance "$p") drop" ;;
		tail.10 | tailnew.10) rule "$side" g "$port" "$marked $(chance "$p") $once" ;;
		shrink.10) rule "$side" g "$port" "$is_data $(chance "$p") drop" ;;
		shrink.01) rule "$side" g "$port" "tcp flags & (syn|fin|rst) == 0 $(chance 70) tcp window set 0" ;;
		ackloss.01) rule "$side" g "$port" "tcp flags & (syn|fin|rst) == 0 $(chance "$p") drop" ;;
		fail.01) rule "$side" o "$port" "$is_data $(chance 30) drop" ;;
		esac
		case ${SHAPE[$g]}.$side in
		synhole.srv) rule "$side" g "$port" 'tcp flags & (syn|ack) == syn drop' ;;
		synackloss.client) rule "$side" g "$port" \
			"tcp flags & (syn|ack) == (syn|ack) $(chance "$p") drop" ;;
		esac
	done
}

# A probability as nft says it, in hundredths of a percent
chance() {
	local n
	n=$(awk -v p="$1" 'BEGIN { printf "%d", p * 100 + 0.5 }')
	((n >= 10000)) || printf 'numgen random mod 10000 < %d' "$n"
}

rule() {
	local side=$1 where=$2 port=$3 ns
	shift 3
	for ns in $(side_ns "$side" "$port"); do
		printf 'add rule inet lab %s%s %s\n' "$where" "$port" "$*" >>"$STATE/nft.$ns"
	done
}

side_ns() {
	if [[ $1 == srv ]]; then
		echo "${HOST[$2]}"
	else
		echo "${FROM[$2]}"
	fi
}

build_filter() {
	local -i g
	local ns port
	for ns in $(all_ns); do
		cat >"$STATE/nft.$ns" <<-'TEXT'
			table inet lab {
				set seen {
					typeof tcp sport . tcp sequence
					flags dynamic,timeout
					size 262144
					timeout 60s
				}
				chain in {
					type filter hook prerouting priority -300
				}
				chain out {
					type filter hook output priority -300
				}
			}
		TEXT
	done
	for ((g = 0; g < ${#FLOWS[@]}; g++)); do
		port=${OPT[$g.port]}
		for ns in "${HOST[$port]}" ${FROM[$port]}; do
			if [[ $ns == "${HOST[$port]}" ]]; then
				set -- dport sport
			else
				set -- sport dport
			fi
			cat >>"$STATE/nft.$ns" <<-TEXT
				add chain inet lab g$port
				add chain inet lab o$port
				add rule inet lab in tcp $1 $port jump g$port
				add rule inet lab out tcp $2 $port jump o$port
			TEXT
		done
		rules "$g"
	done
	for ns in $(all_ns); do
		in_ns "$ns" nft -f "$STATE/nft.$ns" || die 3 "nft: this kernel lacks nf_tables, or part of it"
	done
}

# usage: start NS NAME ARG… ; the name is what ps, top and tcpretop show
start() {
	local ns=$1 name=$2
	shift 2
	(
		close_rest
		exec nsenter --net="/run/netns/$ns" -- bash "$SELF" _named "$name" "$TRAFFIC" "$@" -N "${name::15}"
	) </dev/null >>"$STATE/log" 2>&1 &
	echo "$!" >>"$STATE/pids"
}

start_servers() {
	local -i g
	local args ports=0 want=${#FLOWS[@]} tries
	for ((g = 0; g < ${#FLOWS[@]}; g++)); do
		args=(server "${OPT[$g.port]}")
		[[ ${OPT[$g.v]} == 46 ]] || args+=("-${OPT[$g.v]}")
		[[ ${DIR[$g]} == up ]] || writer_args "$g"
		[[ -z ${OPT[$g.stall]:-} ]] || args+=(-S "${OPT[$g.stall]}")
		socket_args "$g"
		start "${HOST[${OPT[$g.port]}]}" "${OPT[$g.name]#*/}" "${args[@]}"
	done
	for ((tries = 0; tries < 100; tries++)); do
		ports=$(for_all ss -Htnl | wc -l)
		((ports < want)) || return 0
		sleep 0.05
	done
	die 1 "the servers did not start: $(head -n 1 "$STATE/log")"
}

writer_args() {
	local -i g=$1
	args+=(-w "${OPT[$g.write]}" -g "${OPT[$g.gap]}")
	[[ -z ${OPT[$g.total]:-} ]] || args+=(-t "${OPT[$g.total]}")
}

socket_args() {
	local -i g=$1
	local k
	for k in mss:m cc:c rate:r rcvbuf:b sndbuf:B; do
		[[ -z ${OPT[$g.${k%:*}]:-} ]] || args+=("-${k#*:}" "${OPT[$g.${k%:*}]}")
	done
	[[ -z ${OPT[$g.rst]:-} ]] || args+=(-R)
}

start_clients() {
	local -i g i n share net
	local ns args from k to
	for ((g = 0; g < ${#FLOWS[@]}; g++)); do
		read -ra from <<<"${FROM[${OPT[$g.port]}]}"
		n=${OPT[$g.n]}
		for ((i = 0; i < ${#from[@]}; i++)); do
			share=$((n / ${#from[@]} + (i < n % ${#from[@]})))
			((share)) || continue
			ns=${from[i]}
			net=$(ns_net "$ns")
			args=(client "${OPT[$g.port]}" -n "$share")
			[[ ${DIR[$g]} == down ]] || writer_args "$g"
			for k in life:l again:a sport:p ramp:j; do
				[[ -z ${OPT[$g.${k%:*}]:-} ]] || args+=("-${k#*:}" "${OPT[$g.${k%:*}]}")
			done
			socket_args "$g"
			to=$net.1
			[[ ${HOST[${OPT[$g.port]}]} == srv ]] || to=$(ns_net far).2
			[[ ${OPT[$g.v]} != *4* ]] || args+=("10.77.$to")
			[[ ${OPT[$g.v]} != *6* ]] || args+=("fd77:${to/./::}")
			start "$ns" "${OPT[$g.name]%%/*}" "${args[@]}"
		done
	done
}

# After a while, everything of a group disappears, in both directions.
black_holes() {
	local -i g
	local ns
	for ((g = 0; g < ${#FLOWS[@]}; g++)); do
		[[ ${SHAPE[$g]} == blackhole ]] || continue
		(
			sleep "${OPT[$g.after]}"
			for ns in "${HOST[${OPT[$g.port]}]}" ${FROM[${OPT[$g.port]}]}; do
				in_ns "$ns" nft add rule inet lab "g${OPT[$g.port]}" drop
			done
		) </dev/null >>"$STATE/log" 2>&1 &
		echo "$!" >>"$STATE/helpers"
	done
}
