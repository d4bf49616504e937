/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * Names of what share-policy() puts on a message for the template functions. */

#ifndef SHARE_NAMES_H_INCLUDED
#define SHARE_NAMES_H_INCLUDED

#define SHARE_INCIDENT ".siaga.incident.json" /* of the incident room: everything */
#define SHARE_INCIDENT_ID ".siaga.incident.id"
#define SHARE_INCIDENT_REVISION ".siaga.incident.revision"
#define SHARE_PRODUCER ".siaga.share.producer"
#define SHARE_TLP "siaga.share.tlp" /* the strictest label of all partners */
/* For filters and addresses of destinations, whatever prefix() the incident's own fields have. */
#define SHARE_ID ".siaga.share.id"
#define SHARE_REVISION ".siaga.share.revision"
/* With the partner's name between: what it may see, its label, and the incident's id as it is told. */
#define SHARE_PARTNER_PREFIX ".siaga.share."
#define SHARE_JSON_SUFFIX ".json"
#define SHARE_TLP_SUFFIX ".tlp"
#define SHARE_ID_SUFFIX ".id"
#define SHARE_TAG_PREFIX "share."

#endif
