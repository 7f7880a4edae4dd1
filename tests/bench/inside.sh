# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
# What tests/kernels/init does in the virtual machine of the benchmark, instead of the test.
measure() {
	uname -r >/out/release
	mkdir -p /dev/pts
	mount -t devpts pts /dev/pts
	mount -t debugfs debug /sys/kernel/debug
	sysctl -qw kernel.bpf_stats_enabled=1
	export PATH=/bin:/usr/bin:/usr/sbin TCPRETOP=/tools/tcpretop
	python3 -c 'import argparse, bcc' # its byte code is kept then, as Debian keeps it
	{ wait_for 1000 [ -e /run/traffic ] && start_traffic; } &
	python3 /bench/inside.py /run/traffic >/out/found.json 2>"/dev/$CONSOLE"
}
