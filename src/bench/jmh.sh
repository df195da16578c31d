#!/bin/sh
# Runs the benchmarks of single steps; arguments go to JMH, as in "src/bench/jmh.sh Identify -f 1". Without arguments it
# runs all of them. Run it on an idle machine.
set -eu
cd "$(dirname "$0")/../.."
mvn -q -B test-compile dependency:build-classpath -Dmdep.outputFile=target/bench.classpath
exec java -cp "target/test-classes:target/classes:$(cat target/bench.classpath)" org.openjdk.jmh.Main "$@"
