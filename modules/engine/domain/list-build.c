/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * Reads lists and writes the file that answers. */

#include "config.h"

#include "engine/domain/list-file.h"
#include "engine/domain/name.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ERRORS_SHOWN 20
#define LINE_SIZE 4096
#define BYTE_ORDER_MARK "\xef\xbb\xbf"
#define BUCKET_TARGET 4 /* names a bucket */

struct _SiagaListBuilder
{
  GArray *entries; /* of guint64 */
  guint categories;
  gchar names[SIAGA_LISTS_CATEGORIES][SIAGA_LISTS_CATEGORY_NAME];
};

typedef struct
{
  SiagaListBuilder *builder;
  const gchar *path;
  guint line;
  guint category;
  SiagaListFormat format;
  gchar origin[SIAGA_NAME_MAX + 2]; /* of an RPZ; empty: not known */
  guint errors, wide;
  SiagaDiag *diag;
} Reader;

SiagaListBuilder *
siaga_list_builder_new(void)
{
  SiagaListBuilder *self = g_new0(SiagaListBuilder, 1);
  self->entries = g_array_new(FALSE, FALSE, sizeof(guint64));
  return self;
}

void
siaga_list_builder_free(SiagaListBuilder *self)
{
  if (!self)
    return;
  g_array_free(self->entries, TRUE);
  g_free(self);
}

guint64
siaga_list_builder_size(const SiagaListBuilder *self)
{
  return self->entries->len;
}

/* Nobody means all of .com, but some do mean all of .zip. */
static void
_warn_of_width(Reader *self, const gchar *name)
{
  if (!strchr(name, '.') && self->wide++ < ERRORS_SHOWN)
    siaga_diag_warning(self->diag, (SiagaPlace){ self->path, self->line, 0 },
                       "'%s': every name below it is in the list", name);
}

static void
_complain(Reader *self, const gchar *word, const gchar *text)
{
  if (self->errors++ < ERRORS_SHOWN)
    siaga_diag_error(self->diag, (SiagaPlace){ self->path, self->line, 0 }, "'%.80s': %s", word, text);
}

static void
_add(Reader *self, const gchar *word)
{
  const gchar *error = NULL;
  while (*word == '*' || *word == '.')
    word++;
  gchar *name = g_utf8_validate(word, -1, NULL) ? siaga_name_canonical(word, &error) : NULL;
  if (!name)
    {
      _complain(self, word, error ? error : "not UTF-8");
      return;
    }
  _warn_of_width(self, name);
  guint64 hash = SIAGA_LIST_HASH_START;
  for (gsize i = strlen(name); i-- > 0;)
    hash = siaga_list_hash_step(hash, name[i]);
  guint64 entry = (siaga_list_hash_end(hash) & SIAGA_LIST_HASH_MASK) | self->category;
  g_array_append_val(self->builder->entries, entry);
  g_free(name);
}

static gchar *
_next_word(gchar **text)
{
  gchar *word = *text + strspn(*text, " \t");
  gsize length = strcspn(word, " \t");
  *text = word + length + (word[length] != '\0');
  word[length] = '\0';
  return *word ? word : NULL;
}

static void
_read_plain(Reader *self, gchar *line)
{
  gchar *word = _next_word(&line);
  if (!word)
    return;
  if (g_str_has_prefix(word, "||"))
    {
      word += 2;
      word[strcspn(word, "^$/")] = '\0';
    }
  if (_next_word(&line))
    _complain(self, word, "expected one name a line");
  else
    _add(self, word);
}

static gboolean
_is_local_name(const gchar *word)
{
  return strcmp(word, "localhost") == 0 || strcmp(word, "localhost.localdomain") == 0 || strcmp(word, "local") == 0 ||
         strcmp(word, "broadcasthost") == 0 || g_str_has_prefix(word, "ip6-") || strcmp(word, "0.0.0.0") == 0;
}

static void
_read_hosts(Reader *self, gchar *line)
{
  gchar *address = _next_word(&line), *word;
  if (!address)
    return;
  if (!g_hostname_is_ip_address(address))
    {
      _complain(self, address, "expected an address, then names");
      return;
    }
  while ((word = _next_word(&line)))
    if (!_is_local_name(word))
      _add(self, word);
}

static void
_read_csv(Reader *self, gchar *line)
{
  line += strspn(line, " \t\"");
  line[strcspn(line, ",;\" \t")] = '\0';
  if (self->line == 1 && !strchr(line, '.'))
    return;
  if (*line)
    _add(self, line);
}

/* Owners are below the zone's origin; policies other than those of names (rpz-ip, rpz-nsdname …) are no names. */
static void
_read_rpz_owner(Reader *self, gchar *owner)
{
  gsize length = strlen(owner), origin = strlen(self->origin);
  if (length && owner[length - 1] == '.')
    {
      owner[--length] = '\0';
      if (origin && siaga_name_is_below(owner, length, self->origin, origin))
        owner[length > origin ? length - origin - 1 : 0] = '\0';
    }
  if (*owner && strcmp(owner, "@") != 0 && !strstr(owner, "rpz-"))
    _add(self, owner);
}

static gboolean
_is_rpz_type(const gchar *word)
{
  return g_ascii_strcasecmp(word, "CNAME") == 0 || g_ascii_strcasecmp(word, "A") == 0 ||
         g_ascii_strcasecmp(word, "AAAA") == 0;
}

/* OWNER [TTL] [CLASS] TYPE DATA; a line that begins with a blank goes on with the owner before it. */
static void
_read_rpz(Reader *self, gchar *line)
{
  gboolean inherits = *line == ' ' || *line == '\t';
  gchar *owner = _next_word(&line), *word;
  if (!owner || inherits)
    return;
  if (g_ascii_strcasecmp(owner, "$ORIGIN") == 0)
    {
      word = _next_word(&line);
      g_strlcpy(self->origin, word ? word : "", sizeof self->origin);
      self->origin[strlen(self->origin) - g_str_has_suffix(self->origin, ".")] = '\0';
      return;
    }
  if (*owner == '$' || *owner == ')' || *owner == '(')
    return;
  while ((word = _next_word(&line)))
    if (_is_rpz_type(word))
      {
        gchar *data = _next_word(&line);
        if (!data || strcmp(data, "rpz-passthru.") != 0)
          _read_rpz_owner(self, owner);
        return;
      }
    else if (g_ascii_strcasecmp(word, "SOA") == 0 || g_ascii_strcasecmp(word, "NS") == 0)
      return;
}

static SiagaListFormat
_format_of_name(const gchar *path)
{
  if (g_str_has_suffix(path, ".rpz") || g_str_has_suffix(path, ".zone"))
    return SIAGA_LIST_RPZ;
  if (g_str_has_suffix(path, ".csv"))
    return SIAGA_LIST_CSV;
  return SIAGA_LIST_AUTO;
}

static SiagaListFormat
_format_of_line(const gchar *line)
{
  gchar *first = g_strndup(line, strcspn(line, " \t"));
  SiagaListFormat format = SIAGA_LIST_PLAIN;
  if (*line == '$' || strcmp(first, "@") == 0 || strstr(line, " CNAME "))
    format = SIAGA_LIST_RPZ;
  else if (g_hostname_is_ip_address(first) && strlen(first) < strlen(line))
    format = SIAGA_LIST_HOSTS;
  else if (strchr(line, ','))
    format = SIAGA_LIST_CSV;
  g_free(first);
  return format;
}

static void
_read_line(Reader *self, gchar *line)
{
  static void (*const readers[])(Reader * self, gchar * line) = {
    [SIAGA_LIST_PLAIN] = _read_plain,
    [SIAGA_LIST_HOSTS] = _read_hosts,
    [SIAGA_LIST_RPZ] = _read_rpz,
    [SIAGA_LIST_CSV] = _read_csv,
  };
  line[strcspn(line, self->format == SIAGA_LIST_RPZ ? ";\r\n" : "#\r\n")] = '\0';
  if (line[strspn(line, " \t")] == '\0' || *line == '!' || *line == ';')
    return;
  if (self->format == SIAGA_LIST_AUTO)
    self->format = _format_of_line(line);
  readers[self->format](self, line);
}

/* The bytes of the next line without its end, as many of them as LINE holds; -1: there is none. */
static gssize
_next_line(FILE *file, gchar line[LINE_SIZE])
{
  gssize bytes = 0;
  gint c = getc_unlocked(file);
  if (c == EOF)
    return -1;
  for (; c != EOF && c != '\n'; c = getc_unlocked(file), bytes++)
    if (bytes < LINE_SIZE - 1)
      line[bytes] = c;
  line[MIN(bytes, LINE_SIZE - 1)] = '\0';
  return bytes;
}

static void
_read_file(Reader *self, FILE *file)
{
  gchar line[LINE_SIZE];
  gssize bytes;
  while ((bytes = _next_line(file, line)) >= 0)
    {
      gboolean marked = self->line++ == 0 && g_str_has_prefix(line, BYTE_ORDER_MARK);
      if (bytes >= LINE_SIZE)
        _complain(self, line, "the line is longer than a list's can be");
      else if (memchr(line, '\0', bytes))
        _complain(self, line, "a NUL byte stands in the line");
      else
        _read_line(self, line + (marked ? strlen(BYTE_ORDER_MARK) : 0));
    }
}

/* What is not a list at all: a folder, an empty download. */
static const gchar *
_what_is_wrong(const Reader *self, FILE *file, guint before)
{
  if (ferror(file))
    return g_strerror(errno);
  return self->errors || self->builder->entries->len > before ? NULL : "holds no name";
}

/* SIAGA_LISTS_CATEGORIES: no room, or no name. */
static guint
_category(SiagaListBuilder *self, const gchar *name)
{
  gsize length = strlen(name);
  if (!length || length >= SIAGA_LISTS_CATEGORY_NAME || strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-") != length)
    return SIAGA_LISTS_CATEGORIES;
  for (guint i = 0; i < self->categories; i++)
    if (strcmp(self->names[i], name) == 0)
      return i;
  if (self->categories < SIAGA_LISTS_CATEGORIES)
    g_strlcpy(self->names[self->categories++], name, SIAGA_LISTS_CATEGORY_NAME);
  else
    return SIAGA_LISTS_CATEGORIES;
  return self->categories - 1;
}

gboolean
siaga_list_builder_add(SiagaListBuilder *self, const gchar *category, const gchar *path, SiagaListFormat format,
                       SiagaDiag *diag)
{
  Reader reader = { .builder = self, .path = path, .category = _category(self, category), .diag = diag };
  if (reader.category == SIAGA_LISTS_CATEGORIES)
    {
      siaga_diag_error(diag, (SiagaPlace){ path, 0, 0 },
                       "'%s' cannot be a category: small letters, digits and '-', at most 31; at most %d of them",
                       category, SIAGA_LISTS_CATEGORIES);
      return FALSE;
    }
  FILE *file = fopen(path, "r");
  if (!file)
    {
      siaga_diag_error(diag, (SiagaPlace){ path, 0, 0 }, "%s", g_strerror(errno));
      return FALSE;
    }
  reader.format = format == SIAGA_LIST_AUTO ? _format_of_name(path) : format;
  guint before = self->entries->len;
  _read_file(&reader, file);
  const gchar *wrong = _what_is_wrong(&reader, file, before);
  if (wrong)
    siaga_diag_error(diag, (SiagaPlace){ path, 0, 0 }, "%s", wrong);
  fclose(file);
  if (reader.errors > ERRORS_SHOWN)
    siaga_diag_error(diag, (SiagaPlace){ path, 0, 0 }, "%u more lines are no names", reader.errors - ERRORS_SHOWN);
  return reader.errors == 0 && !wrong;
}

static gint
_compare(gconstpointer a, gconstpointer b)
{
  guint64 x = *(const guint64 *) a, y = *(const guint64 *) b;
  return x < y ? -1 : x > y;
}

static void
_sort(GArray *entries)
{
  guint64 *all = (guint64 *) entries->data;
  guint n = 0;
  if (entries->len)
    qsort(all, entries->len, sizeof *all, _compare);
  for (guint i = 0; i < entries->len; i++)
    if (n == 0 || all[i] != all[n - 1])
      all[n++] = all[i];
  g_array_set_size(entries, n);
}

static guint
_bits(guint64 count)
{
  guint bits = SIAGA_LIST_MIN_BITS;
  while (bits < SIAGA_LIST_MAX_BITS && (G_GUINT64_CONSTANT(1) << bits) * BUCKET_TARGET < count)
    bits++;
  return bits;
}

static guint32 *
_make_index(const GArray *entries, guint bits)
{
  guint32 *index = g_malloc0(siaga_list_index_size(bits));
  guint32 at = 0;
  for (gsize bucket = 0; bucket <= (gsize) 1 << bits; bucket++)
    {
      while (at < entries->len && g_array_index(entries, guint64, at) >> (64 - bits) < bucket)
        at++;
      index[bucket] = at;
    }
  return index;
}

static gboolean
_write_all(int file, gconstpointer data, gsize size)
{
  const gchar *at = data;
  while (size)
    {
      gssize written = write(file, at, size);
      if (written < 0 && errno == EINTR)
        continue;
      if (written <= 0)
        return FALSE;
      at += written;
      size -= written;
    }
  return TRUE;
}

static gboolean
_write_file(const SiagaListBuilder *self, int file)
{
  guint bits = _bits(self->entries->len);
  gsize index_size = siaga_list_index_size(bits), entries_size = (gsize) self->entries->len * sizeof(guint64);
  SiagaListHeader header = {
    .version = SIAGA_LIST_VERSION,
    .byte_order = SIAGA_LIST_BYTE_ORDER,
    .count = self->entries->len,
    .bits = bits,
    .categories = self->categories,
    .size = sizeof header + index_size + entries_size,
  };
  memcpy(header.magic, SIAGA_LIST_MAGIC, sizeof header.magic);
  memcpy(header.names, self->names, sizeof header.names);
  guint32 *index = _make_index(self->entries, bits);
  gboolean ok = _write_all(file, &header, sizeof header) && _write_all(file, index, index_size) &&
                _write_all(file, self->entries->data, entries_size) && fsync(file) == 0;
  g_free(index);
  return ok;
}

gboolean
siaga_list_builder_write(SiagaListBuilder *self, const gchar *path, SiagaDiag *diag)
{
  gchar *temporary = g_strconcat(path, ".XXXXXX", NULL);
  int file = g_mkstemp_full(temporary, O_RDWR | O_CLOEXEC, 0644);
  _sort(self->entries);
  gboolean ok = file >= 0 && _write_file(self, file);
  if (file >= 0)
    ok = close(file) == 0 && ok;
  ok = ok && g_rename(temporary, path) == 0;
  if (!ok)
    {
      siaga_diag_error(diag, (SiagaPlace){ path, 0, 0 }, "%s", g_strerror(errno));
      g_unlink(temporary);
    }
  g_free(temporary);
  return ok;
}
