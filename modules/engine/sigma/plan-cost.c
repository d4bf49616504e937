/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * How often a text is met: what most events say is a poor reason to wake a rule that has another one.  What is wrong
 * here costs time, nothing else. */

#include "matcher-private.h"
#include "plan-private.h"

#include <string.h>

#define VALUES_MAX 4
#define RARE_VALUE 60   /* the cost of one: that of a text of six letters */
#define OFTEN_TRUE 3000 /* is added to the cost of what most events have */

typedef struct
{
  const gchar *field;
  const gchar *values[VALUES_MAX];
} Typical;

/* Fields of which a few values, or values of a few shapes, are most of the traffic. */
static const Typical typical[] = {
  { "http.request.method", { "GET", "HEAD" } },
  { "dns.question.type", { "A", "AAAA", "PTR", "HTTPS" } },
  { "url.original", { "/", "/berita/judul-berita", "/assets/css/style.css?v=1.2.3" } },
  { "http.request.referrer", { "https://www.google.com/", "https://www.kementerian.go.id/berita?page=2" } },
  { "user_agent.original",
    { "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36",
      "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:127.0) Gecko/20100101 Firefox/127.0",
      "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Mobile Safari/537.36",
      "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 "
      "Mobile/15E148 Safari/604.1" } },
};

/* NULL: nothing is known of the field. */
static const Typical *
_typical_of(const SiagaRules *rules, const SiagaSigmaField *field)
{
  const SiagaColumn *column = field->count ? siaga_mapping_column(rules->mapping, field->columns[0]) : NULL;
  if (!column || column->kind != SIAGA_COLUMN_FIELD)
    return NULL;
  const gchar *name = siaga_fields_get(rules->fields, column->field)->name;
  for (guint i = 0; i < G_N_ELEMENTS(typical); i++)
    if (strcmp(typical[i].field, name) == 0)
      return &typical[i];
  return NULL;
}

static gboolean
_matches_one_of(const SiagaAtom *atom, const Typical *known)
{
  const SiagaNeedle *needle = &atom->needle;
  SiagaDiag *told_when_read = siaga_diag_new();
  SiagaExpression *expression =
      siaga_expression_get(needle->text, needle->length, needle->flags, atom->place, told_when_read);
  gboolean found = FALSE;
  for (guint i = 0; expression && i < VALUES_MAX && known->values[i] && !found; i++)
    found = siaga_expression_is_in(expression, known->values[i], strlen(known->values[i]));
  if (expression)
    siaga_expression_unref(expression);
  siaga_diag_free(told_when_read);
  return found;
}

/* An exact short value is true for many events, a long text for few. */
guint
siaga_plan_cost(const SiagaRules *rules, const SiagaAtom *atom)
{
  const SiagaNeedle *needle = &atom->needle;
  const Typical *known = _typical_of(rules, atom->field);
  guint length = MIN(needle->longest, 40), cost = 1 + 2000 / (1 + length * length);
  if (known && _matches_one_of(atom, known))
    return cost + OFTEN_TRUE;
  gboolean exact = (needle->flags & SIAGA_MATCH_ANCHORED) && (needle->flags & SIAGA_MATCH_AT_END);
  if (!exact || length > 10)
    return cost;
  return known ? RARE_VALUE : cost + OFTEN_TRUE;
}
