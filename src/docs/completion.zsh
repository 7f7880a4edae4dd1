#compdef tcpretop tcpretrans
# SPDX-License-Identifier: GPL-2.0-only
# zsh completion for tcpretop(8), also by its name tcpretrans.

# What an option takes, by the word that the help has for it.
_tcpretop_value() {
	local columns groups kind=$argv[-1]
	local -a ways
@shell-columns@
	ways=(
@zsh-groups@
	)
	case $kind in
	COL)
		compset -P -
		compadd -M 'm:{a-zA-Z}={A-Za-z}' -- ${=columns}
		;;
	A,B,...) _sequence compadd -M 'm:{a-zA-Z}={A-Za-z}' - ${=columns} ;;
	BY) _describe 'way to group' ways ;;
	X) compadd max ;;
	*HOST) _hosts ;;
	FILE) _files ;;
	*) _message "$kind" ;;
	esac
}

_tcpretop() {
	local -a options
	options=(
@zsh-options@
	)
	_arguments -s -S $options
}

_tcpretop "$@"
