/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * How many threads work is worth. */

#ifndef SIAGA_THREADS_H_INCLUDED
#define SIAGA_THREADS_H_INCLUDED

#include <glib.h>

/* WANTED or fewer, at least one: no more than there are processors, and one where the address space is limited
 * (ulimit -v), of which each thread takes a stack and an arena.  Any thread. */
guint siaga_threads_worth(guint wanted);

/* Gives the system back what the work has left free: each thread's memory keeps to itself otherwise.  Takes
 * milliseconds; any thread. */
void siaga_threads_tidy(void);

#endif
