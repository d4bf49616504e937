/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * The stamp of a line that neither its header nor its pattern reads. */

#ifndef SIAGA_PATTERN_STAMP_H_INCLUDED
#define SIAGA_PATTERN_STAMP_H_INCLUDED

#include "leaves.h"

#include <siaga/event.h>
#include <siaga/time.h>

/* The bytes of "03:04:05" at the start of TEXT; 0 when it is none. */
gsize siaga_clock_length(const gchar *text, gsize length);
/* The bytes of a stamp at the start of TEXT, of a clock without a date too; 0 when there is none. */
gsize siaga_stamp_length(const gchar *text, gsize length, const SiagaTimeContext *context);

/* Each sets the time of EVENT; FALSE when there is none.  At the start of TEXT, behind a bracket or a quote: */
gboolean siaga_stamp_at_start(const gchar *text, gsize length, const SiagaTimeContext *context, SiagaEvent *event);
/* Under a key that usually holds one: */
gboolean siaga_stamp_among(const SiagaLeaves *leaves, const SiagaTimeContext *context, SiagaEvent *event);

#endif
