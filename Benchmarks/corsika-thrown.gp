# Signals of thrown CORSIKA showers over the model. Usage:
#   gnuplot -e "values='figure.csv'; output='corsika-thrown.png'" Benchmarks/corsika-thrown.gp
set datafile separator ","
set terminal pngcairo size 900,560 font "sans,13"
set output output
set xlabel "distance from the axis [m]"
set ylabel "mean signal, thrown over model"
set xrange [600:1500]
set yrange [0.8:1.2]
set grid lc rgb "#dddddd"
set key top left horizontal
names = system("tail -n +2 ".values." | cut -d, -f1 | uniq | tr '\n' ' '")
ratio(n) = strcol(1) eq n ? column(3) : NaN
plot 1 with lines lc rgb "#888888" notitle, 0.95 with lines dt 2 lc rgb "#888888" notitle, \
  1.05 with lines dt 2 lc rgb "#888888" notitle, \
  for [k = 1:words(names)] values using ($2 + 6 * k - 18):(ratio(word(names, k))):4 every ::1 with yerrorbars \
    pt 4 + k lw 1.5 title word(names, k)
