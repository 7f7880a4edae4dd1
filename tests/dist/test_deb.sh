#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# make deb: what is in the package, what lintian says, and that it installs, runs and goes on a bare Debian 12. Prints TAP.
. "$(dirname "$0")/../cli/common.bash"
unset MAKEFLAGS MAKELEVEL MFLAGS
: "$T" # made from the same sources, with flags of its own
version=$(make -s print-VERSION)

for tool in dh dpkg-buildpackage; do
	command -v $tool >/dev/null && continue
	skip 'a Debian package' "no $tool"
	finish
done
[ "$(dpkg-parsechangelog -l src/debian/changelog -S Version)" = "$version-1" ]
ok $? 'the version is that of the program'
wanted=$(awk '$1 == "run" && NF == 6 && $2 !~ /stdio/ { print $3 }' tests/deps.sh | sort)
[ "$wanted" = "$(sed -n '/^Build-Depends:/,/^[A-Z]/s/^ \([a-z0-9-]*\)\( |.*\)\{0,1\},$/\1/p' src/debian/control | sort)" ]
ok $? 'it is built from what make deps installs'

LATEST=1500
run make -s deb B="$tmp/build"
[ "$status" = 0 ]
ok $? 'make deb'
deb=$(echo "$tmp"/build/deb/tcpretop_*.deb)
[ -e "$deb" ] || finish
# Where units are is for debhelper to say.
dpkg -c "$deb" | awk '{ print $6 $7 $8 }' | grep -v '/$' | sed 's|^\./lib/|./usr/lib/|' | sort >"$tmp/files"
[ "$(cat "$tmp/files")" = "./usr/lib/systemd/system/tcpretop-metrics.service
./usr/sbin/tcpretop
./usr/sbin/tcpretrans->tcpretop
./usr/share/bash-completion/completions/tcpretop
./usr/share/bash-completion/completions/tcpretrans->tcpretop
./usr/share/doc/tcpretop/README.md.gz
./usr/share/doc/tcpretop/changelog.Debian.gz
./usr/share/doc/tcpretop/changelog.gz
./usr/share/doc/tcpretop/copyright
./usr/share/doc/tcpretop/examples/tcpretop.grafana.json
./usr/share/doc/tcpretop/examples/tcpretop.rules.yml
./usr/share/fish/vendor_completions.d/tcpretop.fish
./usr/share/fish/vendor_completions.d/tcpretrans.fish->tcpretop.fish
./usr/share/man/man8/tcpretop.8.gz
./usr/share/man/man8/tcpretrans.8.gz->tcpretop.8.gz
./usr/share/zsh/vendor-completions/_tcpretop" ]
ok $? 'exactly these files'
[ "$(dpkg -f "$deb" Depends | tr ',' '\n' | awk '{ print $1 }' | sort | xargs)" = "libbpf1 libc-ares2 libc6 libcap-ng0 libncursesw6 \
libseccomp2 libtinfo6 libutf8proc2 libzstd1 zlib1g" ] || [ "$(cut -d. -f1 /etc/debian_version 2>/dev/null)" != 12 ]
ok $? 'it depends on the libraries that it is linked with, and on nothing else'
if command -v lintian >/dev/null; then
	lintian --tag-display-limit 0 "$tmp"/build/deb/*.changes 2>/dev/null >"$out"
	# It is not for Debian's archive, which wants a bug number.
	[ "$(grep -cv 'initial-upload-closes-no-bugs' "$out")" = 0 ]
	ok $? 'lintian finds nothing but that it closes no bug'
else
	skip 'lintian' 'no lintian'
fi

need_root 'the package on a bare Debian 12'
mkdir "$tmp/given"
cp "$deb" "$tmp/given/tcpretop.deb"
cp tests/golden/lab.rec "$tmp/given"
cat >"$tmp/given/try" <<'TRY'
set -u
cd /given
did() { echo "$1 $?" >>/given/results; }
tree() {
	find / -xdev \( -path /given -o -path /proc -o -path /sys -o -path /dev -o -path /tmp -o -path /var/log -o -path /var/cache \
		-o -path /var/lib/dpkg -o -path /var/lib/apt \) -prune -o -print | sort
}
install() { apt-get -qq install --no-install-recommends ./tcpretop.deb; }
ls /var/lib/apt/lists/*Packages* >/dev/null 2>&1 || apt-get -qq update
tree >before
{ install || { apt-get -qq update && install; }; } >install.log 2>&1; did install
dpkg -V tcpretop >verify 2>&1 && [ ! -s verify ]; did verify
cd /
tcpretop --doctor >/given/doctor 2>&1; did doctor
tcpretop -b -n 1 -d 0.3 >/given/batch 2>&1; did batch
tcpretrans -n 1 -d 0.3 >/given/events 2>&1; did events
TERM=xterm script -qec 'stty cols 100 rows 30; tcpretop -n 1 -d 0.3' /dev/null >/given/viewer 2>&1 </dev/null; did viewer
[ ! -e /etc/systemd/system/multi-user.target.wants/tcpretop-metrics.service ]; did disabled
unit=$(dpkg -L tcpretop | grep 'tcpretop-metrics\.service$')
mkdir -p /etc/systemd/system/multi-user.target.wants # as systemctl enable does
ln -s "$unit" /etc/systemd/system/multi-user.target.wants/; did enabled
bash -c 'source /usr/share/bash-completion/completions/tcpretrans && complete -p tcpretop tcpretrans' >/given/bash; did bash
cd /given
dpkg --purge tcpretop >remove.log 2>&1; did purge
apt-get -qq autoremove --purge >>remove.log 2>&1; did autoremove
tree >after
diff before after >left; did left
TRY
LATEST=1500
run tests/dist/bare bookworm "$tmp/given" sh /given/try
if [ "$status" = 77 ]; then
	skip 'the package on a bare Debian 12' "$(cat "$err")"
	finish
fi
cp "$tmp/given/install.log" "$out"
for what in install verify doctor batch events viewer disabled enabled bash purge autoremove; do
	grep -qx "$what 0" "$tmp/given/results"
	ok $? "on a bare Debian 12: $what"
done
grep -q '^tcpretop works here' "$tmp/given/doctor" && grep -q '^coverage' "$tmp/given/batch" &&
	grep -q '^TIME     PID' "$tmp/given/events" && grep -q coverage "$tmp/given/viewer"
ok $? 'on a bare Debian 12 it attaches and shows'
cp "$tmp/given/left" "$out"
grep -qx 'left 0' "$tmp/given/results"
ok $? 'removed, it leaves nothing behind'
finish
