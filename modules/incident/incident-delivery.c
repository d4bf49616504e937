/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * The way out, with one acknowledgement per message. */

#include "incident/incident-delivery.h"
#include "incident/incident-message.h"

#include <logpipe.h>
#include <messages.h>

#include <string.h>

typedef struct
{
  IncidentState *state;
  guint8 id[16];
  guint32 revision;
} Receipt;

/* May run in any thread and under a destination's lock: nothing is sent from here. */
static void
_acknowledged(LogMessage *msg, AckType type)
{
  Receipt *receipt = (Receipt *) msg->ack_record;

  msg->ack_record = NULL;
  siaga_correlator_acknowledge(incident_state_correlator(receipt->state), receipt->id, receipt->revision,
                               type != AT_ABORTED);
  incident_state_unref(receipt->state);
  g_free(receipt);
}

void
incident_deliver(IncidentState *state, const SiagaIncident *incident, LogPipe *pipe, const gchar *prefix)
{
  LogPathOptions path_options = LOG_PATH_OPTIONS_INIT;
  LogMessage *msg = incident_message_new(incident, prefix);
  Receipt *receipt = g_new0(Receipt, 1);

  receipt->state = incident_state_ref(state);
  memcpy(receipt->id, incident->id, sizeof receipt->id);
  receipt->revision = incident->revision;
  msg->ack_record = (AckRecord *) receipt;
  msg->ack_func = _acknowledged;
  path_options.ack_needed = TRUE;
  path_options.flow_control_requested = TRUE;
  log_msg_add_ack(msg, &path_options);
  log_pipe_forward_msg(pipe, msg, &path_options);
}

void
incident_post(const SiagaIncident *incident, const gchar *prefix)
{
  msg_post_message(incident_message_new(incident, prefix));
}
