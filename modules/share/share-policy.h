/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * share-policy(): who may know of an incident. */

#ifndef SHARE_POLICY_H_INCLUDED
#define SHARE_POLICY_H_INCLUDED

#include "glue/data.h"

typedef struct
{
  SiagaDataOptions super;
  GPtrArray *policies;
  gchar *producer;
} SharePolicyOptions;

/* Takes over the reference on OPTIONS.  NULL with errors in DIAG: a policy with a mistake refuses the configuration. */
LogParser *share_policy_new(GlobalConfig *cfg, SharePolicyOptions *options, SiagaDiag *diag);

#endif
