/* SPDX-License-Identifier: Apache-2.0 */
#ifndef JT_CATALOGUE_BUILT_IN_H
#define JT_CATALOGUE_BUILT_IN_H

/* catalogue/prezero.yaml, as it is, by lines with their newlines; NULL ends them. Written by embed.py. */
extern const char *const jt_catalogue_built_in[];

#endif
