# SPDX-License-Identifier: GPL-2.0-only
# tcpretop's build. `make help` lists what can be made; V=1 shows the commands, WERROR=1 lets no warning pass.

VERSION := 0.1.0
LIBS    := libbpf libelf zlib libzstd ncursesw libutf8proc libcares libseccomp libcap-ng

PREFIX  ?= /usr/local
sbindir ?= $(PREFIX)/sbin
datadir ?= $(PREFIX)/share
docdir  ?= $(datadir)/doc/tcpretop
bashdir ?= $(datadir)/bash-completion/completions
zshdir  ?= $(datadir)/zsh/site-functions
fishdir ?= $(datadir)/fish/vendor_completions.d
# Another build beside the usual one: make B=build/asan CFLAGS='-O1 -g -fsanitize=address'
B       ?= build

.DEFAULT_GOAL := all
.DELETE_ON_ERROR:
MAKEFLAGS += -r
ifeq ($(MAKELEVEL)$(findstring -j,$(MAKEFLAGS)),0)
MAKEFLAGS += -j$(shell nproc)
endif

# ---- Tools and libraries: looked up when a recipe first needs one, as `make run` may have to install them before.
Q       := $(if $(V),,@)
begin    = @mkdir -p $(@D)$(if $(V),,; printf '  %-5s %s\n' $1 $(@:$B/%=%))
once     = $(eval $1 := $(shell $2))$($1)
CFLAGS  ?= -O2 -g
CLANG   ?= clang
ifeq ($(origin CC),default)
CC       = $(call once,CC,command -v cc || command -v gcc || echo $(CLANG))
endif
# A user's PATH may lack /usr/sbin, and Ubuntu's bpftool there is a wrapper that may lack the real one.
BPFTOOL  = $(call once,BPFTOOL,for t in /usr/lib/linux-tools/*/bpftool /usr/lib/linux-tools-*/bpftool \
	/usr/sbin/bpftool bpftool; do "$$t" version >/dev/null 2>&1 && break; done; echo "$$t")
LIB_CFLAGS  = $(call once,LIB_CFLAGS,pkg-config --cflags $(LIBS) 2>/dev/null)
LIB_LDLIBS  = $(call once,LIB_LDLIBS,pkg-config $(if $(STATIC),--static) --libs $(LIBS); echo -lm -pthread)
TEST_LDLIBS = $(call once,TEST_LDLIBS,pkg-config --libs cmocka)

# ---- Flags. Quoted includes start at the top of the tree, "src/model.h", or in $B, "bpf/retrans.skel.h".
INCLUDES    = -iquote . -iquote $B
WARNINGS    = -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wvla -Wformat=2
ALL_CFLAGS  = -std=c11 -D_GNU_SOURCE -DVERSION=\"$(VERSION)\" $(INCLUDES) $(WARNINGS) $(if $(WERROR),-Werror) \
	-fstack-protector-strong -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2 -fPIE $(LIB_CFLAGS) $(CPPFLAGS) $(CFLAGS)
ALL_LDFLAGS = -pie -Wl,-z,relro,-z,now,--as-needed $(CFLAGS) $(LDFLAGS)
BPF_ARCH   := $(shell uname -m | sed 's/x86_64/x86/; s/aarch64/arm64/; s/ppc64le/powerpc/; s/s390x/s390/; s/riscv64/riscv/')
# <asm/types.h>, where Debian and Ubuntu have it: clang does not look there when it compiles for BPF.
ASM         = $(call once,ASM,echo /usr/include/$$($(CC) -print-multiarch))
# Source lines for the verifier's log, but not for each column and inlined call: a third of an object. Nor where it was built.
BPF_CFLAGS  = -g -gno-column-info -gno-inline-line-tables -ffile-compilation-dir=. -O2 -target bpf -D__TARGET_ARCH_$(BPF_ARCH) \
	$(INCLUDES) -Ibpf -idirafter $(ASM) -Wall -Wextra -Wno-unused-parameter $(if $(WERROR),-Werror)
ifdef STATIC
CFLAGS      = -Os -ffunction-sections -fdata-sections -fno-asynchronous-unwind-tables
ALL_LDFLAGS = -static-pie -s -Wl,-z,relro,-z,now,-z,pack-relative-relocs,--gc-sections,--no-eh-frame-hdr \
	-Wl,-T,src/static/link.ld $(LDFLAGS)
endif
FLAGS       = $(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) $(CLANG) $(BPF_CFLAGS)

# ---- What there is to build
built       = $(patsubst %.c,$B/%$2,$(filter-out %.bpf.c,$(wildcard $1)))
skeletons   = $(patsubst %.bpf.c,$B/%.skel.h,$(wildcard $1/*.bpf.c))
SKELS      := $(call skeletons,bpf)
TEST_SKELS := $(call skeletons,tests/bench)
OBJS       := $(call built,src/*.c $(if $(STATIC),src/static/*.c),.o) $(call built,ui/*.c,.o)
UNIT_TESTS := $(call built,tests/unit/test_*.c)
HELPERS    := $(call built,tests/bench/*.c) $(call built,tests/live/*.c) $B/tests/screen/fake_viewer \
	$B/tests/screen/named_only
LAB_TOOLS  := $B/tests/traffic $B/tests/link
FILL       := $B/src/docs/fill
DOCS       := $(addprefix $B/,tcpretop.8 completion.bash completion.zsh completion.fish)

# These goals install what they need before anything is compiled: a bare machine needs one command.
FOR  ?= $(filter run static deb demo test bench soak fuzz sanitize faults monkey coverage lint screenshots,$(MAKECMDGOALS))
DEPS := $(if $(FOR),deps)

.PHONY: all run demo test bench soak fuzz sanitize faults monkey coverage lint screenshots recordings golden static deb install uninstall deps clean help tests
# With all that `sudo make install` needs: root then makes nothing here that its user could not remove.
all: $B/tcpretop $(DOCS)                   ## build the program and its manual (the default)

run: all                                   ## install what is missing, build, start the viewer: ARGS='-d 2'
	$(call as_root,BPF programs need root,$B/tcpretop $(ARGS))

static: $(DEPS)                           ## build one that needs no library: build/static/tcpretop, for any Linux
	$Q$(MAKE) --no-print-directory B=$B/static STATIC=1 $B/static/tcpretop

# In a copy of what it is built from, with debian/ where Debian's tools want it.
DEB := $B/deb/tcpretop-$(VERSION)
deb: $(DEPS)                              ## build a Debian package: build/deb/tcpretop_*.deb
	$Qrm -rf $B/deb && mkdir -p $(DEB)
	$Qcp -a Makefile README.md CHANGELOG.md LICENSE bpf src ui $(DEB) && mv $(DEB)/src/debian $(DEB)
	$Qcd $(DEB) && env -i PATH="$$PATH" HOME="$$HOME" DEB_BUILD_OPTIONS=noautodbgsym \
		dpkg-buildpackage -us -uc -b >../log 2>&1 || { tail -n 50 ../log; exit 1; }
	@ls $B/deb/*.deb

demo: all $(LAB_TOOLS)                     ## the same on a lab of network namespaces with flows in trouble
	$(call as_root,the lab and BPF programs need root,tests/lab/lab run --preset demo -- $B/tcpretop $(ARGS))

tests: all $(UNIT_TESTS) $(LAB_TOOLS) $(HELPERS)
test: tests                                ## install what is missing, build, run every test, or some: T=unit
	$(call as_root,the tests make network namespaces and load BPF programs,tests/run -b $B $(T))

fuzz: all                                  ## feed every parser garbage for long: SECONDS=600 or RUNS=10000000, T='filter cgroup'
	@FUZZ_SECONDS=$(or $(SECONDS),600) FUZZ_RUNS=$(RUNS) FUZZ_AT_ONCE=$(AT_ONCE) FUZZ_TARGETS='$(T)' BUILD=$(abspath $B) \
		tests/fuzz/test_fuzz.py; status=$$?; cat $B/fuzz/table; exit $$status

sanitize: $(DEPS)                         ## run tests on a build under sanitizers: T='unit screen/test_golden live'
	$(call as_root,the tests make network namespaces and load BPF programs,SANITIZE_TESTS='$(or $(T),unit \
		screen/test_golden live)' BUILD=$(abspath $B) tests/sanitize/test_sanitize.py)

monkey: $(DEPS)                           ## random keys, clicks and sizes under sanitizers: SECONDS=600
	@MONKEY_SECONDS=$(or $(SECONDS),600) BUILD=$(abspath $B) LC_ALL=C.UTF-8 tests/screen/test_monkey.py

faults: $(DEPS)                           ## let every call that can fail do so, once and always: SECONDS=60 for some
	$(call as_root,it loads BPF programs and makes network namespaces,\
		FAULT_SECONDS=$(or $(SECONDS),0) BUILD=$(abspath $B) tests/faults/test_faults.py)

# No optimization, so that a line is a line.
coverage: $(DEPS)                         ## which lines of src/ and ui/ the tests execute: T='unit cli'
	$Q$(MAKE) B=$B/coverage CC=gcc CFLAGS='-O0 -g --coverage -fprofile-update=atomic -U_FORTIFY_SOURCE' \
		LDFLAGS=-Wl,-u,__gcov_dump STANDINS=$B/coverage/tests/instrumented.o tests
	$(call as_root,the tests make network namespaces and load BPF programs,tests/coverage $B/coverage $(T))

bench: tests                               ## measure the cost of it all
	$(call as_root,the benchmark makes network namespaces and loads BPF programs,tests/bench/run)

soak: tests                                ## 10,000 retransmits a second for an hour: SECONDS=600
	$(call as_root,the lab and BPF programs need root,SOAK_SECONDS=$(or $(SECONDS),3600) BUILD=$(abspath $B) tests/bench/soak)

lint: $(DEPS)                             ## format, include rules, warnings, static analysis
	@tests/lint.sh

screenshots: tests                         ## take the README's pictures anew
	$(call as_root,the lab and BPF programs need root,tests/screenshots)

recordings: tests                          ## record the lab anew for the golden screens: T=lab; then make golden
	$(call as_root,the lab and BPF programs need root,BUILD=$(abspath $B) tests/golden/record $(T))

golden: all $(HELPERS)                     ## write the golden screens anew, all or some: T=help; look at them
	@BUILD=$(abspath $B) tests/screen/test_golden.py --update $(T)

deps:                                      ## install what is missing, no more; FOR=test: for the tests too
	@tests/deps.sh $(FOR)

clean:                                     ## remove what was built
	rm -rf $B

help:                                      ## this list
	@sed -n 's/^\([a-z]*\):.* ## \(.*\)/\1 \2/p' $(firstword $(MAKEFILE_LIST)) | \
		while read -r goal does; do printf '  make %-12s %s\n' "$$goal" "$$does"; done

# $(call as_root,why,command)
as_root = @if [ "$$(id -u)" = 0 ]; then $2; \
	elif command -v sudo >/dev/null; then echo "$1: sudo may ask for your password"; sudo $2; \
	else echo "$1, and there is no sudo here: type this as root" >&2; exit 1; fi

# ---- How. Every object waits for what is generated (only the first build knows no better) and for $B/flags.
$B/tcpretop: $(OBJS) $(STANDINS)
	$(call begin,LINK)
	$Q$(CC) $(ALL_LDFLAGS) -o $@ $^ $(LIB_LDLIBS) $(LDLIBS)

# For the tests all but main.c is a library: each test links just what it uses, and can put a stand-in before it.
$B/libtcpretop.a: $(filter-out %/main.o,$(OBJS))
	$(call begin,AR)
	$Qrm -f $@ && ar rcs $@ $^

$(UNIT_TESTS): %: %.o $B/libtcpretop.a
	$(call begin,LINK)
	$Q$(CC) $(ALL_LDFLAGS) -o $@ $^ $(TEST_LDLIBS) $(LIB_LDLIBS) $(LDLIBS)

$B/tests/screen/fake_viewer: $(call built,tests/screen/fake_*.c,.o)

$(HELPERS): %: %.o $B/libtcpretop.a
	$(call begin,LINK)
	$Q$(CC) $(ALL_LDFLAGS) -o $@ $(filter %.o,$^) $(filter %.a,$^) $(LIB_LDLIBS) $(LDLIBS)

$B/tests/traffic: $(call built,tests/lab/traffic_*.c,.o)

$(LAB_TOOLS): $B/tests/%: $B/tests/lab/%.o
	$(call begin,LINK)
	$Q$(CC) $(ALL_LDFLAGS) -o $@ $^ $(LDLIBS)

$B/%.o: %.c $B/flags | $(SKELS) $B/bpf/kernel_types.h $B/ui/terminfo.h
	$(call begin,CC)
	$Q$(CC) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

$(HELPERS:=.o): | $(TEST_SKELS)

# The linker of bpftool drops the debug information, and leaves BTF.
$(patsubst %.skel.h,%.bpf.o,$(SKELS) $(TEST_SKELS)): $B/%.bpf.o: %.bpf.c $B/flags
	$(call begin,BPF)
	$Q$(CLANG) $(BPF_CFLAGS) -MMD -MP -MT $@ -MF $(@:.o=.d) -c -o $(@:.o=.full.o) $<
	$Q$(BPFTOOL) gen object $@ $(@:.o=.full.o)

$(SKELS) $(TEST_SKELS): %.skel.h: %.bpf.o
	$(call begin,SKEL)
	$Q$(BPFTOOL) gen skeleton $< name $(notdir $*)_bpf >$@

# The names of the kernel's types that the programs read, for src/live_types.c; those after ___ are of other versions.
$B/bpf/kernel_types.h: bpf/kernel.h
	$(call begin,GEN)
	$Qsed -n 's/___[a-z]*//; s/^struct \([a-z_]*\) {$$/"\1",/p; s/^} \([a-z_]*\);$$/"\1",/p' $< | LC_ALL=C sort -u >$@

# For hosts that have no description of any terminal: one, as ncurses reads it from $TERMINFO.
$B/ui/terminfo.h: $B/flags
	$(call begin,GEN)
	$Qinfocmp -0 -q -Q2 xterm-256color | sed 's/.*/#define BUILT_IN_TERMINFO "&"/' >$@

# Other flags build everything anew.
$B/flags: FORCE | $(DEPS)
	@pkg-config --exists $(LIBS) || { echo 'something is missing; this installs it: make deps' >&2; exit 1; }
	@mkdir -p $B; echo '$(FLAGS)' | cmp -s - $@ || echo '$(FLAGS)' >$@
FORCE:

print-%:
	@echo '$($*)'

-include $(wildcard $B/*/*.d $B/*/*/*.d)

# ---- Manual and completions: their gaps are filled from the tables that the program itself goes by.
$(FILL): $(call built,src/docs/*.c,.o) $B/libtcpretop.a
	$(call begin,LINK)
	$Q$(CC) $(ALL_LDFLAGS) -o $@ $^ $(LIB_LDLIBS) $(LDLIBS)

$(DOCS): $B/%: src/docs/% $(FILL)
	$(call begin,FILL)
	$Q$(FILL) <$< >$@

# ---- Install. Each MODE:SOURCE:TARGET, a link where there is no mode.
install_to = 755:$B/tcpretop:$(sbindir)/tcpretop :tcpretop:$(sbindir)/tcpretrans \
	644:$B/tcpretop.8:$(datadir)/man/man8/tcpretop.8 :tcpretop.8:$(datadir)/man/man8/tcpretrans.8 \
	644:$B/completion.bash:$(bashdir)/tcpretop :tcpretop:$(bashdir)/tcpretrans \
	644:$B/completion.zsh:$(zshdir)/_tcpretop \
	644:$B/completion.fish:$(fishdir)/tcpretop.fish :tcpretop.fish:$(fishdir)/tcpretrans.fish \
	644:src/tcpretop-metrics.service:$(PREFIX)/lib/systemd/system/tcpretop-metrics.service \
	$(foreach f,README.md CHANGELOG.md LICENSE,644:$f:$(docdir)/$f) \
	$(foreach f,rules.yml grafana.json,644:src/tcpretop.$f:$(docdir)/examples/tcpretop.$f)

install: all                               ## install below DESTDIR/PREFIX (/usr/local)
	@src/docs/install.sh '$(DESTDIR)' '$(docdir)' $(install_to)

uninstall:                                 ## remove what install put there, and the folders that it made
	@src/docs/install.sh --undo '$(DESTDIR)' '$(docdir)'
