/* SPDX-License-Identifier: Apache-2.0 */
#ifndef JT_API_WEB_ASSETS_H
#define JT_API_WEB_ASSETS_H

#include "http/asset.h"

/* The dashboard's files, written by web/tool/bundle.py. The first is the page, index.html; it names the others. */
extern const struct jt_asset jt_web_assets[];
extern const unsigned jt_web_asset_count;

#endif
