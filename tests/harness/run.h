/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * How every test program ends: a suite is run, most often of one case; CK_VERBOSITY and the other words of libcheck's
 * environment hold. */

#ifndef SIAGA_TESTS_RUN_H_INCLUDED
#define SIAGA_TESTS_RUN_H_INCLUDED

#include <check.h>
#include <stdlib.h>

/* Takes SUITE over.  The exit code. */
static inline int
run_suite(Suite *suite)
{
  SRunner *runner = srunner_create(suite);
  srunner_run_all(runner, CK_ENV);
  int failed = srunner_ntests_failed(runner);
  srunner_free(runner);
  return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

/* TCASE too. */
static inline int
run_case(const char *name, TCase *tcase)
{
  Suite *suite = suite_create(name);
  suite_add_tcase(suite, tcase);
  return run_suite(suite);
}

#endif
