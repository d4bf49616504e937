/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * Asks for processors and for the limit of the address space. */

#include "threads.h"

#include <sys/resource.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif

static gboolean
_address_space_is_limited(void)
{
  struct rlimit limit;
  return getrlimit(RLIMIT_AS, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY;
}

guint
siaga_threads_worth(guint wanted)
{
  return _address_space_is_limited() ? 1 : MAX(MIN(wanted, g_get_num_processors()), 1);
}

void
siaga_threads_tidy(void)
{
#ifdef __GLIBC__
  malloc_trim(0);
#endif
}
