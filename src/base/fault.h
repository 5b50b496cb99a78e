/* SPDX-License-Identifier: Apache-2.0 */
#ifndef JT_BASE_FAULT_H
#define JT_BASE_FAULT_H

/* Named points at which a test can end the process as SIGKILL would: JETON_TEST_KILL_AT=point[:n] (the n-th passing); or hold
 * it back: JETON_TEST_HOLD_AT=point[+point]:FILE, for as long as somebody else holds a lock on FILE (flock). Compiled to nothing unless the meson option test_hooks is on; release builds have it off. */
#ifdef JT_TEST_HOOKS
void jt_fault_point(const char *name);
#define JT_FAULT_POINT(name) jt_fault_point(name)
#else
#define JT_FAULT_POINT(name) ((void)0)
#endif

#endif
