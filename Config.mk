# SPDX-License-Identifier: LGPL-2.1-or-later
# What a builder may want to change: make CC=clang PREFIX=/usr, or edit here.

PREFIX ?= /usr/local
BINDIR ?= $(PREFIX)/sbin
LIBDIR ?= $(PREFIX)/lib
LIBEXECDIR ?= $(PREFIX)/libexec
INCLUDEDIR ?= $(PREFIX)/include
DATADIR ?= $(PREFIX)/share
MANDIR ?= $(DATADIR)/man
SYSCONFDIR ?= /etc
SYSTEMDDIR ?= $(PREFIX)/lib/systemd/system
UDEVDIR ?= $(PREFIX)/lib/udev/rules.d

CC ?= cc
AR ?= ar
INSTALL ?= install
PKG_CONFIG ?= pkg-config
CFLAGS ?= -O2 -g

# Warnings are errors with WERROR=1, as in CI.
WERROR ?= 0

# Where everything that is built goes. A variant (make SAN=address) has a
# folder of its own.
BUILD ?= build
