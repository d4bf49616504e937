/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * Takes the layout out of expressions: all that reads them knows one form. */

#include "regex-layout.h"

#include <string.h>

const gchar *
siaga_regex_class_end(const gchar *p)
{
  p += p[1] == '^' ? 2 : 1;
  for (p += *p == ']'; *p && *p != ']'; p++)
    if (*p == '\\' && p[1])
      p++;
    else if (*p == '[' && p[1] == ':' && strstr(p, ":]"))
      p = strstr(p, ":]") + 1;
  return *p ? p + 1 : p;
}

static const gchar *
_skip_layout(const gchar *p)
{
  for (;;)
    if (g_ascii_isspace(*p))
      p++;
    else if (*p == '#')
      p += strcspn(p, "\n");
    else
      return p;
}

gchar *
siaga_regex_unfold(const gchar *text)
{
  static const gchar extended[] = "(?x)";
  if (!g_str_has_prefix(text, extended))
    return NULL;
  GString *plain = g_string_new(NULL);
  for (const gchar *p = _skip_layout(text + strlen(extended)), *end; *p; p = _skip_layout(end))
    {
      end = *p == '[' ? siaga_regex_class_end(p) : *p == '\\' && p[1] ? p + 2 : p + 1;
      gboolean quoted_blank = *p == '\\' && (p[1] == ' ' || p[1] == '#');
      g_string_append_len(plain, p + quoted_blank, end - p - quoted_blank);
    }
  return g_string_free(plain, FALSE);
}
