# SPDX-License-Identifier: Apache-2.0
"""Figures to goals, a table, and plots."""
import os
import subprocess
import tempfile

import measure

OURS = "jeton"


def lines_of(result, **wanted):
    return [line for line in result.get("in_process", []) if all(line.get(key) == value for key, value in wanted.items())]


def in_process_goals(result):
    """(what, figure, goal, sign): at each size and with each kind of pages, against the best that each peer shows there."""
    for own in lines_of(result, contender=OURS, variant="org"):
        where = {"tokens": own["tokens"], "pages": own["pages"]}
        at = f"{own['tokens']:,} tokens, {own['pages']}"
        for which in ("mean", "p50", "p99"):
            yield f"{at}: org decision / floor, {which}", own[f"{which}_to_floor"], 1.3, "<="
        for peer, goal in (("lmdb", 3), ("redis", 100), ("libjwt", 1)):
            best = min(lines_of(result, contender=peer, **where), key=lambda line: line["mean_ns"]["median"])
            ratio = {k: best["mean_ns"][k] / own["mean_ns"]["median"] for k in ("median", "least", "most")}
            yield f"{at}: {peer} ({best['variant']}) / org decision", ratio, goal, ">="
        for threads in lines_of(result, threads_of=OURS, variant="org", **where):
            yield f"{at}: two threads / one", threads["scaling"], 1.9, ">="


def server_goals(result):
    verify = result.get("servers", {}).get("verify")
    if verify:
        yield "nginx's CPU for a request / that of GET /verify", verify["nginx"]["cpu_to_jeton"], 0.909, ">="
        yield "Redis GET's CPU / that of GET /verify", verify["redis"]["cpu_to_jeton"], 1, ">="
    introspect = result.get("servers", {}).get("introspect")
    if introspect:
        yield "glewlwyd's CPU for an introspection / ours", introspect["glewlwyd"]["cpu_to_jeton"], 10, ">="
        counts = all(s["rate_counts"] for s in introspect.values())
        yield ("glewlwyd's rate of introspections / ours", introspect["glewlwyd"]["rate_to_jeton"], 0.1,
               "<=" if counts else "not judged: a core was not busy;")


def table_goals(result):
    cost = result.get("table", {}).get("10000000", {})
    for key, what, goal in (("bytes_per_token", "bytes per token at 10 M", 80), ("rebuild_s", "seconds to rebuild 10 M", 20),
                            ("server_open_ms", "ms until the server has opened a table of 10 M", 50)):
        if key in cost:
            yield what, {"median": cost[key], "least": cost[key], "most": cost[key], "rounds": 1}, goal, "<"
    for line in lines_of(result, opened=OURS, tokens=10_000_000, pages="2m"):
        yield "ms for jeton_open() of a table of 10 M", line["open_ms"], 50, "<"


def authority_goals(result):
    figures = result.get("authority")
    if figures:
        for connections, goal in (("1 connection", 0.5), ("32 connections", 1)):
            yield f"create, {connections} / append 4 KiB", figures[f"create, {connections} / append"], goal, ">="
        pages = [s["median"] for s in figures["page_ms"].values()]
        ratio = round(max(pages) / min(pages), 2)
        yield "slowest page of a list / fastest", {"median": ratio, "least": ratio, "most": ratio, "rounds": 1}, 2, "<="


def goals(result):
    held = {"<=": lambda a, b: a <= b, ">=": lambda a, b: a >= b, "<": lambda a, b: a < b}
    return [{"what": what, "figure": figure, "goal": f"{sign} {goal:g}",
             "met": held[sign](figure["median"], goal) if sign in held else None}
            for part in (in_process_goals, server_goals, table_goals, authority_goals)
            for what, figure, goal, sign in part(result)]


def number(value):
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.4g}"


def with_spread(s):
    return f"{number(s['median']):>10} ({number(s['least'])} to {number(s['most'])})"


def show_in_process(result):
    if not result.get("in_process"):
        return
    print("\nVerification in one process, one thread, ns a call: median of the rounds (least to most)")
    print(f"{'tokens':>12} {'pages':5} {'contender':42} {'mean':>32} {'p50':>32} {'p99':>32} {'/ floor':>8}")
    for tokens, pages, table, huge in sorted({(line["tokens"], line["pages"], line["table_kib"], line["huge_kib"])
                                              for line in lines_of(result) if "contender" in line}):
        print(f"{tokens:>12,} {pages:5} a table of {table:,} KiB, {huge:,} KiB of it on 2 MiB pages")
    for line in lines_of(result):
        if "contender" in line:
            name = f"{line['contender']}: {line['variant']}"
            print(f"{line['tokens']:>12,} {line['pages']:5} {name:42} " +
                  " ".join(f"{with_spread(line[key]):>32}" for key in ("mean_ns", "p50_ns", "p99_ns")) +
                  f" {number(line['mean_to_floor']['median']):>8}")
    for line in lines_of(result):
        if "threads_of" in line:
            print(f"{line['tokens']:>12,} {line['pages']:5} {line['threads_of'] + ': ' + line['variant']:42} two threads / one: "
                  f"{with_spread(line['scaling'])}")


def show_servers(result):
    for what, path in (("verify", "GET /verify"), ("introspect", "POST /oauth/introspect")):
        part = result.get("servers", {}).get(what)
        if not part:
            continue
        print(f"\n{path}, 32 connections, {result['servers']['tokens']:,} tokens, the server on one core")
        print(f"{'server':10} {'CPU s per million':>32} {'busy':>6} {'requests/s':>32} {'p50 us':>10} {'p99 us':>10}")
        for name, s in part.items():
            rate = with_spread(s["rate"]) if s["rate_counts"] else "core not busy"
            print(f"{name:10} {with_spread(s['cpu_s_per_million']):>32} {s['busy']['median']:>6.0%} {rate:>32} "
                  f"{number(s['p50_us']['median']):>10} {number(s['p99_us']['median']):>10}")


def show_authority(result):
    r = result.get("authority")
    if not r:
        return
    print("\nThe authority")
    for name, s in r["per_second"].items():
        print(f"{name:42} {with_spread(s)} /s")
    for name, s in r["page_ms"].items():
        print(f"{'GET tokens, 100 rows, ' + name + ' page':42} {with_spread(s)} ms")
    print(f"{'start until it listens':42} {with_spread(r['start_seconds'])} s")
    print(f"with {r['tokens']:,} tokens: a database of {r['database_mib']:,} MiB, {r['resident_mib']:,} MiB resident "
          f"(before, {r['resident_mib_before']:,})")


def show(result):
    m = result["machine"]
    print(f"{result['jeton']} on {m['cpu']}, {m['cores']} cores, {m['memory_gib']} GiB, Linux {m['kernel']}, pages of "
          f"{m['page_size']} bytes, transparent huge pages: {m['transparent_huge_pages']}; {result['when']}, {result['took_s']} s")
    print(", ".join(f"{name} {version}" for name, version in m["versions"].items()))
    show_authority(result)
    show_in_process(result)
    show_servers(result)
    for tokens, cost in result.get("table", {}).items():
        if cost:
            print(f"\nThe table of {int(tokens):,} tokens: " + ", ".join(f"{key} {value}" for key, value in cost.items()))
    print(f"\n{'goal':78} {'figure':>32} {'wanted':>10}")
    for goal in result["goals"]:
        said = {True: "met", False: "missed", None: ""}[goal["met"]]
        print(f"{goal['what']:78} {with_spread(goal['figure']):>32} {goal['goal']:>10}  {said}")


COLOURS = {"jeton": "#0060a8 #3a9ad9 #00a0a0 #60c0e0", "floor": "#909090", "lmdb": "#2a7f3f #7fbf60", "redis": "#c04000",
           "libjwt": "#6a3d9a #b08fd0", "libmacaroons": "#b08000"}


def latency_data(result, where):
    """A file for each contender: tokens, p50, p99, with 2 MiB pages where there are any. And series.gp, which names and colours
    them, the slowest first, as the lines lie."""
    series = {}
    for line in lines_of(result):
        if line.get("contender") in COLOURS:  # 2m comes after 4k
            series.setdefault((line["contender"], line["variant"]), {})[line["tokens"]] = line
    ordered = sorted(series.items(), key=lambda item: -max(item[1].items())[1]["p50_ns"]["median"])
    colours = {name: iter(list_of.split()) for name, list_of in COLOURS.items()}
    with open(os.path.join(where, "series.gp"), "w", encoding="ascii") as f:
        f.write(f"series = {len(ordered)}\narray NAME[series]\narray COLOUR[series]\n")
        for n, (name, variant) in enumerate(key for key, _ in ordered):
            f.write(f'NAME[{n + 1}] = "{name}: {variant}"\nCOLOUR[{n + 1}] = "{next(colours[name])}"\n')
    for n, (_, lines) in enumerate(ordered):
        with open(os.path.join(where, f"latency-{n + 1}.dat"), "w", encoding="ascii") as f:
            for line in lines.values():
                f.write(f"{line['tokens']} {line['p50_ns']['median']} {line['p99_ns']['median']}\n")


def server_data(result, where):
    for part in ("verify", "introspect"):
        figures = result.get("servers", {}).get(part, {})
        with open(os.path.join(where, part + ".dat"), "w", encoding="ascii") as f:
            for n, (name, s) in enumerate(figures.items()):
                cpu = s["cpu_s_per_million"]
                colour = 0x0060A8 if name == OURS else 0x909090
                f.write(f'{n} "{name}" {cpu["median"]} {cpu["least"]} {cpu["most"]} {colour}\n')


def tidy(path):
    """gnuplot leaves blanks at the ends of lines."""
    with open(path, encoding="utf-8") as f:
        lines = [line.rstrip() + "\n" for line in f]
    with open(path, "w", encoding="utf-8") as f:
        f.writelines(lines)


def plot(result, doc):
    """SVG by gnuplot, from the figures alone."""
    script = os.path.join(measure.HERE, "plot.gp")
    m = result["machine"]
    caption = f"{m['cpu']}, {m['cores']} cores, Linux {m['kernel']}, {result['when'][:10]}"
    os.makedirs(doc, exist_ok=True)
    with tempfile.TemporaryDirectory() as where:
        for what, part, write in (("latency", "in_process", latency_data), ("servers", "servers", server_data)):
            if result.get(part):
                write(result, where)
                path = os.path.join(doc, what + ".svg")
                subprocess.run(["gnuplot", "-c", script, what, where, path, caption], check=True)
                tidy(path)
