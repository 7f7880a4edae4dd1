#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# install.sh DESTDIR DOCDIR MODE:SOURCE:TARGET...: copy files below DESTDIR; without a mode TARGET is a link to SOURCE.
# install.sh --undo DESTDIR DOCDIR: remove them, and the folders that were made for them, if they are empty by then.
# What was installed and made stands in DOCDIR/installed, folders with a slash at their ends.
set -eu
umask 022 # folders are for all, whatever root keeps for itself

undo=
[ "$1" != --undo ] || { undo=1; shift; }
destdir=$1 docdir=$2 list=$2/installed
shift 2

note() {
	grep -qsxF -- "$1" "$destdir$list" || made="$made$1
"
}

# The folder of a path, and those above it.
make_folder() {
	[ ! -d "$destdir$1" ] || return 0
	make_folder "$(dirname "$1")"
	mkdir "$destdir$1"
	note "$1/"
}

if [ "$undo" ]; then
	[ -e "$destdir$list" ] || { echo "nothing to uninstall: there is no $destdir$list"; exit; }
	made=$(LC_ALL=C sort -r "$destdir$list") # what is in a folder before the folder
	echo "$made" | while read -r path; do
		case $path in
		*/) [ ! -d "$destdir$path" ] || rmdir --ignore-fail-on-non-empty "$destdir$path" ;;
		*) rm -f "$destdir$path" ;;
		esac
	done
	exit
fi

# Also when it ends half way: then uninstall removes that half.
write_list() {
	[ ! -d "$destdir$docdir" ] || printf %s "$made" >>"$destdir$list"
	made=
}

made=
trap write_list EXIT
mkdir -p "$destdir/"
for file in "$list" "$@"; do
	target=${file##*:}
	make_folder "$(dirname "$target")"
	note "$target"
	source=${file#*:} source=${source%:*}
	case $file in
	"$list") ;;
	:*) ln -sfn "$source" "$destdir$target" ;;
	*) install -m "${file%%:*}" "$source" "$destdir$target" ;;
	esac
done
write_list
echo "installed below ${destdir:-/}:"
sed '/\/$/d; s/^/  /' "$destdir$list"
