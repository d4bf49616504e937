/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * Partners whom a configuration's templates send to.  One whom no policy has would get nothing, and nobody would know:
 * it is told when the configuration starts.  Any thread. */

#ifndef SHARE_ASKED_H_INCLUDED
#define SHARE_ASKED_H_INCLUDED

#include <glib.h>

/* A template of CFG names PARTNER; NULL: none.  CFG is compared, never looked into. */
void share_asked_add(gconstpointer cfg, const gchar *partner);
void share_asked_drop(gconstpointer cfg, const gchar *partner);

/* Whether a policy of CFG has PARTNER; if not, NEAREST_R is the name that was probably meant, NULL where none is. */
typedef gboolean (*ShareAskedFunc)(gconstpointer cfg, const gchar *partner, const gchar **nearest_r);
/* Warns of each partner that templates of CFG name and no policy has, once. */
void share_asked_tell(gconstpointer cfg, ShareAskedFunc has);

#endif
