#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The dashboard as a C table: bundle.py SOURCES PACKAGES OUT.c DEPFILE

esbuild makes scripts and styles of SOURCES, named by their content; index.html names them in turn. Each goes into the table
(src/http/asset.h) as it is and compressed, the same bytes for the same sources.
"""
import glob
import gzip
import hashlib
import json
import os
import pathlib
import re
import subprocess
import sys

TYPES = {".html": "text/html; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8",
         ".svg": "image/svg+xml"}
ENTRIES = ["main.jsx", "theme.js", "style/main.css", "mark.svg"]


def esbuild(sources, packages, out):
    """Bundles into `out`; returns esbuild's account of what it read and wrote."""
    program = glob.glob(str(packages / "node_modules/@esbuild/*/bin/esbuild"))[0]
    meta = out / "meta.json"
    for old in out.glob("*.*"):
        old.unlink()
    subprocess.run(
        [program, *ENTRIES, "--bundle", "--splitting", "--format=esm", "--minify", "--target=es2022,chrome123,firefox125,safari17.5",
         "--jsx=automatic", "--jsx-import-source=preact", "--loader:.svg=copy", "--entry-names=[name].[hash]",
         "--chunk-names=[name].[hash]", "--asset-names=[name].[hash]", "--legal-comments=none", "--charset=utf8",
         "--log-level=warning", f"--outdir={out}", f"--metafile={meta}"],
        cwd=sources, check=True, env={**os.environ, "NODE_PATH": str(packages / "node_modules")})
    return json.loads(meta.read_text(encoding="utf-8"))


def page(sources, outputs):
    """index.html with the names of what it needs in place of {main.jsx} and the like."""
    named = {}
    for path, output in outputs.items():
        if output.get("entryPoint"):
            named[output["entryPoint"]] = path
    for path, output in outputs.items():  # what is copied has no entry point of its own
        for source in output["inputs"]:
            if source.endswith(".svg"):
                named.setdefault(source, path)
    main = outputs[named["main.jsx"]]
    first = [i["path"] for i in main["imports"] if i["kind"] == "import-statement"]
    preload = "\n".join(f'<link rel="modulepreload" href="assets/{os.path.basename(p)}">' for p in first)
    text = (sources / "index.html").read_text(encoding="utf-8").replace("{preload}\n", preload + "\n" if preload else "")
    return re.sub(r"\{([\w./]+)\}", lambda m: "assets/" + os.path.basename(named[m.group(1)]), text).encode()


def array(name, data):
    lines = [f"static const uint8_t {name}[] = {{"]
    lines += ["\t" + ",".join(map(str, data[at:at + 40])) + "," for at in range(0, len(data), 40)]
    return lines + ["};"]


def table(files):
    """The C text for `files`, name to bytes; index.html first."""
    text = ["/* Written by bundle.py from web/src. */", '#include "api/web_assets.h"', ""]
    rows = []
    for n, (name, data) in enumerate(files.items()):
        tag = hashlib.sha256(data).hexdigest()[:20]
        small = gzip.compress(data, 9, mtime=0)
        text += array(f"plain_{n}", data) + array(f"gzip_{n}", small)
        rows.append(f'\t{{"{name}", "{TYPES[os.path.splitext(name)[1]]}", "\\"{tag}\\"", "\\"{tag}-gzip\\"", plain_{n}, '
                    f"{len(data)}, gzip_{n}, {len(small)}}},")
    text += ["const struct jt_asset jt_web_assets[] = {", *rows, "};",
             "const unsigned jt_web_asset_count = sizeof(jt_web_assets) / sizeof(jt_web_assets[0]);", ""]
    return "\n".join(text)


def main(sources, packages, out_c, depfile):
    sources, packages, out_c = (pathlib.Path(os.path.abspath(p)) for p in (sources, packages, out_c))
    out = out_c.parent / "bundle"
    out.mkdir(exist_ok=True)
    meta = esbuild(sources, packages, out)
    outputs = meta["outputs"]
    files = {"index.html": page(sources, outputs)}
    for path in sorted(out.glob("*.*")):
        if path.name != "meta.json":
            files[path.name] = path.read_bytes()
    out_c.write_text(table(files), encoding="ascii")
    read = [sources / "index.html", *(sources / i for i in meta["inputs"])]
    pathlib.Path(depfile).write_text(
        f"{out_c.name}: " + " ".join(os.path.abspath(p).replace(" ", "\\ ") for p in read) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
