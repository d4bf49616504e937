/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * Headers that begin with a stamp. */

#ifndef SIAGA_LINE_STAMP_H_INCLUDED
#define SIAGA_LINE_STAMP_H_INCLUDED

#include "line-reader.h"

/* A stamp of FORMAT.  An impossible one, of the 31st of February, is taken too, and noted. */
gboolean siaga_line_take_stamp(SiagaReader *self, SiagaTimeFormat format);
/* A stamp with what may follow it, host, program and process number: whichever of a dozen kinds stands here. */
gboolean siaga_line_take_stamped(SiagaReader *self);

#endif
