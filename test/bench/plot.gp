# SPDX-License-Identifier: Apache-2.0
# gnuplot -c plot.gp latency|servers DATA OUT.svg CAPTION: run by report.py.
what = ARG1
data = ARG2
set output ARG3
caption = ARG4
set border linewidth 0.7 linecolor rgb "#808080"
set tics textcolor rgb "#303030"
set grid linecolor rgb "#e0e0e0" linewidth 0.6

if (what eq "latency") {
  set terminal svg size 900,560 font "DejaVu Sans,13" background rgb "white"
  set title "One verification inside one process: p50, whiskers to p99\n{/*0.8 ".caption."}"
  set logscale xy
  set xlabel "live tokens"
  set ylabel "ns a call"
  set xrange [7000:15000000]
  set yrange [50:*]
  set xtics ("10 k" 1e4, "100 k" 1e5, "1 M" 1e6, "10 M" 1e7)
  set format y "10^{%T}"
  set key outside right center reverse Left samplen 1.5 noenhanced font ",12"
  load data."/series.gp"
  # Each a little aside, so that the whiskers do not hide one another.
  aside(n) = 1 + 0.04 * (n - series / 2.0)
  plot for [n = 1:series] sprintf("%s/latency-%d.dat", data, n) using ($1 * aside(n)):2:2:3 \
         with yerrorlines linewidth 1.8 pointtype 7 pointsize 0.6 linecolor rgb COLOUR[n] title NAME[n]
} else {
  set terminal svg size 900,420 font "DejaVu Sans,13" background rgb "white"
  set multiplot layout 1,2 title "CPU seconds of the server for a million requests, 32 connections, one core\n{/*0.8 ".caption."}"
  set style fill solid 0.85 noborder
  set boxwidth 0.55
  set yrange [0:*]
  set xrange [-0.6:*]
  set offsets 0.6, 0.6, graph 0.12, 0
  unset key
  set grid noxtics
  do for [part in "verify introspect"] {
    if (part eq "introspect") { set logscale y; set yrange [1:*] }
    set title part eq "verify" ? "GET /verify, nginx return 200, Redis GET" : "Token introspection (log scale)" noenhanced
    file = data."/".part.".dat"
    plot file using 1:3:6:xtic(2) with boxes linecolor rgb variable, \
         file using 1:4:(0):($5 - $4) with vectors nohead linecolor rgb "#303030" linewidth 1.6, \
         file using 1:5:(sprintf("%.3g", $3)) with labels offset 0, 0.9 font ",13"
  }
  unset multiplot
}
