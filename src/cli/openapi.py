#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""doc/openapi.yaml as JSON in a C header: openapi.py OUT.h OPENAPI.yaml"""
import json
import sys

import yaml

out, path = sys.argv[1:]
with open(path, encoding="utf-8") as f:
    text = json.dumps(yaml.safe_load(f), ensure_ascii=True, separators=(",", ":"))
codes = [str(ord(c)) for c in text] + ["0"]
with open(out, "w", encoding="ascii") as f:
    f.write("/* Written by openapi.py from doc/openapi.yaml. */\nstatic const char jt_openapi_json[] = {\n")
    for at in range(0, len(codes), 32):
        f.write("\t" + ", ".join(codes[at:at + 32]) + ",\n")
    f.write("};\n")
