#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# --help, the manual, the completions and the README name the same options. Prints TAP.
. "$(dirname "$0")/../cli/common.bash"
unset MAKEFLAGS MAKELEVEL MFLAGS

# Each of these prints a line "LETTER NAME WORD" for an option, "-" for what there is not.
of_help() {
	"$T" --help | sed -nE 's/^ +((-.), )?--([a-z0-9-]+)( ([^ ]+))? .*/\2 \3 \4/p' | awk '{ $1 = $1 } 1' |
		awk '/^-/ { print $1, $2, $3 ? $3 : "-"; next } { print "-", $1, $2 ? $2 : "-" }'
}

of_manual() { # FILE
	sed -nE 's/^\.It Fl (([^\\]) (Ar ([^ ]+) )?, Fl )?\\-([^ ]+)( Ar ([^ ]+))?$/-\2 \5 \7 \4/p' "$1" |
		awk '$4 != "" && $3 != $4 { print "two words:", $0 } { print $1, $2, $3 ? $3 : "-" }'
}

of_bash() { # FILE
	local options takes
	options=$(sed -nE "s/^\toptions='(.*)'/\1/p" "$1")
	takes=$(sed -nE 's/^\t(-. \| )?--([a-z0-9-]+)\) takes=(.*) ;;/\2 \3/p' "$1")
	awk -v takes="$takes" 'BEGIN { n = split(takes, t); for (i = 1; i < n; i += 2) word[t[i]] = t[i + 1] }
		{
			for (i = 1; i <= NF; i++) {
				if ($i !~ /^--/) { letter = $i; continue }
				name = substr($i, 3)
				print letter ? letter : "-", name, name in word ? word[name] : "-"
				letter = ""
			}
		}' <<<"$options"
}

of_zsh() { # FILE
	sed -nE "s/^\t\t('\((-.) --[a-z0-9-]+\)'\{-.\+?,)?--([a-z0-9-]+)=?\}?'\[.*\](:([^:]+):_tcpretop_value \5)?'\$/\2 \3 \5/p" "$1" |
		awk '/^-/ { print $1, $2, $3 ? $3 : "-"; next } { print "-", $1, $2 ? $2 : "-" }'
}

of_fish() { # FILE
	sed -nE 's/^\tcomplete -c [$]command( -s (.))? -l ([a-z0-9-]+)( -r -F| -x -a .\(__tcpretop_value ([^)]+)\).)? -d .*/-\2 \3 \5\4/p' "$1" |
		awk '{ print $1, $2, $3 == "-r" ? "FILE" : $3 == "" ? "-" : $3 }' | sed 's/ -x$//'
}

of_form() { # FORM FILE
	case $1 in
	manual) of_manual "$2" ;;
	bash) of_bash "$2" ;;
	zsh) of_zsh "$2" ;;
	fish) of_fish "$2" ;;
	esac
}

same() { # FORM FILE: as the help, and not nothing
	diff <(of_help | sort) <(of_form "$1" "$2" | sort) >"$out" && [ "$(of_help | wc -l)" -gt 20 ]
}

# Every option stands there as a word, and every word of ours that looks like one is an option.
same_in_readme() { # FILE
	local letter name word spans
	local tick=$'\x60'
	spans=$(grep -oE "$tick-[^$tick]*$tick" "$1"
		grep -oE "(^    |[ |$tick])(sudo )?tcpretop( [^|>#$tick]*)" "$1" | sed "s/.*tcpretop//; s/'[^']*'//g")
	while read -r letter name word; do
		[ "$letter" = - ] && letter=--$name
		grep -qE -- "(^|[ $tick])($letter|--$name)([ $tick]|$)" <<<"$spans" || { echo "README has no --$name"; return 1; }
	done < <(of_help) >"$out"
	for word in $(grep -oE -- "(^|[ $tick])--?[a-z0-9A-Z][a-z-]*" <<<"$spans" | tr -d "$tick "); do
		of_help | awk -v w="$word" '$1 == w || "--" $2 == w { found = 1 } END { exit !found }' ||
			{ echo "README has $word" >"$out"; return 1; }
	done
}

same manual "$BUILD/tcpretop.8"
ok $? 'the manual'
for shell in bash zsh fish; do
	same $shell "$BUILD/completion.$shell"
	ok $? "the completion of $shell"
done
same_in_readme README.md
ok $? 'the README'

[ "$(wc -w <README.md)" -lt 1700 ] && [ "$(wc -l <README.md)" -lt 150 ]
ok $? 'the README is a page'
missing=$(grep -ohE '(src|tests|screenshots)/[a-zA-Z0-9_./-]+[a-z]' README.md tests/README.md | sort -u |
	while read -r file; do [ -e "$file" ] || echo "$file"; done)
make -s help >"$tmp/goals"
missing+=$(grep -ohE '\bmake [a-z]+' README.md tests/README.md | sort -u |
	while read -r goal; do grep -q "$goal " "$tmp/goals" || echo "$goal"; done)
echo "$missing" >"$out"
[ -z "$missing" ]
ok $? 'files and goals that it names are there'

# ---- One that is told of in all places but one

for form in manual:tcpretop.8 bash:completion.bash zsh:completion.zsh fish:completion.fish; do
	sed '/speed/d; s/ --speed//' "$BUILD/${form#*:}" >"$tmp/less"
	! same "${form%:*}" "$tmp/less" && grep -q 'speed X' "$out"
	ok $? "it shows if ${form#*:} lacks one"
	sed 's/ascii/asci/g' "$BUILD/${form#*:}" >"$tmp/other"
	! same "${form%:*}" "$tmp/other" && grep -q 'asci -' "$out"
	ok $? "it shows if ${form#*:} has another"
done
sed 's/--speed//g' README.md >"$tmp/less"
! same_in_readme "$tmp/less" && grep -q 'no --speed' "$out"
ok $? 'it shows if the README lacks one'
sed 's/--ascii/--asci/' README.md >"$tmp/other"
! same_in_readme "$tmp/other"
ok $? 'it shows if the README has another'
sed '/^@option speed@/d' src/docs/tcpretop.8 >"$tmp/template"
! "$BUILD/src/docs/fill" <"$tmp/template" >"$out" 2>"$err" && grep -q 'not told just once: -- speed' "$err"
ok $? 'a manual that leaves out an option is not made'
echo '@option fast@' >"$tmp/template"
! "$BUILD/src/docs/fill" <"$tmp/template" >"$out" 2>"$err" && grep -q 'no option for' "$err"
ok $? 'nor one with an option that there is not'

# ---- The manual

if command -v mandoc >/dev/null; then
	mandoc -Tlint "$BUILD/tcpretop.8" 2>&1 | grep -vE 'referenced manual not found|outdated mandoc.db' >"$out"
	[ ! -s "$out" ]
	ok $? 'mandoc finds nothing to say'
	mandoc -Tutf8 "$BUILD/tcpretop.8" | sed 's/.\x08//g' >"$tmp/page"
	"$T" --help | sed -n '/^Columns: /,/^Groups: /p' | sed '$d; s/^Columns: //' | tr ',' '\n' | sed 's/^ *//; /^$/d' >"$tmp/columns"
	missing=$(while read -r column; do grep -qE "^ +$column( |\$)" "$tmp/page" || echo "$column"; done <"$tmp/columns")
	[ -z "$missing" ] && [ "$(wc -l <"$tmp/columns")" -gt 20 ]
	ok $? 'the manual has every column of the help'
	missing=$("$T" --help | sed -n '/^Exit status: /,$p' | sed 's/Exit status://; s/  *N$//' | tr ',' '\n' |
		sed -nE 's/^ *([0-9+N]+) .*/\1/p' | while read -r code; do grep -qE "^ +${code/+/\\+} " "$tmp/page" || echo "$code"; done)
	[ -z "$missing" ]
	ok $? 'the manual has every exit status of the help'
	missing=$(for cause in RTO FAST RACK TLP SYN SYNACK PROBE MTU FAILED OTHER; do
		grep -qE "^ +$cause  " "$tmp/page" || echo $cause; done)
	[ -z "$missing" ]
	ok $? 'the manual tells what each cause means'
	missing=$(for cause in RTO FAST RACK TLP SYN SYNACK SPURIOUS PROBE MTU FAILED; do
		sed -nE "/^     $cause( |\$)/,/^\$/p" "$tmp/page" | grep -q 'Next: ' || echo $cause; done)
	[ -z "$missing" ]
	ok $? 'and what to do next'
	for section in 'CAUSES AND READING RETRANSMITS' PRIVILEGES; do
		grep -q "$section in" README.md && grep -qx "$section" "$tmp/page" || echo "$section"
	done >"$out"
	[ ! -s "$out" ]
	ok $? 'the manual has the sections that the README names'
	for args in -e -c '-c -g remote'; do # what the objects have, and what is told of them
		# shellcheck disable=SC2086 # options
		"$T" -r tests/golden/lab.rec $args -l --json | jq -r 'keys[]'
	done | sort -u >"$tmp/keys"
	sed -n '/^OUTPUT FOR PROGRAMS/,/^TCPRETRANS/p' "$tmp/page" | grep -oE '\b[a-z]+_[a-z_]+\b' | sort -u | comm -13 "$tmp/keys" - >"$out"
	[ -s "$tmp/keys" ] && [ ! -s "$out" ]
	ok $? 'its keys of JSON are those that there are'
else
	skip 'the manual' 'no mandoc'
fi
finish
