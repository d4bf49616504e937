/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * Answers atoms and trees for one event. */

#include "config.h"

#include "sigma-private.h"

#include "engine/base/integer.h"

#include <siaga/time.h>

#include <math.h>
#include <string.h>

#define FOLDED_ON_STACK 4096

/* --- values of a column --------------------------------------------------------------------------------------------
 */

void
siaga_walk_start(SiagaWalk *self, const SiagaMatch *match, guint number)
{
  const SiagaColumn *column = siaga_mapping_column(match->rules->mapping, number);
  self->value = NULL;
  self->key = 0;
  self->done = FALSE;
  if (column->kind == SIAGA_COLUMN_FIELD)
    self->value = siaga_event_get(match->event, column->field);
  else if (column->kind == SIAGA_COLUMN_KEY && match->keys && number < match->keys->columns)
    self->key = match->keys->first[number];
}

gboolean
siaga_walk_next(SiagaWalk *self, const SiagaMatch *match, guint number, SiagaText *text_r)
{
  if (self->value)
    {
      text_r->text = siaga_value_text(self->value, self->buffer, &text_r->length);
      self->value = siaga_event_next(match->event, self->value);
      return TRUE;
    }
  if (self->key)
    {
      const SiagaKeyValue *value = &match->keys->values[self->key - 1];
      *text_r = value->text;
      self->key = value->next;
      return TRUE;
    }
  if (self->done || siaga_mapping_column(match->rules->mapping, number)->kind != SIAGA_COLUMN_RAW)
    return FALSE;
  self->done = TRUE;
  text_r->text = match->event->original;
  text_r->length = match->event->original_length;
  return text_r->text != NULL;
}

typedef gboolean (*TextTest)(const SiagaMatch *match, const SiagaAtom *atom, SiagaText text);

static gboolean
_any_value(const SiagaMatch *match, const SiagaAtom *atom, const guint32 *columns, guint count, TextTest test)
{
  SiagaWalk walk;
  SiagaText text;
  for (guint i = 0; i < count; i++)
    {
      siaga_walk_start(&walk, match, columns[i]);
      while (siaga_walk_next(&walk, match, columns[i], &text))
        if (text.text && test(match, atom, text))
          return TRUE;
    }
  return FALSE;
}

/* --- tests of one value --------------------------------------------------------------------------------------------
 */

static gboolean
_compare(gdouble left, SiagaOp op, gdouble right)
{
  switch (op)
    {
    case SIAGA_OP_LT:
      return left < right;
    case SIAGA_OP_LTE:
      return left <= right;
    case SIAGA_OP_GT:
      return left > right;
    case SIAGA_OP_GTE:
      return left >= right;
    default:
      return left == right;
    }
}

static gboolean
_read_number(SiagaText text, gdouble *number_r)
{
  gchar buffer[48], *end;
  if (!text.length || text.length >= sizeof buffer || !memchr("+-.0123456789", text.text[0], 13))
    return FALSE;
  memcpy(buffer, text.text, text.length);
  buffer[text.length] = '\0';
  *number_r = g_ascii_strtod(buffer, &end);
  return *end == '\0' && isfinite(*number_r);
}

static gboolean
_test_number(const SiagaMatch *match G_GNUC_UNUSED, const SiagaAtom *atom, SiagaText text)
{
  gdouble number;
  return _read_number(text, &number) && _compare(number, atom->op, atom->number);
}

/* Integers need no text. */
static gboolean
_number_is_true(const SiagaMatch *match, const SiagaAtom *atom)
{
  const SiagaSigmaField *field = atom->field;
  const SiagaColumn *column = siaga_mapping_column(match->rules->mapping, field->columns[0]);
  const SiagaValue *value = column->kind == SIAGA_COLUMN_FIELD ? siaga_event_get(match->event, column->field) : NULL;
  if (field->count == 1 && value && !value->next && value->type == SIAGA_VT_INT)
    return _compare(value->integer, atom->op, atom->number);
  return _any_value(match, atom, field->columns, field->count, _test_number);
}

gboolean
siaga_atom_set_cidr(SiagaAtom *atom, const gchar *text)
{
  const gchar *slash = strchr(text, '/');
  gint64 bits = 0;
  SiagaIp address;

  if (!siaga_ip_parse(&address, text, slash ? (gsize) (slash - text) : strlen(text), NULL))
    return FALSE;
  guint most = address.version == 4 ? 32 : 128;
  if (slash && !siaga_integer_read(slash + 1, 0, most, &bits))
    return FALSE;
  atom->version = address.version;
  atom->prefix_bits = slash ? bits : most;
  memcpy(atom->prefix, address.bytes, sizeof atom->prefix);
  return TRUE;
}

/* Whether TEXT is an address, which READ holds then. */
static gboolean
_read_address(SiagaReadAddress *read, SiagaText text)
{
  if (text.length && read->length == text.length && memcmp(read->text, text.text, text.length) == 0)
    return read->address.version != 0;
  if (!siaga_ip_parse(&read->address, text.text, text.length, NULL))
    read->address.version = 0;
  read->length = text.length <= sizeof read->text ? text.length : 0;
  memcpy(read->text, text.text, read->length);
  return read->address.version != 0;
}

static gboolean
_test_cidr(const SiagaMatch *match, const SiagaAtom *atom, SiagaText text)
{
  const SiagaIp *address = &match->read->address;
  guint whole = atom->prefix_bits / 8, rest = atom->prefix_bits % 8;

  if (!_read_address(match->read, text) || address->version != atom->version)
    return FALSE;
  if (memcmp(address->bytes, atom->prefix, whole) != 0)
    return FALSE;
  return !rest || ((address->bytes[whole] ^ atom->prefix[whole]) >> (8 - rest)) == 0;
}

static gboolean
_test_empty(const SiagaMatch *match G_GNUC_UNUSED, const SiagaAtom *atom G_GNUC_UNUSED, SiagaText text)
{
  return text.length == 0;
}

/* TEXT in lower case, as patterns see it; OUT has room for twice its length. */
static SiagaText
_fold(SiagaText text, gchar *out)
{
  SiagaText folded = { out, 0 };
  for (gsize i = 0; i < text.length;)
    {
      gunichar c = (guchar) text.text[i] < 0x80 ? 0 : g_utf8_get_char_validated(text.text + i, text.length - i);
      if (c && c < 0x110000)
        {
          folded.length += g_unichar_to_utf8(g_unichar_tolower(c), out + folded.length);
          i += g_utf8_skip[(guchar) text.text[i]];
        }
      else
        out[folded.length++] = g_ascii_tolower(text.text[i++]);
    }
  return folded;
}

static gboolean
_has(SiagaText text, SiagaText part, SiagaOp op)
{
  if (part.length > text.length || (op == SIAGA_OP_EQ && part.length != text.length))
    return FALSE;
  if (op == SIAGA_OP_CONTAINS)
    return memmem(text.text, text.length, part.text, part.length) != NULL;
  return memcmp(text.text + (op == SIAGA_OP_ENDSWITH ? text.length - part.length : 0), part.text, part.length) == 0;
}

static gboolean
_text_has(SiagaText text, SiagaText part, SiagaOp op, gboolean cased)
{
  gchar buffer[FOLDED_ON_STACK];
  if (cased)
    return _has(text, part, op);
  gsize room = 2 * (text.length + part.length);
  gchar *folded = room <= sizeof buffer ? buffer : g_malloc(room);
  gboolean has = _has(_fold(text, folded), _fold(part, folded + 2 * text.length), op);
  if (folded != buffer)
    g_free(folded);
  return has;
}

static gboolean
_test_fieldref(const SiagaMatch *match, const SiagaAtom *atom, SiagaText text)
{
  SiagaWalk walk;
  SiagaText other;
  for (guint i = 0; i < atom->other->count; i++)
    {
      siaga_walk_start(&walk, match, atom->other->columns[i]);
      while (siaga_walk_next(&walk, match, atom->other->columns[i], &other))
        if (other.text && _text_has(text, other, atom->op, atom->cased))
          return TRUE;
    }
  return FALSE;
}

/* --- times ---------------------------------------------------------------------------------------------------------
 */

/* Days since 1970-01-01 of a January first. */
static gint64
_new_year(gint64 year)
{
  gint64 before = year - 1;
  return (year - 1970) * 365 + (before / 4 - before / 100 + before / 400) - (1969 / 4 - 1969 / 100 + 1969 / 400);
}

static gint64
_year_of(gint64 days)
{
  gint64 year = 1970 + days / 366;
  while (_new_year(year + 1) <= days)
    year++;
  return year;
}

/* MONTH counts from 1, DAY_R too. */
static gint
_month_of(gint64 days, gint *day_r)
{
  static const guint8 lengths[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
  gint64 year = _year_of(days), rest = days - _new_year(year);
  gboolean leap = _new_year(year + 1) - _new_year(year) == 366;
  gint month = 0;
  for (; month < 11; month++)
    {
      gint length = lengths[month] + (month == 1 && leap);
      if (rest < length)
        break;
      rest -= length;
    }
  *day_r = rest + 1;
  return month + 1;
}

/* ISO 8601: the week belongs to the year of its Thursday. */
static gint
_week_of(gint64 days)
{
  gint64 thursday = days - (days + 3) % 7 + 3;
  return (thursday - _new_year(_year_of(thursday))) / 7 + 1;
}

/* As a clock on the wall of the stamp's own zone shows it; -1 for times before 1970. */
static gint
_part_of(gint64 microseconds, gint zone, SiagaTimePart part)
{
  gint64 seconds = microseconds / 1000000 + zone, days = seconds / 86400;
  gint day;

  if (seconds < 0 || days > 3000000)
    return -1;
  if (part == SIAGA_PART_MINUTE)
    return seconds / 60 % 60;
  if (part == SIAGA_PART_HOUR)
    return seconds / 3600 % 24;
  if (part == SIAGA_PART_WEEK)
    return _week_of(days);
  if (part == SIAGA_PART_YEAR)
    return _year_of(days);
  gint month = _month_of(days, &day);
  return part == SIAGA_PART_MONTH ? month : day;
}

static gboolean
_test_stamp(const SiagaMatch *match G_GNUC_UNUSED, const SiagaAtom *atom, SiagaText text)
{
  SiagaTimeContext context = { NULL, 0, 0 };
  SiagaTime time;
  gint32 zone = 0;
  return siaga_time_parse(SIAGA_TIME_FORMAT_AUTO, text.text, text.length, &context, &time, &zone) &&
         _compare(_part_of(time, zone, atom->part), atom->op, atom->number);
}

static gboolean
_time_is_true(const SiagaMatch *match, const SiagaAtom *atom)
{
  const SiagaEvent *event = match->event;
  if (atom->field->time)
    return event->time_kind != SIAGA_TIME_NONE &&
           _compare(_part_of(event->time, event->zone, atom->part), atom->op, atom->number);
  for (guint i = 0; i < atom->field->count; i++)
    {
      const SiagaColumn *column = siaga_mapping_column(match->rules->mapping, atom->field->columns[i]);
      gint64 stamp;
      if (column->kind == SIAGA_COLUMN_FIELD &&
          siaga_fields_get(match->rules->fields, column->field)->type == SIAGA_FT_DATE &&
          siaga_event_int(event, column->field, &stamp))
        return _compare(_part_of(stamp, event->zone, atom->part), atom->op, atom->number);
    }
  return _any_value(match, atom, atom->field->columns, atom->field->count, _test_stamp);
}

/* --- presence ------------------------------------------------------------------------------------------------------
 */

/* NULLS: the null of a JSON object counts. */
static gboolean
_is_present(const SiagaMatch *match, const SiagaSigmaField *field, gboolean nulls)
{
  SiagaWalk walk;
  SiagaText text;
  if (field->time)
    return match->event->time_kind != SIAGA_TIME_NONE;
  for (guint i = 0; i < field->presence_count; i++)
    {
      siaga_walk_start(&walk, match, field->presence[i]);
      while (siaga_walk_next(&walk, match, field->presence[i], &text))
        if (text.text || nulls)
          return TRUE;
    }
  return FALSE;
}

gboolean
siaga_atom_is_true(const SiagaMatch *match, guint number)
{
  const SiagaAtom *atom = siaga_rules_atom(match->rules, number);
  const SiagaSigmaField *field = atom->field;

  switch (atom->kind)
    {
    case SIAGA_ATOM_TEXT:
      return match->atoms[number / 64] >> (number % 64) & 1;
    case SIAGA_ATOM_NUMBER:
      return _number_is_true(match, atom);
    case SIAGA_ATOM_CIDR:
      return _any_value(match, atom, field->columns, field->count, _test_cidr);
    case SIAGA_ATOM_EXISTS:
      return _is_present(match, field, FALSE);
    case SIAGA_ATOM_PRESENT:
      return _is_present(match, field, TRUE);
    case SIAGA_ATOM_NULL:
      return !_is_present(match, field, FALSE);
    case SIAGA_ATOM_EMPTY:
      return (field->logged && !_is_present(match, field, FALSE)) ||
             _any_value(match, atom, field->presence, field->presence_count, _test_empty);
    case SIAGA_ATOM_FIELDREF:
      return _any_value(match, atom, field->columns, field->count, _test_fieldref);
    default:
      return _time_is_true(match, atom);
    }
}

gboolean
siaga_node_is_true(const SiagaMatch *match, guint32 index)
{
  const SiagaRules *rules = match->rules;
  const SiagaNode *node = siaga_rules_node(rules, index);

  if (node->kind == SIAGA_NODE_ATOM)
    return siaga_atom_is_true(match, node->first);
  if (node->kind == SIAGA_NODE_NOT)
    return !siaga_node_is_true(match, siaga_rules_child(rules, node, 0));
  gboolean decisive = node->kind == SIAGA_NODE_OR;
  for (guint32 i = 0; i < node->count; i++)
    if (siaga_node_is_true(match, siaga_rules_child(rules, node, i)) == decisive)
      return decisive;
  return !decisive;
}
