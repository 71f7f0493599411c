# SPDX-License-Identifier: LGPL-2.1-or-later
#
#   make                  the library and the command, in build/
#   make install          DESTDIR= PREFIX= are heeded
#   make check            every test (scripts/check does the set-up as well)
#   make check-unit check-cli check-lab
#   make demo bench bench-placement fuzz format lint
#   make SAN=address,undefined check-unit check-cli
#   make VALGRIND=1 check-unit check-cli

include Config.mk

VERSION := 0.1.0
SONAME := libxtune.so.0
comma := ,

SAN ?=
ifneq ($(SAN),)
# Leaks of the process at its end count as well.
BUILD := $(BUILD)-san
SAN_FLAGS := -fsanitize=$(SAN) -fno-sanitize-recover=all
endif

# libxml2, libxlutil, libpci and libudev are loaded when they are needed
# (libxtune/base/xml_library.h, libxtune/backend/xen_xlutil.h,
# libxtune/pci/names.h, libxtune/usb/hwdb.h).
PKGS := xencontrol xenstore xentoollog uuid
PKG_CFLAGS := $(shell $(PKG_CONFIG) --cflags $(PKGS) xlutil libxml-2.0 libpci \
	2>/dev/null)
XL_LIBS = $(shell $(PKG_CONFIG) --libs xenlight)
PKG_LIBS = $(shell $(PKG_CONFIG) --libs $(PKGS)) -lyajl -lpthread
soname = $(shell readelf -d "$$($(CC) -print-file-name=$(1).so)" \
	2>/dev/null | sed -n 's/.*(SONAME).*\[\(.*\)\]/\1/p')
LIBXML2_SONAME := $(call soname,libxml2)
LIBXLUTIL_SONAME := $(call soname,libxlutil)
LIBPCI_SONAME := $(call soname,libpci)
LIBUDEV_SONAME := $(call soname,libudev)

WARNINGS := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes \
	-Wvla -Wformat=2 $(if $(filter 1,$(WERROR)),-Werror)
XT_CFLAGS := -std=gnu11 $(WARNINGS) -fPIC -fvisibility=default \
	-D_GNU_SOURCE -D_FILE_OFFSET_BITS=64 -DXTUNE_VERSION='"$(VERSION)"' \
	$(if $(LIBXML2_SONAME),-DXT_LIBXML2_SONAME='"$(LIBXML2_SONAME)"') \
	$(if $(LIBXLUTIL_SONAME),-DXT_LIBXLUTIL_SONAME='"$(LIBXLUTIL_SONAME)"') \
	$(if $(LIBPCI_SONAME),-DXT_LIBPCI_SONAME='"$(LIBPCI_SONAME)"') \
	$(if $(LIBUDEV_SONAME),-DXT_LIBUDEV_SONAME='"$(LIBUDEV_SONAME)"') \
	-Ilibxtune/include -Ilibxtune $(PKG_CFLAGS) $(SAN_FLAGS)

LIB_SRCS := $(wildcard libxtune/*/*.c)
CMD_SRCS := $(wildcard xltune/*.c)
XL_SRCS := $(wildcard libxtune/backend/libxl/*.c)
MOVER_SRCS := $(wildcard libxtune/backend/mover/*.c)
DEVICE_SRCS := $(wildcard libxtune/backend/device/*.c)
EMBEDDED := $(BUILD)/gen/policy_rng.c $(BUILD)/gen/usb_policy_conf.c
LIB_OBJS := $(LIB_SRCS:%.c=$(BUILD)/obj/%.o) $(EMBEDDED:.c=.o)
CMD_OBJS := $(CMD_SRCS:%.c=$(BUILD)/obj/%.o)
XL_OBJS := $(XL_SRCS:%.c=$(BUILD)/obj/%.o)
MOVER_OBJS := $(MOVER_SRCS:%.c=$(BUILD)/obj/%.o) $(XL_OBJS)
DEVICE_OBJS := $(DEVICE_SRCS:%.c=$(BUILD)/obj/%.o) $(XL_OBJS)
UNIT_TESTS := $(patsubst tests/unit/%.c,$(BUILD)/tests/unit/%,\
	$(wildcard tests/unit/test_*.c))
FUZZERS := $(patsubst tests/fuzz/%.c,$(BUILD)/tests/fuzz/%,\
	$(wildcard tests/fuzz/fuzz_*.c))

# Where things are installed, for those alone that say so: another prefix does
# not make everything again.
DIR_CFLAGS := -DXTUNE_SYSCONFDIR='"$(SYSCONFDIR)"' \
	-DXTUNE_LIBEXECDIR='"$(LIBEXECDIR)"' -DXTUNE_DATADIR='"$(DATADIR)"'
DIR_SRCS := $(shell grep -lE 'XTUNE_(SYSCONF|LIBEXEC|DATA)DIR' $(LIB_SRCS) \
	$(CMD_SRCS) tests/unit/*.c)
DIR_TARGETS := $(patsubst %.c,$(BUILD)/obj/%.o,$(filter-out tests/%,\
	$(DIR_SRCS))) $(patsubst %.c,$(BUILD)/%,$(filter tests/%,$(DIR_SRCS)))

.PHONY: all
all: $(BUILD)/libxtune.so $(BUILD)/libxtune.a $(BUILD)/xltune \
	$(BUILD)/xltune-move $(BUILD)/xltune-device $(BUILD)/xtune.pc

# Anything that was compiled with other flags is compiled again.
FLAGS_NOW := $(CC) $(CPPFLAGS) $(CFLAGS) $(XT_CFLAGS) $(LDFLAGS)
$(BUILD)/flags: CONTENT := $(FLAGS_NOW)
$(BUILD)/dirs: CONTENT := $(DIR_CFLAGS)
$(BUILD)/flags $(BUILD)/dirs: FORCE
	@mkdir -p $(@D)
	@echo '$(subst ','\'',$(CONTENT))' | cmp -s - $@ || \
		echo '$(subst ','\'',$(CONTENT))' > $@
$(DIR_TARGETS): $(BUILD)/dirs
$(DIR_TARGETS): private XT_CFLAGS += $(DIR_CFLAGS)
.PHONY: FORCE
FORCE:

$(BUILD)/obj/%.o: %.c $(BUILD)/flags
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(CFLAGS) $(XT_CFLAGS) -MMD -MP -c -o $@ $<

$(BUILD)/gen/%.o: $(BUILD)/gen/%.c $(BUILD)/flags
	$(CC) $(CPPFLAGS) $(CFLAGS) $(XT_CFLAGS) -c -o $@ $<

# Files that travel inside the library: as xt_NAME, of xt_NAME_len bytes.
$(BUILD)/gen/policy_rng.c: policies/policy.rng
$(BUILD)/gen/usb_policy_conf.c: policies/usb-policy.conf
$(EMBEDDED):
	@mkdir -p $(@D)
	{ echo '#include <stddef.h>'; \
	  echo 'extern const char xt_$(basename $(@F))[];'; \
	  echo 'extern const size_t xt_$(basename $(@F))_len;'; \
	  echo 'const char xt_$(basename $(@F))[] = {'; \
	  od -An -v -tx1 $< | sed 's/ \(..\)/0x\1,/g'; \
	  echo '};'; \
	  echo 'const size_t xt_$(basename $(@F))_len ='; \
	  echo '    sizeof(xt_$(basename $(@F)));'; \
	} > $@.tmp
	mv $@.tmp $@

$(BUILD)/libxtune.a: $(LIB_OBJS)
	rm -f $@
	$(AR) rcs $@ $^

$(BUILD)/$(SONAME): $(LIB_OBJS) libxtune/libxtune.map
	$(CC) $(CFLAGS) $(LDFLAGS) $(SAN_FLAGS) -shared -Wl,-soname,$(SONAME) \
		-Wl,--version-script=libxtune/libxtune.map \
		$(if $(SAN),,-Wl,-z$(comma)defs) -Wl,--as-needed \
		-o $@ $(LIB_OBJS) $(PKG_LIBS)

$(BUILD)/libxtune.so: $(BUILD)/$(SONAME)
	ln -sf $(SONAME) $@

$(BUILD)/xltune: $(CMD_OBJS) $(BUILD)/libxtune.so
	$(CC) $(CFLAGS) $(LDFLAGS) $(SAN_FLAGS) -Wl,--as-needed -o $@ \
		$(CMD_OBJS) -L$(BUILD) -lxtune -Wl,-rpath-link,$(BUILD)

# Programs of their own, for libxenlight.
$(BUILD)/xltune-move: $(MOVER_OBJS)
$(BUILD)/xltune-device: $(DEVICE_OBJS)
$(BUILD)/xltune-move $(BUILD)/xltune-device: $(BUILD)/libxtune.a
	$(CC) $(CFLAGS) $(LDFLAGS) $(SAN_FLAGS) -Wl,--as-needed -o $@ \
		$(filter %.o,$^) $(BUILD)/libxtune.a $(XL_LIBS) $(PKG_LIBS)

# Made each time: it holds the prefix of this very make.
$(BUILD)/xtune.pc: libxtune/xtune.pc.in FORCE
	@mkdir -p $(@D)
	sed -e 's|@PREFIX@|$(PREFIX)|; s|@LIBDIR@|$(LIBDIR)|' \
		-e 's|@INCLUDEDIR@|$(INCLUDEDIR)|; s|@VERSION@|$(VERSION)|' \
		-e 's|@REQUIRES@|$(PKGS)|' $< > $@

.PHONY: install
install: all
	$(INSTALL) -d $(DESTDIR)$(BINDIR) $(DESTDIR)$(LIBDIR)/pkgconfig \
		$(DESTDIR)$(LIBEXECDIR)/xltune \
		$(DESTDIR)$(INCLUDEDIR)/xtune $(DESTDIR)$(DATADIR)/xltune \
		$(DESTDIR)$(MANDIR)/man5 $(DESTDIR)$(MANDIR)/man8 \
		$(DESTDIR)$(DATADIR)/bash-completion/completions
	$(INSTALL) -m 755 $(BUILD)/xltune $(DESTDIR)$(BINDIR)/xltune
	ln -sf xltune $(DESTDIR)$(BINDIR)/xen-cmdline
	sed -e 's|@BINDIR@|$(BINDIR)|; s|@DATADIR@|$(DATADIR)|' \
		-e 's|@SYSCONFDIR@|$(SYSCONFDIR)|' scripts/host-setup \
		> $(BUILD)/host-setup
	$(INSTALL) -m 755 $(BUILD)/host-setup \
		$(DESTDIR)$(BINDIR)/xltune-host-setup
	$(INSTALL) -d $(DESTDIR)$(DATADIR)/xltune/examples
	$(INSTALL) -m 644 scripts/examples/* \
		$(DESTDIR)$(DATADIR)/xltune/examples/
	$(INSTALL) -m 755 $(BUILD)/xltune-move $(BUILD)/xltune-device \
		$(DESTDIR)$(LIBEXECDIR)/xltune/
	$(INSTALL) -m 755 $(BUILD)/$(SONAME) $(DESTDIR)$(LIBDIR)/
	ln -sf $(SONAME) $(DESTDIR)$(LIBDIR)/libxtune.so
	$(INSTALL) -m 644 $(BUILD)/libxtune.a $(DESTDIR)$(LIBDIR)/
	$(INSTALL) -m 644 $(BUILD)/xtune.pc $(DESTDIR)$(LIBDIR)/pkgconfig/
	$(INSTALL) -m 644 libxtune/include/xtune/*.h \
		$(DESTDIR)$(INCLUDEDIR)/xtune/
	$(INSTALL) -m 644 policies/* $(DESTDIR)$(DATADIR)/xltune/
	$(INSTALL) -m 644 xltune/man/*.5 $(DESTDIR)$(MANDIR)/man5/
	$(INSTALL) -m 644 xltune/man/*.8 $(DESTDIR)$(MANDIR)/man8/
	$(INSTALL) -m 644 xltune/completion/xltune.bash \
		$(DESTDIR)$(DATADIR)/bash-completion/completions/xltune
	$(call install_services,systemd,644,$(SYSTEMDDIR))
	$(call install_services,udev,644,$(UDEVDIR))

# For hosts without systemd.
.PHONY: install-openrc install-sysvinit
install-openrc install-sysvinit: install-%: install
	$(call install_services,$*,755,$(SYSCONFDIR)/init.d)

# $(call install_services,KIND,MODE,DIRECTORY): with the path of the command.
define install_services
	$(INSTALL) -d $(DESTDIR)$(3)
	set -e; for f in scripts/$(1)/*; do \
		sed 's|@BINDIR@|$(BINDIR)|' $$f > $(BUILD)/service; \
		$(INSTALL) -m $(2) $(BUILD)/service \
			$(DESTDIR)$(3)/$${f##*/}; \
	done; rm -f $(BUILD)/service
endef

# Tests.

RUN_UNDER := $(if $(VALGRIND),valgrind -q --leak-check=full \
	--error-exitcode=99 --errors-for-leak-kinds=definite$(comma)indirect)
export XLTUNE_RUN_UNDER := $(RUN_UNDER)

$(BUILD)/tests/unit/%: tests/unit/%.c $(BUILD)/libxtune.a $(BUILD)/flags
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(CFLAGS) $(XT_CFLAGS) -MMD -MP -Itests/unit -o $@ $< \
		$(filter %.o,$^) $(BUILD)/libxtune.a $(PKG_LIBS) -lcmocka

# The parts of the daemon that need neither a host nor a clock.
$(BUILD)/tests/unit/test_watch: $(addprefix $(BUILD)/obj/xltune/,\
	watch_words.o watch_log.o sd_notify.o output.o)
$(BUILD)/tests/unit/test_watch_usb: $(addprefix $(BUILD)/obj/xltune/,\
	watch_usb_mend.o watch_usb_paths.o watch_usb_replug.o)

.PHONY: check check-unit check-cli check-lab
check: check-unit check-cli check-lab

# Side by side with -j; all that a test says where it fails.
UNIT_RUNS := $(UNIT_TESTS:%=%.run)
.PHONY: $(UNIT_RUNS)
check-unit: $(UNIT_RUNS)

$(UNIT_RUNS): %.run: %
	@TEST_DATA=tests $(RUN_UNDER) $< > $<.log 2>&1 || { cat $<.log; \
		echo "not ok - $<"; exit 1; }; echo "ok - $<"

check-cli: all
	BUILD=$(BUILD) tests/cli/run

check-lab: all
	tests/lab/check

.PHONY: demo
demo:
	scripts/demo

.PHONY: bench
bench: all $(BUILD)/tests/bench/usb_policy $(BUILD)/tests/bench/host_check
	$(BUILD)/tests/bench/usb_policy
	$(BUILD)/tests/bench/host_check
	tests/bench/run

$(BUILD)/tests/bench/usb_policy $(BUILD)/tests/bench/host_check: \
		$(BUILD)/tests/bench/%: $(BUILD)/obj/tests/bench/%.o \
		$(BUILD)/libxtune.a
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(LDFLAGS) $(SAN_FLAGS) -o $@ $^ $(PKG_LIBS)

# Placement against libxl's and XAPI's algorithms, and the true optimum, which
# takes GLPK. BENCH_ARGS=--quick for the short one.
PLACEMENT_OBJS := $(patsubst %.c,$(BUILD)/obj/%.o,\
	$(wildcard tests/bench/placement/*.c))
.PHONY: bench-placement have-glpk
bench-placement: $(BUILD)/tests/bench/placement
	$< $(BENCH_ARGS)

have-glpk:
	@echo '#include <glpk.h>' | $(CC) $(CPPFLAGS) -E - > /dev/null 2>&1 || { \
		echo 'glpk.h is missing: scripts/bootstrap bench installs it' \
			'(Debian: libglpk-dev)' >&2; exit 1; }

$(PLACEMENT_OBJS): | have-glpk
$(BUILD)/tests/bench/placement: $(PLACEMENT_OBJS) $(BUILD)/libxtune.a
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(LDFLAGS) $(SAN_FLAGS) -o $@ $^ $(PKG_LIBS) -lglpk -lm

# One minute a fuzzer; FUZZ_SECONDS=N for more.
FUZZ_SECONDS ?= 60
$(BUILD)-fuzz/tests/fuzz/%: tests/fuzz/%.c $(LIB_SRCS) $(EMBEDDED)
	@mkdir -p $(@D)
	clang -g -O1 -fsanitize=fuzzer,address,undefined $(XT_CFLAGS) -o $@ $< \
		$(LIB_SRCS) $(EMBEDDED) $(PKG_LIBS)

.PHONY: fuzz
fuzz: $(patsubst $(BUILD)/%,$(BUILD)-fuzz/%,$(FUZZERS))
	@set -e; for f in $^; do \
		echo "== $$f"; mkdir -p $$f.corpus; \
		$$f -max_total_time=$(FUZZ_SECONDS) -rss_limit_mb=2048 \
			-artifact_prefix=$$f. $$f.corpus; done

C_FILES := $(shell find libxtune xltune tests -name '*.[ch]' 2>/dev/null)
.PHONY: format lint
format:
	clang-format -i $(C_FILES)

lint: $(EMBEDDED)
	cppcheck -q --std=c11 --error-exitcode=1 --inline-suppr \
		--enable=warning,performance,portability \
		--suppress=missingIncludeSystem -D_GNU_SOURCE \
		-Ilibxtune/include -Ilibxtune libxtune xltune
	clang-tidy --quiet $(LIB_SRCS) $(CMD_SRCS) $(XL_SRCS) \
		$(MOVER_SRCS) $(DEVICE_SRCS) -- $(XT_CFLAGS)

.PHONY: clean
clean:
	rm -rf build build-san build-fuzz

-include $(shell find $(BUILD) -name '*.d' 2>/dev/null)
