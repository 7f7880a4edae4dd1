# SPDX-License-Identifier: GPL-2.0-only
# fish completion for tcpretop(8), also by its name tcpretrans.

# What an option takes, by the word that the help has for it.
function __tcpretop_value
	set -l columns
@fish-columns@
	switch $argv[1]
	case COL
		string split ' ' $columns
		string split ' ' $columns | string replace -r '^' -
	case 'A,B,...'
		set -l given (commandline -ct | string replace -r '[^,=]*$' '' | string replace -r '^--[a-z]*=' '')
		string split ' ' $columns | string replace -r '^' "$given"
	case BY
@fish-groups@
	case X
		echo max
	case '*HOST'
		__fish_print_hostnames
	end
end

for command in tcpretop tcpretrans
	complete -c $command -f
@fish-options@
end
