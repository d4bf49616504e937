/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * siagactl lists: builds the file of domain lists, and asks it. */

#include "siagactl/siagactl.h"

#include <siaga/lists.h>
#include <siaga/lookalike.h>

#include <string.h>

static gboolean
_add(SiagaListBuilder *builder, const gchar *argument, SiagaDiag *diag)
{
  const gchar *equals = strchr(argument, '=');
  if (!equals || equals == argument || !equals[1])
    {
      ctl_error("%s: expected CATEGORY=FILE, as gambling=judi.txt", argument);
      return FALSE;
    }
  gchar *category = g_strndup(argument, equals - argument);
  gboolean ok = siaga_list_builder_add(builder, category, equals + 1, SIAGA_LIST_AUTO, diag);
  g_free(category);
  return ok;
}

/* A list with a mistake writes nothing unless asked to: what is in use stays. */
static int
_build(const CtlOptions *options, const gchar *output, gboolean keep_going, SiagaDiag *diag)
{
  SiagaListBuilder *builder = siaga_list_builder_new();
  gboolean ok = TRUE, written = FALSE;
  for (gchar **argument = options->arguments + 1; *argument; argument++)
    ok = _add(builder, *argument, diag) && ok;
  if (ok || keep_going)
    written = siaga_list_builder_write(builder, output, diag);
  ctl_print_diag(diag, FALSE, options->json);
  if (written && options->json)
    ctl_print("{\"names\":%" G_GUINT64_FORMAT "}\n", siaga_list_builder_size(builder));
  else if (written)
    ctl_print("%s: %" G_GUINT64_FORMAT " names\n", output, siaga_list_builder_size(builder));
  else
    ctl_error("%s is as it was", output);
  siaga_list_builder_free(builder);
  return !written ? CTL_CANNOT : ok ? CTL_DONE : CTL_FOUND;
}

static void
_print_name(SiagaLists *lists, const SiagaLookalikes *lookalikes, const gchar *name)
{
  guint64 found = lists ? siaga_lists_find(lists, name, strlen(name)) : 0;
  SiagaLookalike lookalike;
  GString *text = g_string_new(name);
  g_string_append(text, found ? " is in:" : " is in no list");
  for (guint i = 0; found; i++, found >>= 1)
    if ((found & 1) && siaga_lists_category(lists, i))
      g_string_append_printf(text, " %s", siaga_lists_category(lists, i));
  if (siaga_lookalikes_check(lookalikes, name, strlen(name), &lookalike))
    {
      g_string_append(text, "; ");
      siaga_lookalike_explain(&lookalike, name, text);
    }
  ctl_print_safe(text->str, text->len);
  ctl_print("\n");
  g_string_free(text, TRUE);
}

static void
_write_lookalike(SiagaJson *json, const SiagaLookalike *found, const gchar *name)
{
  GString *why = g_string_new(NULL);
  siaga_lookalike_explain(found, name, why);
  siaga_json_open_object(json, "lookalike");
  siaga_json_string(json, "of", found->of, -1);
  siaga_json_string(json, "kind", siaga_lookalike_kind_name(found->kind), -1);
  siaga_json_string(json, "why", why->str, why->len);
  siaga_json_close_object(json);
  g_string_free(why, TRUE);
}

static void
_write_name(SiagaLists *lists, const SiagaLookalikes *lookalikes, const gchar *name)
{
  guint64 found = lists ? siaga_lists_find(lists, name, strlen(name)) : 0;
  SiagaLookalike lookalike;
  SiagaJson json;
  siaga_json_init(&json, ctl_out);
  siaga_json_open_object(&json, NULL);
  siaga_json_string(&json, "name", name, -1);
  siaga_json_open_list(&json, "lists");
  for (guint i = 0; found; i++, found >>= 1)
    if ((found & 1) && siaga_lists_category(lists, i))
      siaga_json_string(&json, NULL, siaga_lists_category(lists, i), -1);
  siaga_json_close_list(&json);
  if (siaga_lookalikes_check(lookalikes, name, strlen(name), &lookalike))
    _write_lookalike(&json, &lookalike, name);
  siaga_json_close_object(&json);
  ctl_print("\n");
}

static int
_find(const CtlOptions *options, gchar **names, const gchar *path, SiagaDiag *diag)
{
  SiagaChainSpec spec = options->spec;
  spec.lists = path;
  SiagaVictims *victims = siaga_chain_load_victims(&spec, diag);
  SiagaLookalikes *lookalikes = siaga_chain_load_lookalikes(&spec, victims, diag);
  SiagaLists *lists = siaga_chain_load_lists(&spec, diag);
  gboolean failed = path && !lists;
  ctl_print_diag(diag, FALSE, FALSE);
  if (!options->json)
    ctl_output_wrap();
  for (; *names && !failed; names++)
    (options->json ? _write_name : _print_name)(lists, lookalikes, *names);
  siaga_lists_free(lists);
  siaga_lookalikes_free(lookalikes);
  siaga_victims_unref(victims);
  return failed ? CTL_CANNOT : CTL_DONE;
}

int
ctl_lists(int argc, char **argv)
{
  CtlOptions options;
  gchar *file = NULL;
  gboolean keep_going = FALSE;
  const GOptionEntry extra[] = {
    { "file", 'f', 0, G_OPTION_ARG_FILENAME, &file, "the file to write or to ask", "FILE" },
    { "keep-going", 'k', 0, G_OPTION_ARG_NONE, &keep_going, "write although lines were no names", NULL },
    { NULL, 0, 0, 0, NULL, NULL, NULL },
  };
  int result = CTL_CANNOT;
  if (ctl_options_parse(&options, argc, argv, "build --file FILE CATEGORY=LIST… | find [--file FILE] NAME…",
                        "build: makes one file of lists of names (plain, hosts, RPZ, CSV), for govtag(lists()).\n"
                        "find: the lists that names stand in, and the government names that they imitate.",
                        extra))
    {
      SiagaDiag *diag = siaga_diag_new();
      const gchar *verb = options.arguments[0];
      if (verb && strcmp(verb, "build") == 0 && file && options.arguments[1])
        result = _build(&options, file, keep_going, diag);
      else if (verb && strcmp(verb, "find") == 0 && options.arguments[1])
        result = _find(&options, options.arguments + 1, file, diag);
      else
        ctl_error("say build --file FILE CATEGORY=LIST…, or find NAME…");
      siaga_diag_free(diag);
    }
  g_free(file);
  ctl_options_clear(&options);
  return result;
}
