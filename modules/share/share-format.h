/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * $(format-stix), $(format-misp), $(format-iodef), $(format-intelmq), $(format-incident). */

#ifndef SHARE_FORMAT_H_INCLUDED
#define SHARE_FORMAT_H_INCLUDED

#include "glue/compat.h"

#include <template/function.h>

TEMPLATE_FUNCTION_DECLARE(share_format_stix)
TEMPLATE_FUNCTION_DECLARE(share_format_misp)
TEMPLATE_FUNCTION_DECLARE(share_format_iodef)
TEMPLATE_FUNCTION_DECLARE(share_format_intelmq)
TEMPLATE_FUNCTION_DECLARE(share_format_incident)

#endif
