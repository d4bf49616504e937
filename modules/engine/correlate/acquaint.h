/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * What a window asks another before it counts: whom that one knows, what it saw lately, whom it let in.
 * The lane's thread.  A record that cannot be opened is known, and follows nobody: nothing of it counts. */

#ifndef SIAGA_CORRELATE_ACQUAINT_H_INCLUDED
#define SIAGA_CORRELATE_ACQUAINT_H_INCLUDED

#include "way.h"

/* Whether the source, or whatever the other count groups by, is one that it knows.  No shard is locked behind it. */
gboolean siaga_acquaint_is_friend(SiagaWay *way, const SiagaWatch *watch);
/* Whether the text with the number before was seen lately.  KEY's shard is locked. */
gboolean siaga_acquaint_follows(SiagaWay *way, SiagaKey *key, const SiagaWatch *watch);
/* SAMPLE's value is let in now: what was refused before was mistyped.  KEY's shard is locked. */
void siaga_acquaint_forgive(const SiagaWay *way, SiagaKey *key, const SiagaWatch *watch, const SiagaSample *sample);

#endif
