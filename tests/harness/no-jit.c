/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * Put in front of PCRE2 for valgrind, which cannot follow machine code made by PCRE2: the same matches by its
 * interpreter, as on a system that forbids such code. */

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

int
pcre2_jit_compile(pcre2_code *code, uint32_t options)
{
  (void) code, (void) options;
  return PCRE2_ERROR_JIT_BADOPTION;
}
