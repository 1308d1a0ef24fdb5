# Mean delay and standard deviation of the leading edge: tuned front, published front, simulated stations.
# Usage: gnuplot -e "values='values.csv'; output='tuned-front.png'" Benchmarks/tuned-front.gp
set terminal pngcairo size 1350,900 font "sans,11"
set output output
set datafile separator ","
set multiplot layout 2,3 margins 0.07,0.985,0.075,0.95 spacing 0.055,0.06
set logscale xy
set format y "%g"
set xrange [300:6000]
set xtics (300, 500, 1000, 2000, 5000)
set grid lc rgb "#dddddd"
signals = "0.7 3 15"
colours = "#1b6ca8 #c0504d #4f8f3a"
angles = "10 28 42"
row(kind, angle, i) = sprintf("< awk -F, '$1==\"%s\" && $2==%s && $3==%s' %s", kind, angle, word(signals, i), values)
tuned(i) = is_first ? sprintf("tuned, S = %s VEM/m²", word(signals, i)) : ""
once(i, text) = is_first && i == 1 ? text : ""
do for [quantity in "delay sigma"] {
  is_delay = quantity eq "delay"
  c = is_delay ? 5 : 6
  if (is_delay) { set yrange [20:12000] } else { set yrange [15:4000] }
  do for [angle in angles] {
    is_first = is_delay && angle eq "10"
    set title (is_delay ? sprintf("zenith %s°", angle) : "")
    set xlabel (is_delay ? "" : "distance from the axis (m)")
    set ylabel (angle eq "10" ? (is_delay ? "mean delay (ns)" : "standard deviation (ns)") : "")
    set key top left samplen 2 width -2
    plot for [i=1:3] row("tuned", angle, i) using 4:c with lines lw 2 lc rgb word(colours, i) title tuned(i), \
         for [i=1:3] row("published", angle, i) using 4:c with lines lw 1.5 dt 2 lc rgb word(colours, i) \
           title once(i, "published (dashed)"), \
         for [i=1:3] row("simulated", angle, i) using 4:c with points pt 7 ps 0.7 lc rgb word(colours, i) \
           title once(i, "simulated stations")
  }
}
unset multiplot
