# Copyright (C) the siaga authors
# SPDX-License-Identifier: GPL-2.0-or-later
# What differs between the syslog-ng releases, found by compiling, never by version number.

# SIAGA_TRY(MACRO, TEXT, INCLUDES, BODY)
AC_DEFUN([SIAGA_TRY],
  [AC_MSG_CHECKING([for $2])
   AC_COMPILE_IFELSE([AC_LANG_PROGRAM([$3], [$4])],
     [AC_MSG_RESULT([yes]); AC_DEFINE([$1], [1], [$2])],
     [AC_MSG_RESULT([no])])])

AC_DEFUN([SIAGA_CHECK_SYSLOG_NG],
  [saved_CFLAGS=$CFLAGS
   CFLAGS="$CFLAGS $SYSLOG_NG_CFLAGS $GLIB_CFLAGS $IVYKIS_CFLAGS -Werror=implicit-function-declaration -Werror=incompatible-pointer-types"
   AC_MSG_CHECKING([whether the syslog-ng headers compile])
   AC_COMPILE_IFELSE([AC_LANG_PROGRAM([[#include <logpipe.h>
#include <parser/parser-expr.h>]], [])],
     [AC_MSG_RESULT([yes])],
     [AC_MSG_RESULT([no])
      AC_MSG_ERROR([the syslog-ng headers do not compile: see config.log (syslog-ng 4.8 and 4.9 need libjson-c-dev; Fedora: json-c-devel)])])
   CFLAGS="$CFLAGS -Werror"
   SIAGA_TRY([SIAGA_HAVE_CLONE_SETTINGS], [log_parser_clone_settings],
     [[#include <parser/parser-expr.h>]], [[LogParser *a = NULL, *b = NULL; log_parser_clone_settings(a, b);]])
   SIAGA_TRY([SIAGA_HAVE_VT_INTEGER], [LM_VT_INTEGER],
     [[#include <logmsg/logmsg.h>]], [[LogMessageValueType type = LM_VT_INTEGER; (void) type;]])
   SIAGA_TRY([SIAGA_HAVE_VT_BYTES], [LM_VT_BYTES],
     [[#include <logmsg/logmsg.h>]], [[LogMessageValueType type = LM_VT_BYTES; (void) type;]])
   SIAGA_TRY([SIAGA_HAVE_PERSIST_FORCE], [cfg_persist_config_add with a fifth argument],
     [[#include <cfg.h>]], [[GlobalConfig *cfg = NULL; cfg_persist_config_add(cfg, "", NULL, NULL, FALSE);]])
   SIAGA_TRY([SIAGA_HAVE_POST_CONFIG_INIT], [LogPipe.post_config_init],
     [[#include <logpipe.h>]], [[LogPipe pipe; pipe.post_config_init = NULL; (void) pipe;]])
   SIAGA_TRY([SIAGA_HAVE_STATS_LABELS], [labels of statistics],
     [[#include <stats/stats-cluster-single.h>]],
     [[StatsClusterKey key; StatsClusterLabel labels[] = { stats_cluster_label("a", "b") };
       stats_cluster_single_key_set(&key, "name", labels, 1);]])
   CFLAGS=$saved_CFLAGS])
