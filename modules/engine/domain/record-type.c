/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * The names of DNS types. */

#include "record-type.h"

const gchar *
siaga_record_type(guint16 number, gchar unnamed[16])
{
  static const struct
  {
    guint16 number;
    const gchar *name;
  } types[] = {
    { 1, "A" },           { 2, "NS" },     { 5, "CNAME" },  { 6, "SOA" },      { 10, "NULL" },   { 12, "PTR" },
    { 13, "HINFO" },      { 15, "MX" },    { 16, "TXT" },   { 24, "SIG" },     { 25, "KEY" },    { 28, "AAAA" },
    { 29, "LOC" },        { 33, "SRV" },   { 35, "NAPTR" }, { 37, "CERT" },    { 38, "A6" },     { 39, "DNAME" },
    { 43, "DS" },         { 44, "SSHFP" }, { 46, "RRSIG" }, { 47, "NSEC" },    { 48, "DNSKEY" }, { 50, "NSEC3" },
    { 51, "NSEC3PARAM" }, { 52, "TLSA" },  { 59, "CDS" },   { 60, "CDNSKEY" }, { 64, "SVCB" },   { 65, "HTTPS" },
    { 99, "SPF" },        { 251, "IXFR" }, { 252, "AXFR" }, { 255, "ANY" },    { 256, "URI" },   { 257, "CAA" },
  };
  for (guint i = 0; i < G_N_ELEMENTS(types); i++)
    if (types[i].number == number)
      return types[i].name;
  g_snprintf(unnamed, 16, "TYPE%u", number);
  return unnamed;
}
