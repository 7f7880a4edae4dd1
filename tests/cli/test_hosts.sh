#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Two hosts in the text modes, one of which goes and returns; what stands for ssh plays a recording. Prints TAP.
. "$(dirname "$0")/common.bash"

mkdir "$tmp/bin"
cat >"$tmp/bin/ssh" <<SSH
#!/bin/bash
host=\${*: -2:1}
host=\${host#*@}
[ ! -e "$tmp/down.\$host" ] || { echo "ssh: connect to host \$host port 22: Connection refused" >&2; exit 255; }
echo \$\$ >"$tmp/pid.\$host"
echo "\${*: -1}" >"$tmp/command.\$host"
exec "$T" -r "$PWD/tests/golden/lab.rec" -w - --speed 1
SSH
chmod +x "$tmp/bin/ssh"

count() { # SELECTION: objects so far
	jq -R 'fromjson?' "$out" | jq -s "map(select($1)) | length"
}
more() { # SELECTION N: more than N of them
	[ "$(count "$1")" -gt "$2" ]
}
of_beta='.host == "beta" and .type'
PATH="$tmp/bin:$PATH" timeout 60 "$T" --host alpha --host root@beta -b --json -d 1 >"$out" 2>"$err" &
top=$!
wait_for 10 more "$of_beta == \"flow\"" 5 && wait_for 10 more '.host == "alpha" and .type == "flow"' 5
ok $? 'two hosts in one table'
mkdir "$tmp/there" # a host, and two of its users
for name in sudo tcpretop; do printf '#!/bin/sh\necho %s "$@"\n' $name >"$tmp/there/$name"; done
# shellcheck disable=SC2016 # for the stand-in
printf '#!/bin/sh\necho $THERE\n' >"$tmp/there/id"
chmod +x "$tmp/there"/*
started() { # NUMBER SHELL: as this user, whose shell it is
	THERE=$1 PATH="$tmp/there:$PATH" "$2" -c "$(cat "$tmp/command.beta")"
}
[ "$(started 1000 sh)" = 'sudo -n tcpretop -w - -d 1' ] && [ "$(started 0 sh)" = 'tcpretop -w - -d 1' ]
ok $? 'what is started there: by sudo, unless it is root who does'
sed 's/\\-/-/g' src/docs/tcpretop.8 | grep -q "NOPASSWD: /usr/sbin/$(started 0 sh)\$"
ok $? 'the manual says what sudo is to allow, and no more'
for shell in bash zsh fish; do
	command -v $shell >/dev/null || continue
	[ "$(started 1000 $shell)" = 'sudo -n tcpretop -w - -d 1' ] && [ "$(started 0 $shell)" = 'tcpretop -w - -d 1' ]
	ok $? "what is started there: also where the shell is $shell"
done
! more "$of_beta == \"host\"" 0
ok $? 'no line for a host that is there'

touch "$tmp/down.beta"
kill "$(cat "$tmp/pid.beta")"
wait_for 10 more "$of_beta == \"host\" and .state == \"retrying\" and .silent >= 2 and (.why | test(\"refused\"))" 1
ok $? 'one that has gone has a line in each interval: its state, for how long, and why'
flows=$(count "$of_beta == \"flow\"")
lost=$(jq -s "map(select($of_beta == \"flow\")) | max_by(.retrans) | {laddr, lport, rport, retrans}" "$out")
rm "$tmp/down.beta"
wait_for 10 more "$of_beta == \"flow\"" $((flows + 20))
ok $? 'it returns'
lines=$(count "$of_beta == \"host\"")
intervals=$(count '.type == "interval"')
wait_for 10 more '.type == "interval"' $((intervals + 2)) && ! more "$of_beta == \"host\"" "$lines"
ok $? 'then it has no line any more'
kill -INT $top
wait $top
status=$?
quiet_success
ok $? 'Ctrl-C ends it with status 0'
jq -se --argjson lost "$lost" "map(select($of_beta == \"flow\" and .lport == \$lost.lport and .rport == \$lost.rport
	and .laddr == \$lost.laddr)) | last.retrans > \$lost.retrans and ([.[].retrans] | . == sort)" "$out" >"$tmp/grows"
ok $? 'its counts went on from where they were'
finish
