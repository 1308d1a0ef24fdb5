# Stations of a CORSIKA shower and of parametric ones: `values` (CSV), `output` (PNG), `first`, `second`, `third` (names).
set terminal pngcairo size 1500,520 font "sans,13"
set output output
set datafile separator ","
set key top right samplen 1.5
set grid lc rgb "#dddddd"
set xlabel "distance from the axis [m]"
set xrange [600:1450]
set xtics 200
set multiplot layout 1,3
set logscale y
set ylabel "mean signal [VEM/m^2]"
plot values skip 1 using 1:2:3 with yerrorlines lw 2 pt 7 lc rgb "#222222" title first, \
  '' skip 1 using 1:8:9 with yerrorlines lw 2 pt 5 lc rgb "#0072b2" title second, \
  '' skip 1 using 1:14:15 with yerrorlines lw 2 pt 9 lc rgb "#d55e00" title third
unset logscale y
set key bottom right
set ylabel "risetime 10-50 % [ns]"
set yrange [0:*]
plot values skip 1 using 1:4:5 with yerrorlines lw 2 pt 7 lc rgb "#222222" title first, \
  '' skip 1 using 1:10:11 with yerrorlines lw 2 pt 5 lc rgb "#0072b2" title second, \
  '' skip 1 using 1:16:17 with yerrorlines lw 2 pt 9 lc rgb "#d55e00" title third
set ylabel "10 % of the charge behind the plane front [ns]"
plot values skip 1 using 1:6:7 with yerrorlines lw 2 pt 7 lc rgb "#222222" title first, \
  '' skip 1 using 1:12:13 with yerrorlines lw 2 pt 5 lc rgb "#0072b2" title second, \
  '' skip 1 using 1:18:19 with yerrorlines lw 2 pt 9 lc rgb "#d55e00" title third
unset multiplot
