/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * Countries and networks of addresses, by libmaxminddb. */

#include "config.h"

#include "engine/base/folder.h"
#include "engine/base/own-copy.h"

#include <siaga/geo.h>

#include <string.h>

/* Paths of the databases in DIR, in order. */
static GPtrArray *
_find_files(const gchar *dir, SiagaDiag *diag)
{
  static const gchar *const endings[] = { ".mmdb", NULL };
  GPtrArray *files = dir ? siaga_folder_list(dir, endings, diag) : NULL;
  return files ? files : g_ptr_array_new();
}

#ifdef SIAGA_HAVE_MAXMINDDB

#include <arpa/inet.h>
#include <fcntl.h>
#include <maxminddb.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#define DATABASES_MAX 8

struct _SiagaGeo
{
  guint count;
  MMDB_s databases[DATABASES_MAX];
};

/* A copy of the file, -1 where there can be none. */
static int
_copy(const gchar *path)
{
  struct stat info;
  int file = open(path, O_RDONLY | O_CLOEXEC);
  int copy = file >= 0 && fstat(file, &info) == 0 ? siaga_own_copy(path, file, info.st_size) : -1;
  if (file >= 0)
    close(file);
  return copy;
}

/* libmaxminddb maps what it opens by name. */
static int
_open_database(const gchar *path, MMDB_s *database)
{
  gchar name[40];
  int copy = _copy(path), failed = MMDB_FILE_OPEN_ERROR;
  if (copy >= 0)
    {
      g_snprintf(name, sizeof name, "/proc/self/fd/%d", copy);
      failed = MMDB_open(name, MMDB_MODE_MMAP, database);
      close(copy);
    }
  return failed == MMDB_FILE_OPEN_ERROR ? MMDB_open(path, MMDB_MODE_MMAP, database) : failed;
}

SiagaGeo *
siaga_geo_open(const gchar *dir, SiagaDiag *diag)
{
  GPtrArray *files = _find_files(dir, diag);
  SiagaGeo *self = g_new0(SiagaGeo, 1);
  for (guint i = 0; i < files->len && self->count < DATABASES_MAX; i++)
    {
      int failed = _open_database(files->pdata[i], &self->databases[self->count]);
      if (failed == MMDB_SUCCESS)
        self->count++;
      else
        siaga_diag_warning(diag, (SiagaPlace){ .file = files->pdata[i] }, "is no database of addresses: %s",
                           MMDB_strerror(failed));
    }
  g_ptr_array_unref(files);
  if (self->count)
    return self;
  g_free(self);
  return NULL;
}

void
siaga_geo_free(SiagaGeo *self)
{
  if (!self)
    return;
  for (guint i = 0; i < self->count; i++)
    MMDB_close(&self->databases[i]);
  g_free(self);
}

static gboolean
_find(MMDB_entry_s *entry, const gchar *const *path, guint32 type, MMDB_entry_data_s *data)
{
  return MMDB_aget_value(entry, data, path) == MMDB_SUCCESS && data->has_data && data->type == type;
}

static void
_set_text(SiagaEvent *event, SiagaFieldId field, MMDB_entry_s *entry, const gchar *const *path)
{
  MMDB_entry_data_s data;
  if (!siaga_event_has(event, field) && _find(entry, path, MMDB_DATA_TYPE_UTF8_STRING, &data))
    siaga_event_set(event, field, data.utf8_string, data.data_size);
}

static void
_set_number(SiagaEvent *event, SiagaFieldId field, MMDB_entry_s *entry, const gchar *const *path)
{
  MMDB_entry_data_s data;
  if (!siaga_event_has(event, field) && _find(entry, path, MMDB_DATA_TYPE_UINT32, &data))
    siaga_event_set_int(event, field, data.uint32);
}

static void
_add_entry(SiagaEvent *event, MMDB_entry_s *entry)
{
  static const gchar *const country[] = { "country", "iso_code", NULL };
  static const gchar *const number[] = { "autonomous_system_number", NULL };
  _set_text(event, SIAGA_F_SOURCE_COUNTRY, entry, country);
  _set_number(event, SIAGA_F_SOURCE_AS_NUMBER, entry, number);
}

/* FALSE when the text is no address. */
static gboolean
_read_address(const gchar *text, gsize length, struct sockaddr_storage *address)
{
  gchar buffer[64];
  struct sockaddr_in *v4 = (struct sockaddr_in *) (gpointer) address;
  struct sockaddr_in6 *v6 = (struct sockaddr_in6 *) (gpointer) address;
  if (length >= sizeof buffer)
    return FALSE;
  memcpy(buffer, text, length);
  buffer[length] = '\0';
  memset(address, 0, sizeof *address);
  address->ss_family = memchr(text, ':', length) ? AF_INET6 : AF_INET;
  return inet_pton(address->ss_family, buffer,
                   address->ss_family == AF_INET ? (gpointer) &v4->sin_addr : (gpointer) &v6->sin6_addr) == 1;
}

void
siaga_geo_add(const SiagaGeo *self, SiagaEvent *event)
{
  struct sockaddr_storage address;
  gsize length;
  const gchar *text = self ? siaga_event_text(event, SIAGA_F_SOURCE_IP, &length) : NULL;
  if (!text || !_read_address(text, length, &address))
    return;
  for (guint i = 0; i < self->count; i++)
    {
      int failed;
      MMDB_lookup_result_s result =
          MMDB_lookup_sockaddr(&self->databases[i], (const struct sockaddr *) &address, &failed);
      if (failed == MMDB_SUCCESS && result.found_entry)
        _add_entry(event, &result.entry);
    }
}

#else

SiagaGeo *
siaga_geo_open(const gchar *dir, SiagaDiag *diag)
{
  GPtrArray *files = _find_files(dir, diag);
  if (files->len)
    siaga_diag_warning(diag, (SiagaPlace){ .file = files->pdata[0] }, "is not used: this build has no libmaxminddb");
  g_ptr_array_unref(files);
  return NULL;
}

void
siaga_geo_free(SiagaGeo *self)
{
  (void) self;
}

void
siaga_geo_add(const SiagaGeo *self, SiagaEvent *event)
{
  (void) self;
  (void) event;
}

#endif
