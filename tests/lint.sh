#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# tests/lint.sh [-b BUILD] [STEP...]: hold the tree to its rules. Prints TAP: a line for each step, below it what is wrong.
# Without -b the step "warnings" makes a build of its own, which globals, tidy, analyzer and cppcheck then read.
set -u -o pipefail
cd "$(dirname "$0")/.." || exit
shopt -s nullglob
export LC_ALL=C.UTF-8
unset MAKEFLAGS MAKELEVEL MFLAGS

build=build/lint
[ "${1-}" = -b ] && build=$2 && shift 2
[ $# -gt 0 ] || set -- format rules warnings globals tidy analyzer cppcheck shellcheck

headers=({src,src/*,ui,bpf,tests/*}/*.h)
bpf=({bpf,tests/bench}/*.bpf.c)
sources=()
for f in {src,src/*,ui,tests/*}/*.c; do [[ $f == *.bpf.c ]] || sources+=("$f"); done

# The text that we wrote, one path a line.
tree() {
	find . \( -name .git -o -name __pycache__ -o -path './build*' \) -prune -o \
		-type f -size +0 ! -name LICENSE -printf '%P\0' | xargs -0 grep -Il ''
}

# $1: why what matches $2 (an extended regular expression) is not in the files named on standard input, one a line
never() {
	{ xargs -r -d '\n' grep -nHE -e "$2" || :; } |
		awk -v why="$1" '{ print $0 "    <- " why; bad = 1 } END { exit bad }'
}

step_format() {
	clang-format --version 2>/dev/null | grep -q 'version 14\.' || { skip='no clang-format 14'; return 0; }
	printf '%s\0' "${headers[@]}" "${sources[@]}" "${bpf[@]}" | xargs -0 -r -P2 -n 64 clang-format --dry-run -Werror 2>&1
}

step_rules() {
	local bad=0 include='^[[:space:]]*#[[:space:]]*include[[:space:]]*' f
	printf '%s\n' "${headers[@]}" "${sources[@]}" | grep -Ev '^(ui|tests/(faults|fuzz))/' |
		never 'ncurses is for ui/ only' "$include"'<(ncursesw?/)?(n?curses|panel|menu|form|term)\.h' || bad=1
	printf '%s\n' {src,ui}/*.[ch] | grep -v '^src/live' |
		never 'libbpf is for the live source only' "$include"'(<bpf/|<linux/bpf|".*\.skel\.h)' || bad=1
	printf '%s\n' src/*.[ch] | grep -v '^src/main\.c' |
		never 'src/ knows no screen' "$include"'"(\.\./)?ui/' || bad=1
	printf '%s\n' src/model*.[ch] |
		never 'the model knows no column, colour or view' "$include"'"src/(field|table|view|format|text|json|csv|theme)' || bad=1
	printf '%s\n' src/{model,table,field}*.[ch] |
		never 'time is a parameter here' '\<(clock_gettime|gettimeofday|clock|time|timespec_get)[[:space:]]*\(' || bad=1
	tree | never "a path of somebody's machine" '(^|[^[:alnum:]_.~/-])/(wor[k]|roo[t]|hom[e])(/|$|[^[:alnum:]_-])' || bad=1
	while read -r f; do
		case $f in
		*.[ch] | *.py | *.sh | *.bash | *.8 | *.ld | src/docs/completion.* | Makefile) ;;
		*) [ "$(head -c2 "$f")" = '#!' ] || continue ;;
		esac
		head -n3 "$f" | grep -q 'SPDX-License-Identifier: GPL-2.0-only' || { echo "$f: no SPDX line"; bad=1; }
	done < <(tree)
	return "$bad"
}

step_warnings() {
	make -j2 B="$build" WERROR=1 CC=gcc tests 2>&1
}

# Mutable data of our objects, but for what signal handlers need: flags that they set, and what the one for crashes reads.
# Constants that need relocation are no such data.
step_globals() {
	local objects=("$build"/{src,ui}/*.o) flags
	[ ${#objects[@]} -gt 0 ] || { echo "nothing is built in $build"; return 1; }
	flags=$(grep -hoE 'volatile sig_atomic_t \w+' {src,ui}/*.c | sed 's/.* //' | paste -sd'|')
	flags="${flags:+$flags|}crash|stack\\.[0-9]+"
	! objdump -t "${objects[@]}" | awk -F'\t' -v flags="^($flags)$" '
		/file format/ { sub(/:.*/, ""); file = $0 }
		/ O (\.t?data|\.t?bss|\*COM\*)/ && !/\.data\.rel\.ro/ {
			name = $2; sub(/.* /, "", name)
			if (name !~ flags) print file ": " name " is a mutable global"
		}' | grep .
}

step_tidy() {
	local c_flags bpf_flags bad=0
	eval "c_flags=($(make -s B="$build" print-ALL_CFLAGS)) bpf_flags=($(make -s B="$build" print-BPF_CFLAGS))"
	{
		printf '%s\0' "${sources[@]}" | xargs -0 -r -P2 -I{} clang-tidy --quiet {} -- "${c_flags[@]}" || bad=1
		# All as if read by probes: the other way to read a bit-field, a macro of libbpf's, leaves its variable
		# uninitialized where the field has a size that none has.
		printf '%s\0' "${bpf[@]}" | xargs -0 -r -P2 -I{} \
			clang-tidy --quiet {} -- "${bpf_flags[@]}" -DREAD_BY_PROBE= || bad=1
		[ "$bad" = 0 ]
	} 2>&1 | awk '/: (error|warning): / { show = 1 } /: note: |^[0-9]+ warnings? generated/ { show = 0 } show'
}

# What is shipped and the lab: the tests' assertions return, for all that it knows. It is gcc's -fanalyzer, which follows
# a pointer from function to function, but not one that only a structure holds whose address came from outside: it takes
# that for lost. So here and there a function returns what it has put there.
step_analyzer() {
	command -v gcc >/dev/null || { skip='no gcc'; return 0; }
	local flags
	eval "flags=($(make -s B="$build" CC=gcc WERROR=1 print-ALL_CFLAGS))"
	printf '%s\0' {src,src/*,ui,tests/lab}/*.c | xargs -0 -r -P2 -I{} \
		gcc "${flags[@]}" -O2 -fanalyzer -include tests/lint/uthash.h -c -o /dev/null {} 2>&1
}

# Of all headers of the system it is given uthash's alone, and in its form for gcc: macros must be known, and of
# functions it knows more than their headers say.
step_cppcheck() {
	mkdir -p "$build/cppcheck" && ln -sf /usr/include/uthash.h "$build/cppcheck" || return
	cppcheck -q -j2 --std=c11 --enable=warning,performance,portability --error-exitcode=1 -D__GNUC__=12 \
		-I. -I"$build" -I"$build/cppcheck" {src,ui,tests/lab}/*.c 2>&1
}

step_shellcheck() { # and what they source
	tree | while read -r f; do if head -n1 "$f" | grep -qE '^#!.*[/ ](ba)?sh'; then echo "$f"; fi; done |
		xargs -r -P2 -n4 shellcheck -x -a -P SCRIPTDIR
}

run_step() {
	case $1 in
	format) step_format ;;
	rules) step_rules ;;
	warnings) step_warnings ;;
	globals) step_globals ;;
	tidy) step_tidy ;;
	analyzer) step_analyzer ;;
	cppcheck) step_cppcheck ;;
	shellcheck) step_shellcheck ;;
	*) echo "there is no such step" && return 2 ;;
	esac
}

n=0 failed=0
echo "1..$#"
for step; do
	n=$((n + 1)) skip='' start=$EPOCHREALTIME
	if run_step "$step" >"${log:=$(mktemp)}" 2>&1; then
		echo "ok $n - $step${skip:+ # SKIP $skip}"
	else
		echo "not ok $n - $step"
		sed 's/^/# /' "$log"
		failed=1
	fi
	awk -v a="$start" -v b="$EPOCHREALTIME" 'BEGIN { printf "# %.1f s\n", b - a }'
done
rm -f "${log-}"
exit $failed
