/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * State on disk: without a state directory there is none, and that is said. */

#include "core.h"

static gboolean
_has_no_directory(const SiagaCorrelator *self, SiagaDiag *diag)
{
  if (!self->options.state_dir)
    siaga_diag_warning(diag, (SiagaPlace){ 0 }, "no state directory: incidents do not survive a restart");
  return FALSE;
}

gboolean
siaga_correlator_restore(SiagaCorrelator *self, SiagaDiag *diag)
{
  return _has_no_directory(self, diag);
}

gboolean
siaga_correlator_start_persistence(SiagaCorrelator *self, SiagaDiag *diag)
{
  return _has_no_directory(self, diag);
}

gboolean
siaga_correlator_save(SiagaCorrelator *self, SiagaDiag *diag)
{
  return _has_no_directory(self, diag);
}

void
siaga_correlator_stop_persistence(SiagaCorrelator *self)
{
  (void) self;
}
