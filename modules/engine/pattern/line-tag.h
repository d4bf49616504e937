/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * Who wrote a line: the host, and the program with its process number. */

#ifndef SIAGA_LINE_TAG_H_INCLUDED
#define SIAGA_LINE_TAG_H_INCLUDED

#include "line-reader.h"

/* "program:" or "program[pid]:", with a blank or the end behind it. */
gboolean siaga_line_take_tag(SiagaReader *self);
/* metalog: "[program] " */
gboolean siaga_line_take_bracketed_tag(SiagaReader *self);
/* "[host] program[pid]: " */
gboolean siaga_line_take_host_and_tag(SiagaReader *self);
/* "host program[pid]: " without a stamp: without a process number it could be any sentence with a colon. */
void siaga_line_take_host_and_process(SiagaReader *self);
/* A word that may be a host, if one stands here. */
void siaga_line_take_host(SiagaReader *self);

/* The end of a word that may be a host; NULL when there is none. */
const gchar *siaga_line_host_end(const SiagaReader *self);
/* The length of the name in "rtr1: ", with Cisco's "logging origin-id"; 0 when none stands here. */
gsize siaga_line_origin_length(const SiagaReader *self);
/* Whether "program[pid" stands here. */
gboolean siaga_line_is_process(const SiagaReader *self);

/* Facility and level in front of the program or the host: "auth.info" of OpenWrt and BusyBox, "auth|security:info" of
 * AIX, "<auth.info>" and "<4.6>" of FreeBSD. */
gboolean siaga_line_skip_facility(SiagaReader *self);
/* All that stands between a stamp and the host, if anything does: a facility, and what relays put there. */
void siaga_line_skip_relayed(SiagaReader *self);

#endif
