/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * Two programs that tell of one try: a VPN and the RADIUS server that it asks, a mail server and the PAM behind it. */

#ifndef SIAGA_CORRELATE_ECHO_H_INCLUDED
#define SIAGA_CORRELATE_ECHO_H_INCLUDED

#include "record.h"
#include "window.h"

/* Who tells of RECORD, and of whom, in a byte; the same in every process.  0: nobody says. */
guint8 siaga_echo_teller(const SiagaPlan *plan, const SiagaRecordView *record);
/* Whether an event of TELLER at TIME says again what the latest counted one of WINDOW, a count, said: another program
 * told that within the watch's time, and both may mean the same user. */
gboolean siaga_echo_holds(const SiagaWindow *window, const SiagaWatch *watch, SiagaTime time, guint8 teller);
/* Whether TIME is within SPAN of the latest counted event of WINDOW, a count. */
gboolean siaga_echo_is_near(const SiagaWindow *window, SiagaTime time, SiagaTime span);
/* An event of TELLER at TIME was counted. */
void siaga_echo_note(SiagaWindow *window, SiagaTime time, guint8 teller);

#endif
