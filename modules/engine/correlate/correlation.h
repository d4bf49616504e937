/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * A correlation rule as it was read: what it counts, by what, in which time. */

#ifndef SIAGA_CORRELATE_CORRELATION_H_INCLUDED
#define SIAGA_CORRELATE_CORRELATION_H_INCLUDED

#include <siaga/correlate.h>

#define SIAGA_STEPS_MAX 32 /* rules one correlation may refer to: a bit each */
#define SIAGA_GROUP_MAX 8  /* fields in a group-by */
#define SIAGA_TERMS_MAX 64 /* alternatives of a string condition */

typedef enum
{
  SIAGA_CT_EVENT_COUNT,
  SIAGA_CT_VALUE_COUNT,
  SIAGA_CT_TEMPORAL,
  SIAGA_CT_TEMPORAL_ORDERED,
  SIAGA_CT_VALUE_SUM,
  SIAGA_CT_VALUE_AVG,
  SIAGA_CT_VALUE_PERCENTILE,
} SiagaCorrelationType;

typedef enum
{
  SIAGA_OP_GT,
  SIAGA_OP_GTE,
  SIAGA_OP_LT,
  SIAGA_OP_LTE,
  SIAGA_OP_EQ,
  SIAGA_OP_NEQ,
  SIAGA_OP_COUNT,
} SiagaOperator;

typedef struct
{
  gchar *text; /* id or name as written */
  SiagaPlace place;
  gint rule; /* index in the rule set; -1 before it is resolved */
} SiagaReference;

/* One name of a group-by: a field, or an alias that is another field for each rule. */
typedef struct
{
  gchar *name;
  SiagaPlace place;
  SiagaFieldId field; /* SIAGA_FIELD_NONE for an alias */
  gint alias;         /* -1 for a field */
} SiagaGroupName;

typedef struct
{
  gchar *name;
  SiagaPlace place;
  SiagaFieldId fields[SIAGA_STEPS_MAX]; /* by position in rules; SIAGA_FIELD_NONE where the alias says nothing */
} SiagaAlias;

/* One alternative of a temporal condition: these rules seen, those not. */
typedef struct
{
  guint32 need;
  guint32 forbid;
} SiagaTerm;

typedef struct
{
  guint index; /* of the rule, in the rule set */
  SiagaPlace place;
  SiagaCorrelationType type;
  GArray *references; /* of SiagaReference */
  GArray *group_by;   /* of SiagaGroupName */
  GArray *aliases;    /* of SiagaAlias */
  GArray *values;     /* of SiagaFieldId: what value_* looks at */
  GArray *terms;      /* of SiagaTerm: temporal types */
  SiagaTime timespan;
  gboolean has[SIAGA_OP_COUNT];
  gdouble bound[SIAGA_OP_COUNT];
  gdouble percentile;
  gboolean generate; /* the rules it refers to raise incidents of their own too */
  gboolean usable;   /* all references were resolved */
} SiagaCorrelation;

guint siaga_correlations_size(const SiagaCorrelations *self);
const SiagaCorrelation *siaga_correlations_get(const SiagaCorrelations *self, guint position);
const SiagaFields *siaga_correlations_fields(const SiagaCorrelations *self);

/* resolve with a finder of its own, for those who have no rule set: an index, or why there is none (SIAGA_RULE_UNKNOWN
 * …). */
typedef gint (*SiagaRuleFinder)(gpointer rules, const gchar *id_or_name);
gboolean siaga_correlations_resolve_with(SiagaCorrelations *self, SiagaRuleFinder find, SiagaReferenceMark mark,
                                         gpointer rules, SiagaDiag *diag);

/* Reads a string condition over REFERENCES into TERMS; FALSE with an error at PLACE. */
gboolean siaga_expression_read(const gchar *text, const GArray *references, SiagaPlace place, GArray *terms,
                               SiagaDiag *diag);

/* Whether a bound can only be decided at a window's end. */
static inline gboolean
siaga_correlation_has_upper_bound(const SiagaCorrelation *self)
{
  return self->has[SIAGA_OP_LT] || self->has[SIAGA_OP_LTE] || self->has[SIAGA_OP_EQ] || self->has[SIAGA_OP_NEQ];
}

#endif
