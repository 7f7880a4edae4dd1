# SPDX-License-Identifier: GPL-2.0-only
# Part of tests/lab/lab: the options, and the groups of flows that they ask for.

CLIENTS=3 MTU=1500 RTO_MIN='' CC='' GSO=on DURATION='' READY='' OUTSIDE=0
FLOWS=() CMD=()
declare -A SHAPE DIR FROM HOST OPT PORT_USED

value() {
	[[ $# -ge 2 && -n $2 ]] || die 2 "$1 needs a value"
}

is_number() {
	[[ $1 =~ ^[0-9]+$ ]]
}

in_range() {
	is_number "$1" && (($1 >= $2 && $1 <= $3))
}

preset() {
	case $1 in
	demo)
		DURATION=${DURATION:-86400}
		FLOWS+=(
			"loss,name=curl/nginx,port=443,dir=down,v=46,n=6,p=1.5,delay=38,jitter=6,write=150k,gap=400"
			"loss,name=rsync/rsyncd,port=873,n=2,from=c1,p=6,write=400k,gap=250"
			"loss,name=kafka-cli/kafka,port=9092,v=6,n=3,p=2,write=100k,gap=150"
			"loss,name=wget/apache2,port=80,dir=down,v=46,n=5,p=4,write=60k,total=60k,gap=0,life=9000,again=700"
			"tail,name=psql/postgres,port=5432,dir=down,v=46,n=4,p=60,gap=350"
			"tailnew,name=git/git-daemon,port=9418,n=2,again=1500"
			"ackloss,name=redis-cli/redis-server,port=6379,n=2,p=40,from=c3,gap=250"
			"reorder,name=vpn/openvpn,port=1194,n=3,delay=24,again=300"
			"spike,name=sensor/mosquitto,port=1883,v=6,n=2,delay=60,spike=700,gap=200"
			"blackhole,name=ssh/sshd,port=22,v=6,from=c2,after=6"
			"synhole,name=postfix/smtpd,port=25,from=c1,life=30000"
			"synackloss,name=haproxy/tomcat,port=8080,n=4,v=46,again=900"
			"mtu,name=mount/nfsd,port=2049,gap=900"
			"fail,name=asterisk/sip,port=5060,from=c2,p=1,gap=300"
			"zwin,name=tar/tape,port=5555,from=c3"
			"ok,name=prometheus/node_exporter,port=9100,v=46,n=3"
		)
		;;
	storm)
		CC=${CC:-cubic} RTO_MIN=${RTO_MIN:-4ms}
		FLOWS+=("loss,n=4000,v=4,p=30,mss=200,write=64k,gap=0,port=7001")
		;;
	tails) FLOWS+=("tail,n=12,v=46,port=7001") ;;
	*) die 2 "no preset $1: demo, storm, tails" ;;
	esac
}

parse_options() {
	while (($#)); do
		case $1 in
		--flow) value "$@"; FLOWS+=("$2"); shift ;;
		--preset) value "$@"; preset "$2"; shift ;;
		--clients) value "$@"; CLIENTS=$2; shift ;;
		--mtu) value "$@"; MTU=$2; shift ;;
		--rto-min) value "$@"; RTO_MIN=$2; shift ;;
		--cc) value "$@"; CC=$2; shift ;;
		--gso) value "$@"; GSO=$2; shift ;;
		--duration) value "$@"; DURATION=$2; shift ;;
		--ready) value "$@"; READY=$2; shift ;;
		--outside) OUTSIDE=1 ;;
		--) shift; CMD=("$@"); break ;;
		*) die 2 "unknown option $1 (lab --help)" ;;
		esac
		shift
	done
	DURATION=${DURATION:-600}
	if [[ -z $CC && " $(</proc/sys/net/ipv4/tcp_available_congestion_control) " == *" cubic "* ]]; then
		CC=cubic # the same on every machine, whatever its default
	fi
	in_range "$CLIENTS" 1 100 || die 2 "--clients: 1 to 100"
	in_range "$MTU" 1280 65535 || die 2 "--mtu: 1280 to 65535"
	in_range "$DURATION" 1 9999999 || die 2 "--duration: seconds, at least 1"
	[[ $GSO == on || $GSO == off ]] || die 2 "--gso: on or off"
	local -i i port=7001
	for ((i = 0; i < ${#FLOWS[@]}; i++)); do
		parse_flow "$i" "${FLOWS[i]}"
	done
	for ((i = 0; i < ${#FLOWS[@]}; i++)); do
		while [[ -z ${OPT[$i.port]:-} ]]; do
			case " ${!PORT_USED[*]} " in
			*" $port "*) ;;
			*) OPT[$i.port]=$port; PORT_USED[$port]=1 ;;
			esac
			port+=1
		done
	done
}

parse_flow() {
	local -i g=$1
	local word key val words
	IFS=, read -ra words <<<"$2"
	SHAPE[$g]=${words[0]}
	for word in "${words[@]:1}"; do
		key=${word%%=*} val=${word#*=}
		[[ $word == *=?* ]] || die 2 "--flow: KEY=VALUE expected, not '$word'"
		case $key in
		n | port | mss | sport) is_number "$val" || die 2 "--flow: $key needs a number" ;;
		p | after | gap | life | again | delay | jitter | spike | ramp)
			[[ $val =~ ^-?[0-9]+(\.[0-9]+)?$ ]] || die 2 "--flow: $key needs a number" ;;
		v) [[ $val =~ ^(4|6|46)$ ]] || die 2 "--flow: v is 4, 6 or 46" ;;
		dir) [[ $val =~ ^(up|down)$ ]] || die 2 "--flow: dir is up or down" ;;
		name | from | write | total | rst | cc | rate | stall | rcvbuf | sndbuf) ;;
		*) die 2 "--flow: unknown key '$key'" ;;
		esac
		OPT[$g.$key]=$val
	done
	[[ -z ${OPT[$g.port]:-} ]] || PORT_USED[${OPT[$g.port]}]=1
	DIR[$g]=${OPT[$g.dir]:-up}
	case ${SHAPE[$g]} in
	ok) default "$g" write=30000 gap=100 ;;
	loss) default "$g" p=5 write=30000 gap=50 ;;
	# Two writes: the second is a segment of its own, and the only marked one.
	tail) default "$g" p=100 'write=3000+333!' gap=400 ;;
	# Segment by segment, as a lost skb comes back in other pieces; more than the initial window
	# of 10, which only a new flow has: what follows is still unsent, and goes as the probe.
	tailnew) default "$g" p=100 'write=10x1400!+4200' gap=0 total=18200 again=400 ;;
	blackhole) default "$g" write=3000 gap=200 after=1 ;;
	synhole) default "$g" write=100 gap=1000 ;;
	synackloss) default "$g" p=60 write=3000 gap=50 total=3000 again=200 ;;
	ackloss) default "$g" p=50 write=6000 gap=100 ;;
	reorder) default "$g" p=3 delay=20 write=60000 gap=100 total=180000 again=50 ;;
	spike) default "$g" spike=400 delay=20 write=30000 gap=50 ;;
	shrink) default "$g" p=60 write=3000 gap=20 ;;
	zwin) default "$g" write=20000 gap=5 stall=3000:500 rcvbuf=8192 ;;
	mtu) default "$g" write=30000 gap=500 total=120000 again=500 ;;
	fail) default "$g" p=10 write=30000 gap=50 ;;
	*) die 2 "--flow: unknown shape '${SHAPE[$g]}'" ;;
	esac
	# Not the namespace's sysctl: that takes only what the machine allows to everybody.
	default "$g" n=1 v=4 name=traffic cc="$CC"
}

default() {
	local -i g=$1
	local kv
	shift
	for kv; do
		[[ -n ${OPT[$g.${kv%%=*}]:-} ]] || OPT[$g.${kv%%=*}]=${kv#*=}
	done
}

ns_net() {
	case $1 in
	c*) echo "${1#c}" ;;
	d1) echo 201 ;;
	far) echo 202 ;;
	esac
}

# Which client namespaces a group's flows come from. Small groups take turns.
place() {
	local -i g i n next=0
	local from port ns
	for ((g = 0; g < ${#FLOWS[@]}; g++)); do
		port=${OPT[$g.port]}
		from=${OPT[$g.from]:-} HOST[$port]=srv
		if needs_link "$g"; then
			from=d1
		elif [[ ${SHAPE[$g]} == mtu ]]; then
			HOST[$port]=far from=${from:-c1}
		fi
		if [[ -n $from ]]; then
			from=${from//:/ }
			for ns in $from; do
				[[ $ns == d1 ]] || in_range "${ns#c}" 1 "$CLIENTS" || die 2 "--flow: no client $ns"
			done
		else
			n=${OPT[$g.n]}
			((n <= CLIENTS)) || n=$CLIENTS
			for ((i = 0; i < n; i++)); do
				from+="c$((next++ % CLIENTS + 1)) "
			done
		fi
		FROM[$port]=$from
		printf '%s %s %s %s %s %s\n' "$port" "${SHAPE[$g]}" "${DIR[$g]}" "${OPT[$g.name]}" \
			"${HOST[$port]}" "${from% }" >>"$STATE/groups"
	done
}
