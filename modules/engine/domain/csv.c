/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * Reads CSV tables. */

#include "config.h"

#include "engine/domain/csv.h"

#include "engine/base/file.h"

#include <string.h>

#define BYTE_ORDER_MARK "\xef\xbb\xbf"
#define FILE_MAX (64 * 1024 * 1024)

typedef struct
{
  const gchar *path;
  const gchar *header;
  guint columns;
  guint required;
  SiagaCsvHandler handler;
  gpointer user_data;
  SiagaDiag *diag;
  gboolean seen_row;
} Reader;

static gboolean
_error(Reader *self, guint line, guint column, const gchar *text)
{
  siaga_diag_error(self->diag, (SiagaPlace){ self->path, line, column }, "%s", text);
  return FALSE;
}

/* Unquotes in place.  Gives back where the cell ends, NULL when the quote does not. */
static gchar *
_read_quoted(gchar *cell)
{
  gchar *out = cell;
  for (gchar *in = cell + 1; *in; in++)
    {
      if (*in == '"' && in[1] != '"')
        {
          *out = '\0';
          return in + 1;
        }
      in += *in == '"';
      *out++ = *in;
    }
  return NULL;
}

static gchar *
_skip_blanks(gchar *text)
{
  while (*text == ' ' || *text == '\t')
    text++;
  return text;
}

static gboolean
_split(Reader *self, gchar *text, guint line, SiagaCsvRow *row)
{
  for (gchar *cell = text;;)
    {
      cell = _skip_blanks(cell);
      guint column = cell - text + 1;
      if (row->count == self->columns)
        return _error(self, line, column, "more cells than columns: is a cell with a comma not quoted?");
      row->places[row->count] = (SiagaPlace){ self->path, line, column };
      row->cells[row->count++] = cell;
      gboolean quoted = *cell == '"';
      gchar *end = quoted ? _read_quoted(cell) : strchrnul(cell, ',');
      if (!end)
        return _error(self, line, column, "the quote is not closed on this line");
      gchar *comma = quoted ? _skip_blanks(end) : end;
      gboolean last = *comma == '\0';
      if (!last && *comma != ',')
        return _error(self, line, comma - text + 1, "expected a comma behind the quoted cell");
      *comma = '\0';
      if (!quoted)
        g_strchomp(cell);
      if (last)
        return TRUE;
      cell = comma + 1;
    }
}

static void
_fill_up(Reader *self, SiagaCsvRow *row, guint line, guint end_column)
{
  static gchar empty[] = "";
  for (; row->count < self->columns; row->count++)
    {
      row->cells[row->count] = empty;
      row->places[row->count] = (SiagaPlace){ self->path, line, end_column };
    }
}

static gboolean
_check_required(Reader *self, const SiagaCsvRow *row)
{
  for (guint i = 0; i < self->required; i++)
    if (!*row->cells[i])
      {
        gchar **names = g_strsplit(self->header, ",", -1);
        siaga_diag_error(self->diag, row->places[i], "the column %s is empty (columns: %s)", names[i], self->header);
        g_strfreev(names);
        return FALSE;
      }
  return TRUE;
}

static gboolean
_is_column(const Reader *self, const gchar *cell)
{
  gchar **names = g_strsplit(self->header, ",", -1);
  gboolean is = FALSE;
  for (gchar **name = names; *name; name++)
    is |= g_ascii_strcasecmp(*name, cell) == 0;
  g_strfreev(names);
  return is;
}

/* A first row with other columns, or with these in another order, must not be taken for data. */
static gboolean
_check_shape(Reader *self, const SiagaCsvRow *row, guint line, gboolean first)
{
  const gchar *stranger = row->count == 1 ? strpbrk(row->cells[0], ";\t") : NULL;
  if (stranger)
    return _error(self, line, 1,
                  *stranger == ';' ? "cells are parted by commas, not by ';'"
                                   : "cells are parted by commas, not by tabs");
  for (guint i = 0; first && i < MIN(row->count, 2); i++)
    if (_is_column(self, row->cells[i]))
      {
        siaga_diag_error(self->diag, row->places[0], "the columns are %s, in this order", self->header);
        return FALSE;
      }
  return TRUE;
}

static gboolean
_read_row(Reader *self, gchar *text, guint line)
{
  SiagaCsvRow row = { .count = 0 };
  guint length = strlen(text);

  g_strchomp(text);
  if (*_skip_blanks(text) == '\0' || *_skip_blanks(text) == '#')
    return TRUE;
  if (!g_utf8_validate(text, -1, NULL))
    return _error(self, line, 1, "not UTF-8");
  gboolean first = !self->seen_row;
  self->seen_row = TRUE;
  if (first && strcmp(text, self->header) == 0)
    return TRUE;
  if (!_split(self, text, line, &row) || !_check_shape(self, &row, line, first))
    return FALSE;
  _fill_up(self, &row, line, length + 1);
  return _check_required(self, &row) && self->handler(&row, self->user_data, self->diag);
}

static gboolean
_read_text(Reader *self, gchar *text, gsize length)
{
  gboolean ok = TRUE;
  guint line = 1;

  if (memchr(text, '\0', length))
    return _error(self, 0, 0, "holds NUL bytes: not a CSV file");
  for (gchar *p = text + (g_str_has_prefix(text, BYTE_ORDER_MARK) ? strlen(BYTE_ORDER_MARK) : 0); *p; line++)
    {
      gchar *end = strchrnul(p, '\n');
      gchar *next = *end ? end + 1 : end;
      *end = '\0';
      ok = _read_row(self, p, line) && ok;
      p = next;
    }
  return ok;
}

static guint
_count_columns(const gchar *header)
{
  guint n = 1;
  for (const gchar *p = header; *p; p++)
    n += *p == ',';
  g_assert(n <= SIAGA_CSV_CELLS);
  return n;
}

gboolean
siaga_csv_read(const gchar *path, const gchar *header, guint required, SiagaCsvHandler handler, gpointer user_data,
               SiagaDiag *diag)
{
  Reader self = { path, header, _count_columns(header), required, handler, user_data, diag, FALSE };
  gsize length;
  gchar *text = siaga_file_read(path, FILE_MAX, &length, diag);
  gboolean ok = text && _read_text(&self, text, length);
  g_free(text);
  return ok;
}
