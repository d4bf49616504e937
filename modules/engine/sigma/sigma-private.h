/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * What the parts of the rule set share: columns of text, atoms, the trees of conditions, and the plan of a match. */

#ifndef SIAGA_SIGMA_PRIVATE_H_INCLUDED
#define SIAGA_SIGMA_PRIVATE_H_INCLUDED

#include "engine/normalise/address.h"

#include <siaga/correlate.h>
#include <siaga/matcher.h>
#include <siaga/rule.h>

#define SIAGA_SOURCES_MAX 64
#define SIAGA_NODE_NONE G_MAXUINT32
#define SIAGA_NESTING_MAX 64

/* --- columns: the texts of an event that expressions are looked for in ------------------------------------------ */

typedef enum
{
  SIAGA_COLUMN_FIELD, /* an ECS field */
  SIAGA_COLUMN_RAW,   /* the whole line */
  SIAGA_COLUMN_KEY,   /* a member of a JSON line, or a key=value of a line */
} SiagaColumnKind;

typedef struct
{
  SiagaColumnKind kind;
  SiagaFieldId field;
  const gchar *key;
} SiagaColumn;

/* How a Sigma field is read: a value matches when any of the columns has it; null, '' and exists look at PRESENCE. */
typedef struct
{
  const gchar *name;
  guint32 *columns;
  guint count;
  guint32 *presence;
  guint presence_count;
  gboolean time;          /* the event's own time */
  gboolean logged;        /* '' also means absent: servers write "-" for an empty value */
  gdouble times;          /* numbers of rules are so many of the column's units */
  const SiagaYaml *words; /* values of rules that are written in other words in the columns; NULL: none */
} SiagaSigmaField;

typedef struct
{
  const gchar *text;
  gsize length;
} SiagaText;

/* --- the mapping file ----------------------------------------------------------------------------------------------
 */

typedef struct _SiagaMapping SiagaMapping;

SiagaMapping *siaga_mapping_load(const gchar *path, const SiagaFields *fields, SiagaDiag *diag);
void siaga_mapping_free(SiagaMapping *self);
/* The source that LOGSOURCE of a rule belongs to; -1 when it is foreign. */
gint siaga_mapping_find_source(const SiagaMapping *self, const SiagaYaml *logsource);
const gchar *siaga_mapping_source_name(const SiagaMapping *self, guint source);
/* Families whose events may belong to the source: 1 << SiagaFamily. */
guint siaga_mapping_families(const SiagaMapping *self, guint source);
gboolean siaga_mapping_reads_keys(const SiagaMapping *self, guint source);
/* NULL when the source has no such field.  NAME "" is the text that keywords search. Load time only. */
const SiagaSigmaField *siaga_mapping_find_field(SiagaMapping *self, guint source, const gchar *name, gsize length);
/* The field of the source, or of the registry, that NAME is nearest to; NULL when nothing is near. */
const gchar *siaga_mapping_suggest_field(const SiagaMapping *self, guint source, const gchar *name);
/* The one field by which correlations group, when they say NAME (of a SiagaMapping); SIAGA_FIELD_NONE: no source has
 * it. */
SiagaFieldId siaga_mapping_grouped_field(gconstpointer mapping, const gchar *name);
guint siaga_mapping_columns(const SiagaMapping *self);
const SiagaColumn *siaga_mapping_column(const SiagaMapping *self, guint column);
/* The KEY column of that name, -1 when no rule asks for it. */
gint siaga_mapping_key_column(const SiagaMapping *self, const gchar *name, gsize length);
/* A bit for each source that EVENT belongs to. */
guint64 siaga_mapping_sources(const SiagaMapping *self, const SiagaEvent *event);

/* --- string values: bytes and wildcards ----------------------------------------------------------------------------
 */

enum
{
  SIAGA_CELL_ANY = 0x100, /* * */
  SIAGA_CELL_ONE,         /* ? */
  SIAGA_CELL_DASH,        /* any of the dashes and the slash that windash means */
};

/* Cells of 16 bits: a byte, or one of the above. */
typedef GArray SiagaPattern;

SiagaPattern *siaga_pattern_parse(const gchar *text, gsize length);
SiagaPattern *siaga_pattern_plain(const gchar *text, gsize length);
gboolean siaga_pattern_is_plain(const SiagaPattern *self);
void siaga_pattern_open_start(SiagaPattern *self);
void siaga_pattern_open_end(SiagaPattern *self);
void siaga_pattern_windash(SiagaPattern *self);
SiagaPattern *siaga_pattern_base64(const SiagaPattern *self, guint offset, gboolean cut);
typedef enum
{
  SIAGA_UTF16_LE,
  SIAGA_UTF16_BE,
  SIAGA_UTF16_BOM,
} SiagaUtf16;
SiagaPattern *siaga_pattern_utf16(const SiagaPattern *self, SiagaUtf16 kind);

/* What the matcher is given.  ANYTHING: the value was only wildcards that may be empty. */
typedef struct
{
  gchar *text;
  gsize length;
  guint flags;   /* SiagaMatchFlags */
  guint longest; /* bytes of the longest literal run */
  gboolean anything;
  gboolean regex; /* written by the rule's author, and what precedes a match matters to it */
} SiagaNeedle;

void siaga_pattern_to_needle(const SiagaPattern *self, gboolean cased, SiagaNeedle *needle_r);

/* --- atoms: the questions that conditions are made of ----------------------------------------------------------------
 */

typedef enum
{
  SIAGA_ATOM_TEXT,
  SIAGA_ATOM_NUMBER,
  SIAGA_ATOM_CIDR,
  SIAGA_ATOM_EXISTS,  /* some value, not null */
  SIAGA_ATOM_PRESENT, /* the field, and be it null */
  SIAGA_ATOM_NULL,
  SIAGA_ATOM_EMPTY,
  SIAGA_ATOM_FIELDREF,
  SIAGA_ATOM_TIME,
} SiagaAtomKind;

typedef enum
{
  SIAGA_OP_EQ,
  SIAGA_OP_LT,
  SIAGA_OP_LTE,
  SIAGA_OP_GT,
  SIAGA_OP_GTE,
  SIAGA_OP_CONTAINS,
  SIAGA_OP_STARTSWITH,
  SIAGA_OP_ENDSWITH,
} SiagaOp;

typedef enum
{
  SIAGA_PART_MINUTE,
  SIAGA_PART_HOUR,
  SIAGA_PART_DAY,
  SIAGA_PART_WEEK,
  SIAGA_PART_MONTH,
  SIAGA_PART_YEAR,
} SiagaTimePart;

typedef struct
{
  guint8 kind;
  guint8 op;
  guint8 part;
  gboolean cased;
  const SiagaSigmaField *field;
  const SiagaSigmaField *other; /* fieldref */
  gdouble number;
  guint8 version, prefix_bits, prefix[16]; /* cidr */
  SiagaNeedle needle;
  gchar *label; /* as written, for explain */
  SiagaPlace place;
} SiagaAtom;

/* --- trees ---------------------------------------------------------------------------------------------------------
 */

typedef enum
{
  SIAGA_NODE_ATOM,
  SIAGA_NODE_AND,
  SIAGA_NODE_OR,
  SIAGA_NODE_NOT,
} SiagaNodeKind;

/* ATOM: first is the atom; otherwise COUNT children from edge FIRST. */
typedef struct
{
  guint8 kind;
  guint32 first;
  guint32 count;
} SiagaNode;

typedef struct
{
  const gchar *name;
  guint32 node;
} SiagaIdentifier;

/* A filter document that was applied to a rule; the rule's strings hold its texts. */
typedef struct
{
  const gchar *title;
  SiagaPlace place;
  guint32 node; /* false: it excuses the event */
} SiagaExcuse;

typedef struct
{
  SiagaRule rule;
  guint source;
  guint32 root; /* SIAGA_NODE_NONE: never matches (a correlation, a disabled or a broken rule) */
  guint32 own;  /* the rule's own condition: the root before filters were applied */
  gboolean disabled;
  gboolean always;     /* can be true without a trigger */
  GArray *identifiers; /* of SiagaIdentifier */
  GArray *excuses;     /* of SiagaExcuse; NULL: no filter names the rule */
  const gchar *condition;
  GArray *samples;                           /* of SiagaRuleSample */
  const gchar *category, *product, *service; /* of its logsource, NULL when not given */
} SiagaRuleEntry;

/* A Sigma filter document; its nodes live as long as the files. */
typedef struct
{
  const SiagaYaml *document;
  const SiagaYaml *filter;
} SiagaFilter;

/* A rule whose placeholders were not known when it was read. */
typedef struct
{
  SiagaRuleEntry *entry;
  const SiagaYaml *detection;
} SiagaPending;

typedef struct
{
  gchar *rule;
  SiagaPlace place;
  gchar *file;
  gboolean has_level, disable, simulate;
  SiagaLevel level;
} SiagaOverride;

typedef struct _SiagaPlan SiagaPlan;

struct _SiagaRules
{
  gint references;
  const SiagaFields *fields;
  SiagaMapping *mapping;
  gchar *matcher;
  gboolean keep_samples, finished;
  GStringChunk *strings; /* of rules and identifiers */
  GPtrArray *lists;      /* string vectors of rules */
  GPtrArray *entries;    /* of SiagaRuleEntry* */
  GHashTable *by_name;   /* id, name -> SiagaRuleEntry* */
  GHashTable *absent;    /* id, name of what was left out -> SIAGA_RULE_SKIPPED or _FAILED */
  guint skipped, unsupported;
  GPtrArray *files;         /* of SiagaYamlFile*, kept until finish */
  GPtrArray *made;          /* of SiagaYaml*: nodes of merged documents, until finish */
  GArray *filters;          /* of SiagaFilter */
  GArray *pending;          /* of SiagaPending: rules that wait for placeholders */
  GHashTable *placeholders; /* name -> GPtrArray of gchar* */
  GArray *overrides;        /* of SiagaOverride */
  SiagaCorrelations *correlations;
  GArray *atoms;            /* of SiagaAtom */
  GHashTable *atom_numbers; /* what it asks -> number + 1 */
  SiagaMatcher *judge;      /* keeps what was compiled of regexes until the databases have it */
  GArray *nodes;            /* of SiagaNode */
  GArray *edges;            /* of guint32 */
  SiagaPlan *plan;
};

static inline SiagaAtom *
siaga_rules_atom(const SiagaRules *self, guint atom)
{
  return &g_array_index(self->atoms, SiagaAtom, atom);
}

static inline const SiagaNode *
siaga_rules_node(const SiagaRules *self, guint32 node)
{
  return &g_array_index(self->nodes, SiagaNode, node);
}

static inline guint32
siaga_rules_child(const SiagaRules *self, const SiagaNode *node, guint32 n)
{
  return g_array_index(self->edges, guint32, node->first + n);
}

static inline SiagaRuleEntry *
siaga_rules_entry(const SiagaRules *self, guint index)
{
  return self->entries->pdata[index];
}

guint32 siaga_rules_add_node(SiagaRules *self, SiagaNodeKind kind, const guint32 *children, guint32 count);
/* Takes over what ATOM owns. */
guint32 siaga_rules_add_atom(SiagaRules *self, SiagaAtom *atom);

/* Compiles DETECTION (search identifiers, condition, and OTHER, a key that is not looked at) in the log source of
 * ENTRY.  SIAGA_NODE_NONE with errors in DIAG, or with MISSING_R set when a placeholder is not known yet. */
guint32 siaga_detection_compile(SiagaRules *self, SiagaRuleEntry *entry, const SiagaYaml *detection, const gchar *other,
                                SiagaDiag *diag, gboolean *missing_r);

void siaga_rule_entry_free(SiagaRuleEntry *self);

/* One document of a rule file, merged with its global part.  FALSE with errors in DIAG. */
gboolean siaga_rules_read_document(SiagaRules *self, const SiagaYaml *document, SiagaDiag *diag);
gboolean siaga_rules_read_overrides(SiagaRules *self, const SiagaYaml *list, SiagaDiag *diag);
/* ENTRY is in order: it goes by its id and name from now on, and an earlier rule of the same no longer. */
void siaga_rules_take_place(SiagaRules *self, SiagaRuleEntry *entry);
gboolean siaga_rules_read_placeholders(SiagaRules *self, const SiagaYaml *map, SiagaDiag *diag);
gboolean siaga_rules_apply_filters(SiagaRules *self, SiagaDiag *diag);
void siaga_rules_apply_overrides(SiagaRules *self, SiagaDiag *diag);
/* Mixes what NODE says into CHECKSUM. */
guint32 siaga_checksum_node(guint32 checksum, const SiagaYaml *node);

/* Condition over IDENTIFIERS (of SiagaIdentifier). */
guint32 siaga_condition_compile(SiagaRules *self, const GArray *identifiers, const SiagaYaml *condition,
                                SiagaDiag *diag);

/* --- matching --------------------------------------------------------------------------------------------------------
 */

typedef struct
{
  guint32 column;
  guint16 next;   /* index + 1 of the column's next value */
  SiagaText text; /* NULL for JSON's null */
} SiagaKeyValue;

#define SIAGA_KEY_VALUES_MAX 256

/* The keys that a line carries itself; one thread, emptied per event. */
typedef struct
{
  SiagaKeyValue values[SIAGA_KEY_VALUES_MAX];
  guint count;
  guint16 *first; /* column -> index + 1 */
  guint columns;
  gpointer document; /* what owns the texts of JSON values */
  gchar *plain;      /* quoted values without what escaped their quotes */
  gsize plain_size, plain_used;
} SiagaKeys;

void siaga_line_keys_clear(SiagaKeys *self); /* keeps the room for the next event */
void siaga_line_keys_release(SiagaKeys *self);
void siaga_line_keys_read(SiagaKeys *self, const SiagaMapping *mapping, const gchar *line, gsize length);

/* An address as it was read last: rules ask whether one and the same lies in any of a list of networks. */
typedef struct
{
  gchar text[SIAGA_IP_TEXT];
  gsize length;    /* 0: none was read */
  SiagaIp address; /* version 0: the text is none */
} SiagaReadAddress;

/* One match on its way. */
typedef struct
{
  const SiagaRules *rules;
  const SiagaEvent *event;
  const SiagaKeys *keys;  /* NULL: the line has none */
  const guint64 *atoms;   /* a bit per TEXT atom */
  const guint64 *asked;   /* a bit per late atom that is known; NULL: all are */
  SiagaReadAddress *read; /* its thread's */
} SiagaMatch;

/* Walks the values of a column; numbers are written into the walk's buffer. */
typedef struct
{
  const SiagaValue *value;
  guint key;
  gboolean done;
  gchar buffer[40];
} SiagaWalk;

void siaga_walk_start(SiagaWalk *self, const SiagaMatch *match, guint column);
gboolean siaga_walk_next(SiagaWalk *self, const SiagaMatch *match, guint column, SiagaText *text_r);

gboolean siaga_atom_is_true(const SiagaMatch *match, guint atom);
gboolean siaga_node_is_true(const SiagaMatch *match, guint32 node);
/* Calls BODY with a match of EVENT and the rules that its texts wake, one bit each.  EVERY: those of other log sources
 * too, and all text atoms are known; otherwise judging asks for late ones, as in siaga_rules_match(). */
typedef void (*SiagaExamineFunc)(SiagaMatch *match, guint64 sources, const guint64 *woken, gpointer user_data);
void siaga_match_plan_examine(const SiagaRules *rules, const SiagaEvent *event, gboolean every, SiagaExamineFunc body,
                              gpointer user_data);

gboolean siaga_match_plan_new(SiagaRules *rules, SiagaDiag *diag);
void siaga_match_plan_free(SiagaPlan *self);

/* FALSE when TEXT is no prefix such as 192.0.2.0/24 or an address. */
gboolean siaga_atom_set_cidr(SiagaAtom *atom, const gchar *text);

#endif
