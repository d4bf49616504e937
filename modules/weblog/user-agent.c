/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * Looks at each word of a User-Agent header; the most telling one decides. */

#include "weblog/user-agent.h"

#include "engine/base/quick-hash.h"

#include <string.h>

#define CACHED 1024
#define CACHED_BYTES 250

/* In the order of what tells most. */
typedef enum
{
  UA_SCANNER,
  UA_LIBRARY,
  UA_TOOL,
  UA_BOT,
  UA_BROWSER,
  UA_UNKNOWN,
} Class;

static const gchar *const class_names[] = { "scanner", "library", "tool", "bot", "browser", NULL };

/* Lower case, sorted; a word that begins with one and goes on without a letter or digit is meant. */
static const struct
{
  const gchar *word;
  Class class;
} words[] = {
  { "acunetix", UA_SCANNER },
  { "aiohttp", UA_LIBRARY },
  { "apache-httpclient", UA_LIBRARY },
  { "apachebench", UA_TOOL },
  { "appscan", UA_SCANNER },
  { "arachni", UA_SCANNER },
  { "aria2", UA_TOOL },
  { "axios", UA_LIBRARY },
  { "bingpreview", UA_BOT },
  { "burpsuite", UA_SCANNER },
  { "censysinspect", UA_SCANNER },
  { "cfnetwork", UA_LIBRARY },
  { "curl", UA_TOOL },
  { "dalvik", UA_BROWSER },
  { "dart", UA_LIBRARY },
  { "detectify", UA_SCANNER },
  { "dirb", UA_SCANNER },
  { "dirbuster", UA_SCANNER },
  { "elinks", UA_BROWSER },
  { "facebookexternalhit", UA_BOT },
  { "faraday", UA_LIBRARY },
  { "feedfetcher-google", UA_BOT },
  { "feroxbuster", UA_SCANNER },
  { "ffuf", UA_SCANNER },
  { "fimap", UA_SCANNER },
  { "fuzz", UA_SCANNER },
  { "go-http-client", UA_LIBRARY },
  { "gobuster", UA_SCANNER },
  { "got", UA_LIBRARY },
  { "guzzlehttp", UA_LIBRARY },
  { "havij", UA_SCANNER },
  { "httpclient", UA_LIBRARY },
  { "httpie", UA_TOOL },
  { "httpx", UA_SCANNER },
  { "httrack", UA_TOOL },
  { "hydra", UA_SCANNER },
  { "ia_archiver", UA_BOT },
  { "insomnia", UA_TOOL },
  { "invicti", UA_SCANNER },
  { "jaeles", UA_SCANNER },
  { "java", UA_LIBRARY },
  { "java-http-client", UA_LIBRARY },
  { "jmeter", UA_TOOL },
  { "joomscan", UA_SCANNER },
  { "katana", UA_SCANNER },
  { "l9explore", UA_SCANNER },
  { "leakix", UA_SCANNER },
  { "libwww-perl", UA_LIBRARY },
  { "links", UA_BROWSER },
  { "lwp", UA_LIBRARY },
  { "lynx", UA_BROWSER },
  { "masscan", UA_SCANNER },
  { "mechanize", UA_LIBRARY },
  { "mediapartners-google", UA_BOT },
  { "morfeus", UA_SCANNER },
  { "mozilla", UA_BROWSER },
  { "muieblackcat", UA_SCANNER },
  { "nessus", UA_SCANNER },
  { "netsparker", UA_SCANNER },
  { "nikto", UA_SCANNER },
  { "nmap", UA_SCANNER },
  { "node-fetch", UA_LIBRARY },
  { "nuclei", UA_SCANNER },
  { "okhttp", UA_LIBRARY },
  { "openvas", UA_SCANNER },
  { "opera", UA_BROWSER },
  { "perl", UA_LIBRARY },
  { "php", UA_LIBRARY },
  { "pingdom", UA_BOT },
  { "postmanruntime", UA_TOOL },
  { "powershell", UA_TOOL },
  { "python", UA_LIBRARY },
  { "qualys", UA_SCANNER },
  { "reqwest", UA_LIBRARY },
  { "restsharp", UA_LIBRARY },
  { "ruby", UA_LIBRARY },
  { "scrapy", UA_BOT },
  { "siege", UA_TOOL },
  { "skipfish", UA_SCANNER },
  { "slurp", UA_BOT },
  { "sqlmap", UA_SCANNER },
  { "sqlninja", UA_SCANNER },
  { "undici", UA_LIBRARY },
  { "w3af", UA_SCANNER },
  { "w3m", UA_BROWSER },
  { "webinspect", UA_SCANNER },
  { "wfuzz", UA_SCANNER },
  { "wget", UA_TOOL },
  { "whatsapp", UA_BOT },
  { "whatweb", UA_SCANNER },
  { "windowspowershell", UA_TOOL },
  { "winhttp", UA_LIBRARY },
  { "wpscan", UA_SCANNER },
  { "wrk", UA_TOOL },
  { "zap", UA_SCANNER },
  { "zgrab", UA_SCANNER },
  { "zmeu", UA_SCANNER },
};

static const gchar *const bot_endings[] = { "bot", "spider", "crawler", "crawl" };

/* Where the words with a first letter begin; the last one ends the table. */
static guint8 first_word[27];
/* And their second letters: bits by place in the alphabet, the last one for what is no letter. */
static guint32 second_letters[26];
G_STATIC_ASSERT(G_N_ELEMENTS(words) < 256);

static inline guint32
_letter_bit(gchar c)
{
  const guint letter = (c | 0x20) - 'a';
  return 1u << MIN(letter, 26);
}

static void
_index_words(void)
{
  static gsize once;
  if (!g_once_init_enter(&once))
    return;
  for (guint letter = 0, i = 0; letter < 27; letter++)
    {
      while (i < G_N_ELEMENTS(words) && words[i].word[0] < (gchar) ('a' + letter))
        i++;
      first_word[letter] = i;
    }
  for (guint i = 0; i < G_N_ELEMENTS(words); i++)
    second_letters[words[i].word[0] - 'a'] |= _letter_bit(words[i].word[1]);
  g_once_init_leave(&once, 1);
}

static gboolean
_begins_with(const gchar *text, gsize length, const gchar *word)
{
  gsize i = 1; /* the first letters agree */
  for (; word[i]; i++)
    if (i == length || (text[i] | 0x20) != (word[i] | 0x20))
      return FALSE;
  return i == length || !g_ascii_isalnum(text[i]);
}

static gboolean
_is_bot(const gchar *text, gsize length)
{
  gchar last = text[length - 1] | 0x20;
  if (last != 't' && last != 'r' && last != 'l')
    return FALSE;
  for (guint i = 0; i < G_N_ELEMENTS(bot_endings); i++)
    {
      gsize size = strlen(bot_endings[i]);
      if (length >= size && g_ascii_strncasecmp(text + length - size, bot_endings[i], size) == 0)
        return TRUE;
    }
  return FALSE;
}

/* LENGTH: up to the text's end; SIZE: up to the word's. */
static Class
_class_of_word(const gchar *text, gsize length, gsize size)
{
  guint letter = (text[0] | 0x20) - 'a';
  if (letter < 26 && size > 1 && second_letters[letter] & _letter_bit(text[1]))
    for (guint i = first_word[letter]; i < first_word[letter + 1]; i++)
      if (_begins_with(text, length, words[i].word))
        return words[i].class;
  return _is_bot(text, size) ? UA_BOT : UA_UNKNOWN;
}

static Class
_class_of_text(const gchar *text, gsize length)
{
  Class best = UA_UNKNOWN;
  gsize i = 0;

  _index_words();
  while (i < length && best != UA_SCANNER)
    {
      gsize start = i;
      while (i < length && g_ascii_isalnum(text[i]))
        i++;
      if (i > start)
        best = MIN(best, _class_of_word(text + start, length - start, i - start));
      else
        i++;
    }
  return best;
}

/* Few clients make most of the lines: the last answers are kept per thread. */
typedef struct
{
  guint16 length; /* 0: free */
  guint8 class;
  gchar text[CACHED_BYTES];
} Entry;

static GPrivate cache_key = G_PRIVATE_INIT(g_free);

const gchar *
weblog_user_agent_class(const gchar *text, gsize length)
{
  if (length == 0 || (length == 1 && *text == '-'))
    return "empty";
  if (length > CACHED_BYTES)
    return class_names[_class_of_text(text, length)];
  Entry *entries = g_private_get(&cache_key);
  if (!entries)
    {
      entries = g_new0(Entry, CACHED);
      g_private_set(&cache_key, entries);
    }
  Entry *entry = &entries[(siaga_quick_hash(text, length, 0) >> 40) % CACHED];
  if (entry->length != length || memcmp(entry->text, text, length) != 0)
    {
      entry->length = length;
      entry->class = _class_of_text(text, length);
      memcpy(entry->text, text, length);
    }
  return class_names[entry->class];
}
