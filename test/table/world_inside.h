/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TEST_TABLE_WORLD_INSIDE_H
#define TEST_TABLE_WORLD_INSIDE_H

#include "world.h"

/* Names that the parts of the world share. */

#define SCOPES 4
extern const char *const world_scopes[SCOPES];

struct jt_id world_id(unsigned noun, unsigned org, unsigned at);
struct jt_id world_role_id(unsigned org, unsigned role);
void world_value(unsigned value, char out[JT_TOKEN_SIZE]);
void world_app(unsigned app, char out[JT_APP_NAME_MAX + 1]);

#endif
