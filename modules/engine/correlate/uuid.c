/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * UUID version 5: SHA-1 of a name space and a name. */

#include "uuid.h"

#include <string.h>

void
siaga_uuid5(guint8 uuid[16], const guint8 name_space[16], gconstpointer name, gsize length)
{
  guint8 digest[20];
  gsize size = sizeof digest;
  GChecksum *checksum = g_checksum_new(G_CHECKSUM_SHA1);
  g_checksum_update(checksum, name_space, 16);
  g_checksum_update(checksum, name, length);
  g_checksum_get_digest(checksum, digest, &size);
  g_checksum_free(checksum);
  memcpy(uuid, digest, 16);
  uuid[6] = (uuid[6] & 0x0f) | 0x50;
  uuid[8] = (uuid[8] & 0x3f) | 0x80;
}

void
siaga_uuid_format(const guint8 uuid[16], gchar text[37])
{
  static const gchar digits[] = "0123456789abcdef";
  gchar *at = text;
  for (guint i = 0; i < 16; i++)
    {
      if (i == 4 || i == 6 || i == 8 || i == 10)
        *at++ = '-';
      *at++ = digits[uuid[i] >> 4];
      *at++ = digits[uuid[i] & 15];
    }
  *at = '\0';
}

gboolean
siaga_uuid_parse(const gchar *text, guint8 uuid[16])
{
  guint nibbles = 0;
  if (strlen(text) != 36)
    return FALSE;
  for (guint i = 0; i < 36; i++)
    {
      gint digit = g_ascii_xdigit_value(text[i]);
      if (i == 8 || i == 13 || i == 18 || i == 23)
        {
          if (text[i] != '-')
            return FALSE;
          continue;
        }
      if (digit < 0)
        return FALSE;
      uuid[nibbles / 2] = (nibbles & 1) ? uuid[nibbles / 2] | digit : digit << 4;
      nibbles++;
    }
  return TRUE;
}
