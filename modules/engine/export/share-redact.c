/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * What is left out for a partner.  Free text of the log leaves only where an allowance names its field. */

#include "config.h"

#include "engine/export/share.h"
#include "engine/export/private.h"
#include "engine/correlate/uuid.h"
#include "engine/domain/name.h"

#include "engine/domain/registered-domain.h"

#include <siaga/arena.h>
#include <siaga/normalise.h>

#include <string.h>

#define PSEUDONYM_DIGITS 16
#define SECRET_MIN 3 /* shorter ones stand in everything */

typedef struct
{
  const SiagaSharePartner *partner;
  gconstpointer suffixes; /* a psl_ctx_t */
  SiagaTlp tlp;
  const SiagaIncident *original;
  SiagaIncident *copy;
  GPtrArray *secrets;         /* of gchar*: what was taken out, longest first once sorted: evidence must not hold it */
  gboolean counted_by_secret; /* a group-by value was taken out */
  gboolean hide_source;       /* it is spoofed, or the victim, who may not be told */
} Redactor;

/* Each label shows what the next stricter one does, or less. */
static const SiagaRedaction defaults = {
  {
      [SIAGA_TLP_CLEAR] = { SIAGA_REDACT_REMOVE, SIAGA_REDACT_REMOVE, SIAGA_REDACT_REMOVE, SIAGA_REDACT_REMOVE,
                            SIAGA_REDACT_REMOVE, SIAGA_REDACT_REMOVE },
      [SIAGA_TLP_GREEN] = { SIAGA_REDACT_REMOVE, SIAGA_REDACT_REMOVE, SIAGA_REDACT_REMOVE, SIAGA_REDACT_REMOVE,
                            SIAGA_REDACT_REMOVE, SIAGA_REDACT_REMOVE },
      [SIAGA_TLP_AMBER] = { SIAGA_REDACT_PSEUDONYM, SIAGA_REDACT_PSEUDONYM, SIAGA_REDACT_KEEP, SIAGA_REDACT_REMOVE,
                            SIAGA_REDACT_REMOVE, SIAGA_REDACT_KEEP },
      [SIAGA_TLP_AMBER_STRICT] = { SIAGA_REDACT_PSEUDONYM, SIAGA_REDACT_PSEUDONYM, SIAGA_REDACT_KEEP,
                                   SIAGA_REDACT_REMOVE, SIAGA_REDACT_MASKED, SIAGA_REDACT_KEEP },
      [SIAGA_TLP_RED] = { SIAGA_REDACT_PSEUDONYM, SIAGA_REDACT_KEEP, SIAGA_REDACT_KEEP, SIAGA_REDACT_KEEP,
                          SIAGA_REDACT_MASKED, SIAGA_REDACT_KEEP },
  },
};

SiagaRedactAction
siaga_share_action(const SiagaSharePartner *partner, SiagaTlp tlp, SiagaRedactSubject subject)
{
  if (partner->redact.action[tlp][subject])
    return partner->redact.action[tlp][subject];
  if (partner->file->redact.action[tlp][subject])
    return partner->file->redact.action[tlp][subject];
  return defaults.action[tlp][subject];
}

static SiagaRedactAction
_action(const Redactor *self, SiagaRedactSubject subject)
{
  return siaga_share_action(self->partner, self->tlp, subject);
}

static void
_remember(Redactor *self, const gchar *value)
{
  if (value && *value)
    g_ptr_array_add(self->secrets, g_strdup(value));
}

/* Another partner's pseudonym of the same value differs: two partners cannot join what they got. */
static gchar *
_pseudonym(const Redactor *self, const gchar *kind, const gchar *value)
{
  const SiagaShareFile *file = self->partner->file;
  GHmac *hmac = g_hmac_new(G_CHECKSUM_SHA256, (const guchar *) file->key, file->key_length);
  g_hmac_update(hmac, (const guchar *) self->partner->name, strlen(self->partner->name) + 1);
  g_hmac_update(hmac, (const guchar *) kind, strlen(kind) + 1);
  g_hmac_update(hmac, (const guchar *) value, strlen(value));
  gchar *text = g_strdup_printf("%s-%.*s", kind, PSEUDONYM_DIGITS, g_hmac_get_string(hmac));
  g_hmac_unref(hmac);
  return text;
}

static gboolean
_is_known_user(const Redactor *self, const gchar *name)
{
  const GPtrArray *known = self->partner->file->known_users;
  for (guint i = 0; i < known->len; i++)
    if (strcmp(known->pdata[i], name) == 0)
      return TRUE;
  return FALSE;
}

/* What stands for VALUE; NULL: nothing does.  Without a key there are no pseudonyms. */
static gchar *
_replace(Redactor *self, SiagaRedactSubject subject, const gchar *kind, const gchar *value)
{
  SiagaRedactAction action = _action(self, subject);
  if (action == SIAGA_REDACT_KEEP || (action == SIAGA_REDACT_KNOWN && _is_known_user(self, value)))
    return g_strdup(value);
  _remember(self, value);
  if (action == SIAGA_REDACT_REMOVE || !self->partner->file->key)
    return NULL;
  return _pseudonym(self, kind, value);
}

static gchar *
_replace_internal(Redactor *self, const gchar *value)
{
  return siaga_private_is_internal(value) ? _replace(self, SIAGA_REDACT_INTERNAL, "internal", value) : g_strdup(value);
}

static void
_redact_list(Redactor *self, GPtrArray *list, gchar *(*replace)(Redactor *self, const gchar *value))
{
  for (guint i = 0; i < list->len;)
    {
      gchar *new_value = replace(self, list->pdata[i]);
      if (new_value)
        {
          g_free(list->pdata[i]);
          list->pdata[i++] = new_value;
        }
      else
        g_ptr_array_remove_index(list, i);
    }
}

static void
_remember_part(Redactor *self, const gchar *value, const gchar *start, gsize length)
{
  gchar *part = g_strndup(start, length);
  if (length >= SECRET_MIN && strcmp(part, value) != 0 && !_is_known_user(self, part))
    _remember(self, part);
  g_free(part);
}

/* "user@realm", "user/instance@realm" */
static void
_remember_local(Redactor *self, const gchar *value, const gchar *start)
{
  const gchar *at = strrchr(start, '@'), *slash = at ? memrchr(start, '/', at - start) : NULL;
  _remember_part(self, value, start, at ? (gsize) (at - start) : strlen(start));
  if (slash)
    _remember_part(self, value, start, slash - start);
}

/* Elsewhere the same person is called without realm.  What was typed may hold such signs too: either reading counts. */
static void
_remember_account(Redactor *self, const gchar *value)
{
  const gchar *backslash = strchr(value, '\\');
  _remember_local(self, value, value);
  if (backslash)
    _remember_local(self, value, backslash + 1);
}

static gchar *
_replace_user(Redactor *self, const gchar *value)
{
  gchar *replaced = _replace(self, SIAGA_REDACT_USERS, "user", value);
  if (g_strcmp0(replaced, value) != 0)
    _remember_account(self, value);
  return replaced;
}

/* An address field holds an address or nothing. */
static void
_redact_address(Redactor *self, gchar **field)
{
  gchar *old = *field, *new_value = old ? _replace_internal(self, old) : NULL;
  *field = new_value && strcmp(new_value, old) == 0 ? g_strdup(new_value) : NULL;
  g_free(new_value);
  g_free(old);
}

static void
_redact_name(Redactor *self, gchar **field)
{
  gchar *old = *field;
  *field = old ? _replace_internal(self, old) : NULL;
  g_free(old);
}

static void
_redact_source(Redactor *self)
{
  _redact_address(self, &self->copy->source_ip);
  _redact_name(self, &self->copy->source_actor);
  _redact_list(self, self->copy->sources.first, _replace_internal);
}

static void
_drop(Redactor *self, gchar **field)
{
  _remember(self, *field);
  g_clear_pointer(field, g_free);
}

static void
_drop_list(Redactor *self, GPtrArray *list)
{
  for (guint i = 0; i < list->len; i++)
    _remember(self, list->pdata[i]);
  g_ptr_array_set_size(list, 0);
}

static gboolean
_is_host(const gchar *value, const gchar *host)
{
  const gchar *start, *other;
  const gsize length = siaga_private_bare_host(value, &start);
  return host && siaga_private_bare_host(host, &other) == length && g_ascii_strncasecmp(start, other, length) == 0;
}

/* "2001:db8:1::/64" names who is in it: actors of IPv6 are such networks. */
static gboolean
_is_network_of(const gchar *value, const gchar *host)
{
  SiagaPrefix network, address;
  if (!host || siaga_prefix_parse(value, &network) || siaga_prefix_parse(host, &address) || network.bits < 64)
    return FALSE;
  const guint8 low = network.bits - 64;
  return network.address.high == address.address.high &&
         (!low || !((network.address.low ^ address.address.low) >> (64 - low)));
}

/* The registered domain of HOST, which tells whose it is; NULL: an address, or a name that nobody registered. */
static gchar *
_registered_domain(const Redactor *self, const gchar *host)
{
  const gchar *start;
  SiagaPrefix address;
  gsize length = host ? siaga_private_bare_host(host, &start) : 0;
  gchar *name = length ? g_ascii_strdown(start, length) : NULL, *domain = NULL;
  if (name && siaga_prefix_parse(name, &address) != NULL)
    {
      const gsize offset = siaga_registered_domain(self->suffixes, name, length);
      domain = offset < length ? g_strdup(name + offset) : NULL;
    }
  g_free(name);
  return domain;
}

/* A host of the same organisation tells who the victim is. */
static gboolean
_is_beside(const Redactor *self, const gchar *value, const gchar *host)
{
  const gchar *start;
  const gsize length = siaga_private_bare_host(value, &start);
  gchar *domain = _registered_domain(self, host);
  const gboolean beside = domain && siaga_name_is_below(start, length, domain, strlen(domain));
  g_free(domain);
  return _is_host(value, host) || beside;
}

static gboolean
_is_victim(const Redactor *self, const gchar *value)
{
  const SiagaIncident *incident = self->original;
  for (guint i = 0; i < incident->targets.first->len; i++)
    if (_is_beside(self, value, incident->targets.first->pdata[i]))
      return TRUE;
  return _is_beside(self, value, incident->victim_domain) || _is_host(value, incident->victim_ip) ||
         _is_network_of(value, incident->victim_ip);
}

static gboolean
_contains(const gchar *text, gsize length, const gchar *word, gsize word_length)
{
  for (gsize at = 0; word_length && at + word_length <= length; at++)
    if (g_ascii_strncasecmp(text + at, word, word_length) == 0)
      return TRUE;
  return FALSE;
}

/* In whatever spelling: percent signs, escapes of JSON. */
static gboolean
_holds_secret(const Redactor *self, const gchar *text, gsize text_length, gsize shortest)
{
  SiagaArena *arena = siaga_arena_new();
  gsize length, word_length;
  const gchar *plain = siaga_canonical(arena, text, text_length, &length);
  gboolean holds = FALSE;
  for (guint i = 0; !holds && i < self->secrets->len; i++)
    {
      const gchar *secret = self->secrets->pdata[i];
      if (strlen(secret) < shortest)
        continue;
      const gchar *word = siaga_canonical(arena, secret, strlen(secret), &word_length);
      holds = _contains(plain, length, word, word_length) || _contains(text, text_length, secret, strlen(secret));
    }
  siaga_arena_free(arena);
  return holds;
}

static void
_redact_victim(Redactor *self)
{
  SiagaIncident *copy = self->copy;
  g_clear_pointer(&copy->victim_claimed, g_free);
  if (_action(self, SIAGA_REDACT_VICTIM) == SIAGA_REDACT_REMOVE)
    {
      gchar *domain = _registered_domain(self, copy->victim_domain);
      _remember(self, domain);
      g_free(domain);
      _drop(self, &copy->victim_domain);
      _drop(self, &copy->victim_ip);
      _drop(self, &copy->victim_owner);
      _drop_list(self, copy->targets.first);
      if (copy->victim_csirt && _holds_secret(self, copy->victim_csirt, strlen(copy->victim_csirt), SECRET_MIN))
        _drop(self, &copy->victim_csirt); /* the organisation's own team */
    }
  _redact_address(self, &copy->victim_ip);
  _redact_name(self, &copy->victim_domain);
  _redact_list(self, copy->targets.first, _replace_internal);
}

static gboolean
_starts(const gchar *name, const gchar *const *prefixes)
{
  for (guint i = 0; prefixes[i]; i++)
    {
      gsize length = strlen(prefixes[i]);
      if (strncmp(name, prefixes[i], length) == 0 && (prefixes[i][length - 1] == '.' || name[length] == '\0'))
        return TRUE;
    }
  return FALSE;
}

/* Words of siaga, of protocols and of tables: nothing that a person typed. */
static const gchar *const open_fields[] = {
  "event.dataset",
  "event.category",
  "event.type",
  "event.action",
  "event.outcome",
  "rule.",
  "threat.",
  "network.",
  "http.request.method",
  "http.response.body.bytes",
  "http.response.bytes",
  "http.response.mime_type",
  "http.response.status_code",
  "http.version",
  "dns.type",
  "dns.question.type",
  "dns.question.class",
  "dns.response_code",
  "source.geo.",
  "source.as.",
  "user_agent.class",
  "siaga.pattern",
  "siaga.source.spoofable",
  "siaga.list.category",
  "siaga.lookalike.kind",
  "siaga.lookalike.score",
  "siaga.auth.method",
  "siaga.auth.service",
  "siaga.victim.country",
  "siaga.victim.sector",
  "siaga.victim.csirt",
  "process.name",
  NULL,
};
static const gchar *const host_fields[] = { "source.ip",
                                            "source.address",
                                            "source.actor",
                                            "source.subnet",
                                            "source.domain",
                                            "host.hostname",
                                            "host.ip",
                                            "destination.ip",
                                            "destination.address",
                                            "destination.domain",
                                            NULL };
static const gchar *const victim_fields[] = { "siaga.victim.domain", "siaga.victim.ip",
                                              "siaga.victim.owner",  "siaga.lookalike.of",
                                              "url.domain",          "dns.question.registered_domain",
                                              "siaga.dns.zone",      NULL };
static const gchar *const path_fields[] = { "url.path", "url.extension", "url.path_directory", NULL };
static const gchar *const query_fields[] = { "url.query", "url.original", NULL };
static const gchar *const user_fields[] = { "user.", "source.user.", NULL };

static gchar *
_replace_field(Redactor *self, const gchar *name, const gchar *value)
{
  const gboolean hide = self->hide_source && g_str_has_prefix(name, "source.");
  if (!hide && _starts(name, open_fields))
    return g_strdup(value);
  if (_starts(name, user_fields))
    return _replace_user(self, value);
  if (_starts(name, path_fields) && !strpbrk(value, "?;"))
    return _replace(self, SIAGA_REDACT_PATHS, "path", value);
  if (_starts(name, query_fields) && _action(self, SIAGA_REDACT_PATHS) == SIAGA_REDACT_KEEP)
    return _replace(self, SIAGA_REDACT_QUERIES, "query", value);
  if (_starts(name, victim_fields) && _action(self, SIAGA_REDACT_VICTIM) == SIAGA_REDACT_KEEP)
    return _replace_internal(self, value);
  if (!hide && _starts(name, host_fields) &&
      (_action(self, SIAGA_REDACT_VICTIM) == SIAGA_REDACT_KEEP ||
       (g_str_has_prefix(name, "source.") && !_is_victim(self, value))))
    return _replace_internal(self, value);
  _remember(self, value);
  return NULL;
}

/* Pairs of name and value. */
static void
_redact_fields(Redactor *self)
{
  GPtrArray *old = self->copy->fields, *kept = g_ptr_array_new_with_free_func(g_free);
  for (guint i = 0; i + 1 < old->len; i += 2)
    {
      gchar *value = _replace_field(self, old->pdata[i], old->pdata[i + 1]);
      if (!value)
        continue;
      g_ptr_array_add(kept, g_strdup(old->pdata[i]));
      g_ptr_array_add(kept, value);
    }
  g_ptr_array_unref(old);
  self->copy->fields = kept;
}

static void
_redact_groups(Redactor *self)
{
  SiagaIncident *copy = self->copy;
  for (guint i = 0; i < copy->group_values->len && i < copy->group_fields->len;)
    {
      const SiagaField *field = copy->group_fields->pdata[i];
      gchar *value = _replace_field(self, field->name, copy->group_values->pdata[i]);
      self->counted_by_secret |= g_strcmp0(value, copy->group_values->pdata[i]) != 0;
      if (value)
        {
          g_free(copy->group_values->pdata[i]);
          copy->group_values->pdata[i++] = value;
          continue;
        }
      g_ptr_array_remove_index(copy->group_values, i);
      g_ptr_array_remove_index(copy->group_fields, i);
    }
}

static gboolean
_is_private(const Redactor *self, const gchar *text)
{
  return siaga_private_holds_person(text) ||
         (_action(self, SIAGA_REDACT_INTERNAL) != SIAGA_REDACT_KEEP && siaga_private_holds_internal(text));
}

/* As it stands, or once percent signs and escapes are read. */
static gboolean
_holds_private(const Redactor *self, const gchar *text)
{
  SiagaArena *arena = siaga_arena_new();
  gsize length;
  const gchar *plain = siaga_canonical(arena, text, strlen(text), &length);
  gchar *copy = g_strndup(plain, length);
  const gboolean holds = _is_private(self, text) || _is_private(self, copy);
  g_free(copy);
  siaga_arena_free(arena);
  return holds;
}

static gboolean
_is_secret(const Redactor *self, const gchar *value)
{
  for (guint i = 0; i < self->secrets->len; i++)
    if (g_ascii_strcasecmp(value, self->secrets->pdata[i]) == 0)
      return TRUE;
  return FALSE;
}

/* What was typed as a user name may be part of a path too, or stand where a host or a program should; a path may lead
 * to an internal host. */
static gboolean
_repeats_secret(const Redactor *self, const gchar *name, const gchar *value)
{
  if (_starts(name, user_fields))
    return FALSE;
  if (_is_secret(self, value))
    return TRUE;
  if (!_starts(name, path_fields) && !_starts(name, query_fields))
    return FALSE;
  return _holds_secret(self, value, strlen(value), SECRET_MIN) || _holds_private(self, value);
}

/* Once all secrets are known. */
static void
_drop_repetitions(Redactor *self)
{
  SiagaIncident *copy = self->copy;
  for (guint i = 0; i + 1 < copy->fields->len;)
    if (_repeats_secret(self, copy->fields->pdata[i], copy->fields->pdata[i + 1]))
      g_ptr_array_remove_range(copy->fields, i, 2);
    else
      i += 2;
  for (guint i = 0; i < copy->group_values->len;)
    if (_repeats_secret(self, ((const SiagaField *) copy->group_fields->pdata[i])->name, copy->group_values->pdata[i]))
      {
        g_ptr_array_remove_index(copy->group_values, i);
        g_ptr_array_remove_index(copy->group_fields, i);
        self->counted_by_secret = TRUE;
      }
    else
      i++;
}

/* Ids are made from the group-by values: who guesses such a value could test the guess.  A secret name space of the
 * partner's own makes another id, the same each time. */
static void
_hide_id(const Redactor *self, gchar *uuid)
{
  const SiagaShareFile *file = self->partner->file;
  guint8 digest[32], hidden[16];
  gsize size = sizeof digest;
  if (!*uuid || !file->key)
    return;
  GHmac *hmac = g_hmac_new(G_CHECKSUM_SHA256, (const guchar *) file->key, file->key_length);
  g_hmac_update(hmac, (const guchar *) self->partner->name, strlen(self->partner->name) + 1);
  g_hmac_update(hmac, (const guchar *) "incident", strlen("incident"));
  g_hmac_get_digest(hmac, digest, &size);
  g_hmac_unref(hmac);
  siaga_uuid5(hidden, digest, uuid, strlen(uuid));
  siaga_uuid_format(hidden, uuid);
}

/* A campaign is counted by its attacker or its victim: its id may be told where both are.  What the children are
 * counted by is not known here, and users may be among it. */
static void
_redact_links(Redactor *self, const SiagaIncident *original)
{
  SiagaIncident *copy = self->copy;
  const gboolean victim = original->victim_domain ? g_strcmp0(copy->victim_domain, original->victim_domain) == 0
                                                  : g_strcmp0(copy->victim_ip, original->victim_ip) == 0;
  g_ptr_array_set_size(copy->children, 0);
  if (!victim || g_strcmp0(copy->source_ip, original->source_ip) != 0 ||
      g_strcmp0(copy->source_actor, original->source_actor) != 0)
    copy->parent[0] = '\0';
}

static void
_redact_ids(Redactor *self)
{
  SiagaIncident *copy = self->copy;
  if (!self->counted_by_secret)
    return;
  _hide_id(self, copy->uuid);
  _hide_id(self, copy->previous);
  siaga_uuid_parse(copy->uuid, copy->id);
}

static gint
_longest_first(gconstpointer a, gconstpointer b)
{
  gsize x = strlen(*(const gchar *const *) a), y = strlen(*(const gchar *const *) b);
  return x > y ? -1 : x < y;
}

static void
_blot_secrets(const Redactor *self, GString *line)
{
  for (guint i = 0; i < self->secrets->len; i++)
    {
      const gchar *secret = self->secrets->pdata[i];
      gsize length = strlen(secret);
      for (gsize at = 0; at + length <= line->len;)
        if (g_ascii_strncasecmp(line->str + at, secret, length) == 0)
          {
            g_string_erase(line, at, length);
            g_string_insert(line, at, "*");
            at++;
          }
        else
          at++;
    }
}

/* From each "?" to the end of the word. */
static void
_blot_queries(GString *line)
{
  for (gsize at = 0; at < line->len; at++)
    if (line->str[at] == '?')
      {
        gsize end = at + 1;
        while (end < line->len && !strchr(" \t\"'", line->str[end]))
          end++;
        g_string_erase(line, at + 1, end - at - 1);
      }
}

/* A user name that nobody counted could stand in a line, and so could a path: such lines do not leave. */
static gboolean
_can_be_masked(const Redactor *self, const SiagaIncident *original)
{
  if (_action(self, SIAGA_REDACT_EVIDENCE) != SIAGA_REDACT_MASKED)
    return FALSE;
  if (_action(self, SIAGA_REDACT_PATHS) != SIAGA_REDACT_KEEP || _action(self, SIAGA_REDACT_VICTIM) != SIAGA_REDACT_KEEP)
    return FALSE;
  return !original->users.approximate && original->users.distinct <= original->users.first->len;
}

/* The hash of a whole line would let anybody who guesses the rest test guesses of what was blotted out. */
static void
_mask_line(const Redactor *self, SiagaEvidence *evidence)
{
  GString *line = g_string_new_len(evidence->line, evidence->length);
  if (_action(self, SIAGA_REDACT_QUERIES) != SIAGA_REDACT_KEEP)
    _blot_queries(line);
  siaga_private_blot_persons(line);
  if (_action(self, SIAGA_REDACT_INTERNAL) != SIAGA_REDACT_KEEP)
    siaga_private_blot_internal(line);
  _blot_secrets(self, line);
  g_free(evidence->line);
  evidence->length = line->len;
  evidence->line = g_string_free(line, FALSE);
  memset(evidence->sha256, 0, sizeof evidence->sha256);
}

static void
_redact_evidence(Redactor *self, const SiagaIncident *original)
{
  GPtrArray *evidence = self->copy->evidence;
  if (!_can_be_masked(self, original))
    {
      g_ptr_array_set_size(evidence, 0);
      return;
    }
  g_ptr_array_sort(self->secrets, _longest_first);
  for (guint i = 0; i < evidence->len;)
    {
      const SiagaEvidence *line = evidence->pdata[i];
      _mask_line(self, evidence->pdata[i]);
      if (_holds_secret(self, line->line, line->length, 0) || _holds_private(self, line->line))
        g_ptr_array_remove_index(evidence, i);
      else
        i++;
    }
}

/* Spoofed addresses are those of other victims, a crowd is anybody. */
static void
_forget_bystanders(Redactor *self)
{
  SiagaIncident *copy = self->copy;
  if (siaga_incident_blames_sources(copy))
    return;
  self->hide_source = TRUE;
  _drop(self, &copy->source_ip);
  _drop(self, &copy->source_actor);
  g_clear_pointer(&copy->source_country, g_free);
  _drop_list(self, copy->sources.first);
}

/* The victim of a tunnel, or a host that was taken over, is the source as well. */
static void
_forget_victim_as_source(Redactor *self)
{
  SiagaIncident *copy = self->copy;
  GPtrArray *sources = copy->sources.first;
  gchar **single[] = { &copy->source_ip, &copy->source_actor };
  if (_action(self, SIAGA_REDACT_VICTIM) != SIAGA_REDACT_REMOVE)
    return;
  for (guint i = 0; i < G_N_ELEMENTS(single); i++)
    if (*single[i] && _is_victim(self, *single[i]))
      {
        self->hide_source = TRUE;
        _drop(self, single[i]);
      }
  for (guint i = sources->len; i-- > 0;)
    if (_is_victim(self, sources->pdata[i]))
      {
        _remember(self, sources->pdata[i]);
        g_ptr_array_remove_index(sources, i);
      }
}

SiagaIncident *
siaga_share_redact(const SiagaShare *share, guint partner, SiagaTlp tlp, const SiagaIncident *incident)
{
  Redactor self = {
    .partner = share->partners->pdata[partner],
    .suffixes = share->suffixes,
    .tlp = tlp,
    .original = incident,
    .copy = siaga_incident_copy(incident),
  };

  self.secrets = g_ptr_array_new_with_free_func(g_free);
  _forget_bystanders(&self);
  _redact_source(&self);
  _forget_victim_as_source(&self);
  _redact_victim(&self);
  _redact_list(&self, self.copy->users.first, _replace_user);
  _redact_fields(&self);
  _redact_groups(&self);
  _drop_repetitions(&self);
  _redact_ids(&self);
  _redact_links(&self, incident);
  _redact_evidence(&self, incident);
  g_ptr_array_unref(self.secrets);
  return self.copy;
}
