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
   CFLAGS=$saved_CFLAGS])
