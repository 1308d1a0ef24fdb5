#!/bin/bash
# Makes the tarball and the Debian package of the built program in dist/.
#
#   Packaging/make-dist.sh VERSION
#
# Both hold the same files: program, plug-ins, every library but those of glibc, tables, manual pages, completions, pages
# of Documentation, and the licences of it all. So they run on every Linux for x86-64 whose glibc is as new as that of the
# machine that built them, and give the same results there.
set -euo pipefail
cd "$(dirname "$0")/.."
version=$1
name=airshower-$version-linux-x86_64
stage=.build/dist/$name
export SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct 2>/dev/null || date +%s)}

mkdir -p dist
rm -rf .build/dist
Tools/stage.sh $stage all
# The newest version of glibc that a file asks for.
glibc=$(find $stage/bin $stage/lib -type f -exec objdump -T {} + | grep -oE '\(?GLIBC_[0-9.]+' | tr -d '(' | sort -uV |
  tail -n 1 | sed 's/GLIBC_//')
echo "glibc $glibc or newer; figures need gnuplot, compressed CORSIKA files zstd, xz or bzip2" \
  > $stage/share/doc/airshower/REQUIREMENTS
find $stage -exec touch -h -d "@$SOURCE_DATE_EPOCH" {} +
tar --sort=name --owner=0 --group=0 --numeric-owner -C .build/dist -cf - "$name" | gzip -9 -n > dist/$name.tar.gz.part
mv dist/$name.tar.gz.part dist/$name.tar.gz

package=.build/dist/deb
mkdir -p $package/DEBIAN
mv $stage $package/usr
documents=$package/usr/share/doc/airshower
mv $package/usr/share/zsh/site-functions $package/usr/share/zsh/vendor-completions
mv $documents/LICENSE $documents/copyright
mv $documents/CHANGELOG.md $documents/changelog
gzip -9 -n $documents/changelog
cat > $package/DEBIAN/control <<END
Package: airshower
Version: $version
Architecture: amd64
Section: science
Priority: optional
Maintainer: The airshower authors <airshower@localhost>
Installed-Size: $(du -sk $package/usr | cut -f1)
Depends: libc6 (>= $glibc)
Recommends: gnuplot-nox | gnuplot, zstd, xz-utils, bzip2
Suggests: openmpi-bin, bash-completion, man-db
Description: reconstruction of cosmic-ray air showers with residual networks
 Reconstructs ultra-high-energy cosmic rays from the waveforms of a surface
 detector array by a fit of lateral distribution and shower front. A neural
 network predicts the error of that fit and corrects it. A report shows by how
 much the errors became smaller.
 .
 The package brings its libraries with it, in /usr/lib/airshower: one package
 for every release with this glibc, and the same results on each.
END
(cd $package && find usr -type f -print0 | sort -z | xargs -0 md5sum) > $package/DEBIAN/md5sums
# Zstandard: all Debian releases from 12 on and Ubuntu from 22.04 on read it, in a tenth of the time that xz takes.
dpkg-deb --root-owner-group -Zzstd -z12 --build $package dist/airshower_"$version"_amd64.deb >/dev/null
ls -l dist/$name.tar.gz dist/airshower_"$version"_amd64.deb | awk '{ printf "%s: %.1f MB\n", $NF, $5 / 1e6 }'
