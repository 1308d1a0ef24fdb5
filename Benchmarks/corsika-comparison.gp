# Model over CORSIKA against the distance from the axis. Usage:
#   gnuplot -e "values='values.csv'; output='corsika.png'" Benchmarks/corsika-comparison.gp
set datafile separator ","
set terminal pngcairo size 1500,1350 font "sans,13"
set output output
set multiplot layout 3,3 margins 0.06,0.985,0.07,0.93 spacing 0.055,0.075 \
  title "The shower model beside 14 CORSIKA showers; bars: statistical errors of the thinned showers"
set logscale x
set xlabel "distance from the axis [m]" offset 0,0.7
set xrange [190:2100]
set xtics (200, 300, 500, 800, 1200, 2000)
set grid lc rgb "#dddddd"
set key top left horizontal samplen 1
primaries = "H He N Fe photon"
colour(k) = word("#d62728 #ff9d2e #2ca02c #1f3f9f #7b3fa0", k)
marker(k) = int(word("7 5 9 13 11", k))
ratio(q, k) = (strcol(4) eq q && strcol(2) eq word(primaries, k)) ? column(7) / column(5) : NaN
titles = "'muon density' 'photon density' 'electron density' 'total signal' 'muon t50' 'photon t10' 'photon t50' 'photon t90'"
set yrange [0.6:1.6]
set logscale y
set ytics (0.6, 0.7, 0.8, 0.9, 1.0, 1.1, 1.2, 1.4, 1.6)
do for [q = 1:8] {
  name = word(titles, q)
  set title name." (model/CORSIKA)" offset 0,-0.5
  if (q > 1) { unset key }
  plot 1 with lines lc rgb "#888888" notitle, \
    for [k = 1:5] values using 3:(ratio(name, k)):(ratio(name, k) * column(6)) with yerrorbars \
      pt marker(k) ps 0.8 lc rgb colour(k) title word(primaries, k)
}
unset logscale y
set yrange [-0.3:0.8]
set ytics 0.2
set key top left vertical
set title "early against late side (p 25, He 18 degrees)" offset 0,-0.5

side(q) = (strcol(4) eq q) ? column(5) : NaN
model(q) = (strcol(4) eq q) ? column(7) : NaN
names = "'em (E-L)/(E+L)' 'muon (E-L)/(E+L)'"
plot 0 with lines lc rgb "#888888" notitle, \
  for [k = 1:2] values using 3:(side(word(names, k))):6 with yerrorbars pt marker(k) ps 0.8 lc rgb colour(3 * k - 2) title word(names, k)." CORSIKA", \
  for [k = 1:2] values using 3:(model(word(names, k))) with points pt 6 ps 1.6 lc rgb colour(3 * k - 2) title word(names, k)." model"
unset multiplot
