/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * siagactl lint: names that say the rest of the line themselves.  Whoever logs in chooses the name that is logged, and
 * must not choose the address with it. */

#include "siagactl/siagactl.h"

#include <string.h>

#define OTHER "203.0.113.254"

/* TEXT up to END with OTHER for its first ADDRESS. */
static gchar *
_moved(const gchar *text, const gchar *end, const gchar *address)
{
  const gchar *at = strstr(text, address), *behind = at + strlen(address);
  return g_strdup_printf("%.*s" OTHER "%.*s", (int) (at - text), text, (int) (end - behind), behind);
}

static gboolean
_is_from_elsewhere(const CtlYield *yield, const SiagaYaml *document, const gchar *line)
{
  const SiagaEvent *event = ctl_yield_read(yield, document, line);
  const SiagaValue *source = event ? siaga_event_get(event, SIAGA_F_SOURCE_ADDRESS) : NULL;
  return source && source->type == SIAGA_VT_TEXT && source->length == strlen(OTHER) &&
         memcmp(source->text, OTHER, source->length) == 0;
}

/* A client that calls itself "x" and goes on as LINE does behind its name, up to END. */
static gboolean
_is_forged(const CtlYield *yield, const SiagaYaml *document, const gchar *line, const gchar *behind, const gchar *end,
           const gchar *place, const gchar *address)
{
  gchar *moved = _moved(behind, end, address);
  gchar *forged = g_strdup_printf("%.*sx%s%s", (int) (place - line), line, moved, behind);
  gboolean elsewhere = _is_from_elsewhere(yield, document, forged);
  g_free(moved);
  g_free(forged);
  return elsewhere;
}

/* Programs escape what ends a quoted name: which ones do is not known here. */
static gboolean
_is_quoted(const gchar *line, const gchar *place, const gchar *behind)
{
  return (place > line && strchr("\"'`[(<", place[-1])) || (*behind && strchr("\"'`])>", *behind));
}

static gboolean
_can_be_forged(const CtlYield *yield, const SiagaYaml *document, const gchar *line, const gchar *name,
               const gchar *address)
{
  for (const gchar *place = line; (place = strstr(place, name)); place++)
    {
      const gchar *behind = place + strlen(name), *at = strstr(behind, address);
      if (!at)
        return FALSE; /* the address stands in front, where no name reaches it */
      if (!_is_quoted(line, place, behind) &&
          (_is_forged(yield, document, line, behind, behind + strlen(behind), place, address) ||
           _is_forged(yield, document, line, behind, at + strlen(address), place, address)))
        return TRUE;
    }
  return FALSE;
}

/* Who was let in goes by a name that was given to him. */
static gboolean
_is_refused(const CtlYield *yield, const SiagaYaml *document, const gchar *line)
{
  const SiagaEvent *event = ctl_yield_read(yield, document, line);
  const SiagaValue *outcome = event ? siaga_event_get(event, SIAGA_F_EVENT_OUTCOME) : NULL;
  return outcome && outcome->type == SIAGA_VT_TEXT && outcome->length == 7 && memcmp(outcome->text, "failure", 7) == 0;
}

static const gchar *
_text(const SiagaYaml *map, const gchar *key)
{
  const SiagaYaml *node = siaga_yaml_get(map, key);
  return node && node->kind == SIAGA_YAML_SCALAR && node->length ? node->text : NULL;
}

void
ctl_lint_forged(const CtlYield *yield, const SiagaYaml *document, const SiagaYaml *sample, SiagaDiag *diag)
{
  const SiagaYaml *fields = siaga_yaml_get(sample, "fields");
  const gchar *line = _text(sample, "line"), *name = _text(fields, "user.name");
  const gchar *address = _text(fields, "source.ip");
  address = address ? address : _text(fields, "source.address");
  if (line && name && address && _is_refused(yield, document, line) &&
      _can_be_forged(yield, document, line, name, address))
    siaga_diag_warning(
        diag, sample->place,
        "a client that calls itself 'x' and goes on as this line does is taken for another address, unless "
        "the program escapes its name: let the name reach as far as it can (%%{NAME_TO_LAST:user.name}), "
        "or the line end behind the address");
}
