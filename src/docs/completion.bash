# SPDX-License-Identifier: GPL-2.0-only
# bash completion for tcpretop(8), also by its name tcpretrans; needs bash 4.4 and nothing else.

# Adds what begins with $1, in any letter case, of the words on standard input, after a lead $2.
_tcpretop_add() {
	local word
	while read -r word; do
		[[ ${word,,} == "${1,,}"* ]] && COMPREPLY+=("${2-}$word")
	done
}

# What an option takes, by the word that the help has for it.
_tcpretop_value() { # WORD CURRENT
	local columns groups minus=
@shell-columns@
@shell-groups@
	case $1 in
	COL)
		[[ $2 == -* ]] && minus=-
		_tcpretop_add "${2#-}" "$minus" <<<"${columns// /$'\n'}"
		;;
	A,B,...)
		[[ $2 == *,* ]] && minus=${2%,*},
		compopt -o nospace
		_tcpretop_add "${2##*,}" "$minus" <<<"${columns// /$'\n'}"
		;;
	BY) _tcpretop_add "$2" <<<"${groups// /$'\n'}" ;;
	X) _tcpretop_add "$2" <<<max ;;
	*HOST) mapfile -t COMPREPLY < <(compgen -A hostname -- "$2") ;;
	FILE)
		compopt -o filenames
		mapfile -t COMPREPLY < <(compgen -f -- "$2")
		;;
	esac
}

_tcpretop() {
	local current=$2 option=$3 options takes=
	COMPREPLY=()
	# bash makes words of --sort=R: --sort, = and R.
	if [[ $current == = ]]; then
		current=
	elif [[ $option == = ]]; then
		option=${COMP_WORDS[COMP_CWORD - 2]}
	fi
	[[ $option == -[!-]* ]] && option=-${option: -1} # the last of several letters
	case $option in
@bash-values@
	esac
	if [[ $takes ]]; then
		_tcpretop_value "$takes" "$current"
		return
	fi
@bash-options@
	mapfile -t COMPREPLY < <(compgen -W "$options" -- "$current")
}

complete -F _tcpretop tcpretop tcpretrans
