#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# tests/deps.sh [GOAL...]: install what is missing to build and run tcpretop, and for the goals demo, test, bench, soak,
# fuzz, sanitize, faults, monkey, coverage, lint, screenshots, static and deb what these use as well. Asks for each thing
# itself and not for its package, so that one that came by another way will do. Installs on Debian and Ubuntu; on others
# it names the packages that are missing and fails.
set -u
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin

# A thing is a command, a file, or NAME.pc, a library as pkg-config knows it. clang brings a linker, and compiles the C
# sources too where there is no cc.
things='
# for  thing                    Debian            Fedora                   Arch              Alpine
run    clang                    clang             clang                    clang             clang
run    bpftool                  bpftool           bpftool                  bpf               bpftool
run    pkg-config               pkg-config        pkgconf-pkg-config       pkgconf           pkgconf
run    /usr/include/stdio.h     libc6-dev         glibc-devel              glibc             build-base
run    libbpf.pc                libbpf-dev        libbpf-devel             libbpf            libbpf-dev
run    libelf.pc                libelf-dev        elfutils-libelf-devel    libelf            elfutils-dev
run    zlib.pc                  zlib1g-dev        zlib-devel               zlib              zlib-dev
run    libzstd.pc               libzstd-dev       libzstd-devel            zstd              zstd-dev
run    infocmp                  ncurses-bin       ncurses                  ncurses           ncurses
run    ncursesw.pc              libncurses-dev    ncurses-devel            ncurses           ncurses-dev
run    libutf8proc.pc           libutf8proc-dev   utf8proc-devel           libutf8proc       utf8proc-dev
run    libcares.pc              libc-ares-dev     c-ares-devel             c-ares            c-ares-dev
run    libseccomp.pc            libseccomp-dev    libseccomp-devel         libseccomp        libseccomp-dev
run    libcap-ng.pc             libcap-ng-dev     libcap-ng-devel          libcap-ng         libcap-ng-dev
run    /usr/include/uthash.h    uthash-dev        uthash-devel             uthash            uthash-dev
deb    dh                       debhelper         debhelper                debhelper         debhelper
deb    dpkg-buildpackage        dpkg-dev          dpkg-dev                 dpkg              dpkg-dev
deb    build-essential          build-essential   -                        -                 -
demo   ip                       iproute2          iproute                  iproute2          iproute2
demo   nft                      nftables          nftables                 nftables          nftables
demo   unshare                  util-linux        util-linux               util-linux        util-linux-misc
test   libfuzzer                libclang-rt       compiler-rt              compiler-rt       compiler-rt
test   gcc                      gcc               gcc                      gcc               gcc
test   gcov                     gcc               gcc                      gcc               gcc
test   objcopy                  binutils          binutils                 binutils          binutils
test   qemu-system-x86_64       qemu-system-x86   qemu-system-x86-core     qemu-system-x86   qemu-system-x86_64
test   qemu-system-aarch64      qemu-system-arm   qemu-system-aarch64-core qemu-system-aarch64 qemu-system-aarch64
test   ld.lld                   lld               lld                      lld               lld
test   readelf                  binutils          binutils                 binutils          binutils
test   busybox                  busybox-static    busybox                  busybox           busybox
test   debootstrap              debootstrap       debootstrap              debootstrap       debootstrap
test   lintian                  lintian           lintian                  lintian           lintian
test   mandoc                   mandoc            mandoc                   mandoc            mandoc
test   zsh                      zsh               zsh                      zsh               zsh
test   fish                     fish              fish                     fish              fish
test   /usr/bin/python3         python3           python3                  python            python3
test   cmocka.pc                libcmocka-dev     libcmocka-devel          cmocka            cmocka-dev
test   jq                       jq                jq                       jq                jq
test   tmux                     tmux              tmux                     tmux              tmux
test   pgrep                    procps            procps-ng                procps-ng         procps-ng
test   script                   bsdutils          /usr/bin/script          util-linux        util-linux-misc
test   strace                   strace            strace                   strace            strace
test   bpftrace                 bpftrace          bpftrace                 bpftrace          bpftrace
test   clang-format             clang-format      clang-tools-extra        clang             clang-extra-tools
test   clang-tidy               clang-tidy        clang-tools-extra        clang             clang-extra-tools
test   cppcheck                 cppcheck          cppcheck                 cppcheck          cppcheck
test   shellcheck               shellcheck        ShellCheck               shellcheck        shellcheck
test   ssh                      openssh-client    openssh-clients          openssh           openssh-client
test   ssh-keygen               openssh-client    openssh-clients          openssh           openssh-keygen
test   xterm                    xterm             xterm                    xterm             xterm
test   Xvfb                     xvfb              xorg-x11-server-Xvfb     xorg-server-xvfb  xvfb
shots  import                   imagemagick       ImageMagick              imagemagick       imagemagick
shots  xwininfo                 x11-utils         xwininfo                 xorg-xwininfo     xwininfo
'

has() {
	case $1 in
	*.pc) pkg-config --exists "${1%.pc}" 2>/dev/null ;;
	/*) [ -e "$1" ] ;;
	bpftool) # Ubuntu's is a wrapper that may lack the real one, which the Makefile finds as well
		for tool in bpftool /usr/lib/linux-tools/*/bpftool /usr/lib/linux-tools-*/bpftool; do
			"$tool" version >/dev/null 2>&1 && return
		done
		return 1 ;;
	build-essential) # no thing, but dpkg-buildpackage wants to hear of it
		! command -v apt-get >/dev/null || [ -e /usr/share/build-essential ] ;;
	libfuzzer) # goes with a version of clang
		echo 'int LLVMFuzzerTestOneInput(void) { return 0; }' |
			clang -w -fsanitize=fuzzer,address -x c - -o /dev/null 2>/dev/null ;;
	*) command -v "$1" >/dev/null ;;
	esac
}

sets=run
for goal; do
	case $goal in
	run | static) ;;
	deb) sets="$sets deb" ;;
	demo) sets="$sets demo" ;;
	test | bench | soak | fuzz | sanitize | faults | monkey | coverage | lint) sets="run deb demo test" ;;
	screenshots) sets="run deb demo test shots" ;;
	*) echo "tests/deps.sh: no goal '$goal': run, static, deb, demo, test, bench, soak, fuzz, sanitize, faults, monkey, coverage, lint or screenshots" >&2; exit 2 ;;
	esac
done

fedora='' arch='' alpine=''
set -- # what Debian calls the missing
while read -r set thing deb fed arc alp; do
	case " $sets " in *" $set "*) ;; *) continue ;; esac
	has "$thing" && continue
	set -- "$@" "$deb"
	fedora="$fedora $fed" arch="$arch $arc" alpine="$alpine $alp"
done <<END
$things
END
[ $# -gt 0 ] || exit 0

if ! command -v apt-get >/dev/null; then
	echo "These packages are missing; install them as root, then type the same again:"
	if command -v dnf >/dev/null; then echo "  dnf install$fedora"
	elif command -v pacman >/dev/null; then echo "  pacman -S --needed$arch"
	elif command -v apk >/dev/null; then echo "  apk add$alpine"
	else printf '  %s\n' "Debian: $*" "Fedora:$fedora" "Arch:$arch" "Alpine:$alpine"
	fi
	exit 1
fi >&2

echo "Installing what is missing: $*"
if [ "$(id -u)" = 0 ]; then
	sudo=
elif command -v sudo >/dev/null; then
	sudo=sudo
	echo "That needs root: sudo may ask for your password."
else
	echo "That needs root, and there is no sudo here: type this as root." >&2
	exit 1
fi
$sudo apt-get -qq update || exit
for package; do
	shift
	case $package in
	bpftool) # where it is no package, Ubuntu has it among the kernel's tools
		apt-cache show bpftool >/dev/null 2>&1 || { set -- "$@" linux-tools-common linux-tools-generic; continue; } ;;
	libclang-rt) # one for each version of clang
		package=libclang-rt-$(apt-cache depends clang | sed -n 's/.*Depends: clang-\([0-9]*\)$/\1/p')-dev ;;
	esac
	set -- "$@" "$package"
done
$sudo env DEBIAN_FRONTEND=noninteractive apt-get -qq install --no-install-recommends -o Dpkg::Use-Pty=0 "$@"
