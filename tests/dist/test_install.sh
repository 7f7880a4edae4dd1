#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# make install and uninstall in a staging folder: exact lists, nothing left behind. Prints TAP.
. "$(dirname "$0")/../cli/common.bash"
unset MAKEFLAGS MAKELEVEL MFLAGS
stage=$tmp/stage

mk() { # ARG...: with what is built already, whatever the flags were
	run make -s B="$BUILD" FLAGS="$(cat "$BUILD/flags")" DESTDIR="$stage" "$@"
	[ "$status" = 0 ]
}

listed() { # TYPE: paths of files (f), links (l) or folders (d) below the stage
	(cd "$stage" && find . -mindepth 1 -type "$1" -printf '%P\n' | LC_ALL=C sort)
}

files='lib/systemd/system/tcpretop-metrics.service
sbin/tcpretop
share/bash-completion/completions/tcpretop
share/doc/tcpretop/CHANGELOG.md
share/doc/tcpretop/LICENSE
share/doc/tcpretop/README.md
share/doc/tcpretop/examples/tcpretop.grafana.json
share/doc/tcpretop/examples/tcpretop.rules.yml
share/doc/tcpretop/installed
share/fish/vendor_completions.d/tcpretop.fish
share/man/man8/tcpretop.8
share/zsh/site-functions/_tcpretop'
links='sbin/tcpretrans
share/bash-completion/completions/tcpretrans
share/fish/vendor_completions.d/tcpretrans.fish
share/man/man8/tcpretrans.8'

below() { # PREFIX: as the lists, there
	sed "s|^|$1/|"
}

mk install && [ "$(listed f)" = "$(below usr/local <<<"$files")" ] &&
	[ "$(listed l)" = "$(below usr/local <<<"$links")" ]
ok $? 'exactly these files, below /usr/local'
(cd "$stage" && [ -z "$(find . -xtype l)" ] && [ "$(find . -type f -perm /111)" = ./usr/local/sbin/tcpretop ] &&
	[ -z "$(find . -type f ! -perm 644 ! -perm 755)" ])
ok $? 'every link leads somewhere, one file is a program'
run "$stage/usr/local/sbin/tcpretrans" -h
quiet_success && cmp -s "$T" "$stage/usr/local/sbin/tcpretop" && grep -q '^usage: tcpretrans' "$out"
ok $? 'it runs from there, by its other name too'
mk uninstall && [ -z "$(ls -A "$stage")" ]
ok $? 'uninstall leaves no file and no folder'
mk uninstall && grep -q 'nothing to uninstall' "$out"
ok $? 'once more: nothing to uninstall'

mkdir -p "$stage/usr/sbin" "$stage/usr/share/man/man8" "$stage/usr/share/zsh"
touch "$stage/usr/share/man/man8/other.8"
find "$stage" | sort >"$tmp/before"
mk install PREFIX=/usr && [ "$(listed f)" = "$(printf '%s\n' "$files" share/man/man8/other.8 |
	below usr | LC_ALL=C sort)" ]
ok $? 'PREFIX=/usr, where others have files'
mk install PREFIX=/usr && touch "$stage/usr/share/fish/mine" && mk uninstall PREFIX=/usr &&
	[ "$(find "$stage" | sort | comm -3 - "$tmp/before")" = "$stage/usr/share/fish
$stage/usr/share/fish/mine" ]
ok $? 'installed twice, uninstalled once: folders of others stay, also empty ones'
rm -rf "$stage"
mk install PREFIX=/opt/t sbindir=/opt/t/bin zshdir=/etc/zsh && [ -x "$stage/opt/t/bin/tcpretop" ] &&
	[ -f "$stage/etc/zsh/_tcpretop" ] && mk uninstall PREFIX=/opt/t && [ -z "$(ls -A "$stage")" ]
ok $? 'uninstall knows where it went'
rm -rf "$stage"
mkdir -p "$stage/usr/local/share" && touch "$stage/usr/local/share/fish" # in the way of a folder
! mk install && grep -q 'share/fish' "$err" && [ -x "$stage/usr/local/sbin/tcpretop" ] && mk uninstall &&
	[ "$(cd "$stage" && find . -mindepth 1 | LC_ALL=C sort | xargs)" = './usr ./usr/local ./usr/local/share ./usr/local/share/fish' ]
ok $? 'one that ends half way is uninstalled, too'
rm -rf "$stage"
make -n B="$tmp/none" all >"$out" 2>"$err"
[ "$(grep -c '/src/docs/fill <' "$out")" = 4 ]
ok $? 'make makes all of it: then root makes nothing in the tree of a user'
(umask 077 && mk install && [ -z "$(find "$stage" -mindepth 1 \( -type d -o -type f \) ! -perm -044)" ] && mk uninstall)
ok $? 'users can read it, also where root keeps what it makes for itself'
stage="$tmp/a stage"
mk install && [ -x "$stage/usr/local/sbin/tcpretop" ] && mk uninstall && [ -z "$(ls -A "$stage")" ]
ok $? 'a folder with a blank in its name'
finish
